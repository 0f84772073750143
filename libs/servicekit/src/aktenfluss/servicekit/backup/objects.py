"""Copies objects from one store to another; what is there already is not copied again, for objects never change."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from ..objects.object_store import ObjectNotFoundError, ObjectStore

BATCH = 256
AT_A_TIME = 8

type Admits = Callable[[Sequence[str]], Awaitable[set[str]]]
"""Says which of some keys are to be copied."""


@dataclass
class Copied:
    """How many objects were looked at, and of these copied."""

    seen: int = 0
    copied: int = 0


async def copy_objects(
    source: ObjectStore, target: ObjectStore, *, of: str = "", to: str = "", admits: Admits | None = None
) -> Copied:
    """Copy the objects whose keys begin with `of` to keys that begin with `to` instead."""
    copied = Copied()
    free = asyncio.Semaphore(AT_A_TIME)

    async def copy(key: str) -> None:
        async with free:
            is_new = await copy_object(source, key, target, to + key.removeprefix(of))
        # Not in one line with the wait: the others would be forgotten that are counted meanwhile.
        copied.copied += is_new

    async for keys in batches(source.list(of)):
        names = {key: key.removeprefix(of) for key in keys}
        admitted = set(names.values()) if admits is None else await admits([*names.values()])
        async with asyncio.TaskGroup() as group:
            for key in keys:
                if names[key] in admitted:
                    group.create_task(copy(key))
        copied.seen += len(keys)
    return copied


async def copy_object(source: ObjectStore, key: str, target: ObjectStore, name: str) -> bool:
    """Copy one object unless the target has it; one that was deleted since it was listed is passed over."""
    if await target.size(name) is not None:
        return False
    try:
        await target.write(name, source.read(key))
    except ObjectNotFoundError:
        return False
    return True


async def batches(keys: AsyncIterator[str]) -> AsyncIterator[list[str]]:
    """Yield the keys in lists of at most BATCH."""
    batch: list[str] = []
    async for key in keys:
        batch.append(key)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
