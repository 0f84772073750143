"""The port to the event bus: durable, ordered per key, read in consumer groups."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from aktenfluss.kernel import Event


@dataclass(frozen=True, slots=True)
class Batch:
    """Events of one partition in their order; `next_position` is where reading goes on once they are applied."""

    topic: str
    partition: int
    events: Sequence[Event]
    next_position: int


class Consumer(Protocol):
    """Reads the topics of some services as one consumer group, each event at least once."""

    async def poll(self, limit: int, wait_seconds: float) -> list[Batch]:
        """Return at most `limit` events per partition that are not committed; wait `wait_seconds` for one.

        Raises ServiceUnavailableError where the bus does not answer.
        """
        ...

    def holds(self, batch: Batch, /) -> bool:
        """Return whether `batch`, of the last poll, is still this consumer's: else another one works on it.

        To apply it all the same would do no harm, but twice the work.
        """
        ...

    async def commit(self, *batches: Batch) -> None:
        """Note that the batches are applied: a new consumer of the group goes on behind them.

        Batches that are not held any more are passed over. Raises ServiceUnavailableError where the bus does not answer.
        """
        ...

    async def lag(self) -> Mapping[str, int]:
        """Return for each topic how many events wait behind what was handed out.

        Raises ServiceUnavailableError where the bus does not answer, or has stopped handing out what waits.
        """
        ...

    async def close(self) -> None:
        """Give the partitions back."""
        ...


class EventBus(Protocol):
    """Takes events and keeps them."""

    async def publish(self, events: Sequence[Event]) -> set[UUID]:
        """Return the ids of the events that are durable now: for each key a prefix of what was handed in.

        Raises ServiceUnavailableError where none is.
        """
        ...

    async def consumer(self, group: str, services: Collection[str]) -> Consumer:
        """Join `group` and read what `services` publish, from the beginning where the group is new."""
        ...

    async def expire(self, days: int) -> None:
        """Drop what is older than `days` and applied by every group; where the bus does so by itself, do nothing.

        Raises ServiceUnavailableError where the bus does not answer.
        """
        ...

    async def close(self) -> None:
        """End the connections."""
        ...
