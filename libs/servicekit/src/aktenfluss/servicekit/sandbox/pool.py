"""The pool of supervised children."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import structlog

from .errors import KillReason, SandboxKilledError, SandboxRefusedError
from .worker import Worker

log = structlog.get_logger("sandbox")

_MEBIBYTE = 1 << 20


class Sandbox:
    """Runs functions of the named modules in child processes, `workers` calls at a time; further calls wait.

    What a call can do is limited: address space, CPU seconds, wall seconds, bytes per file written (0: none at all),
    bytes of its answer, 64 open files, no core dump. A child that exceeds a limit, crashes or hangs loses
    exactly the call it was at and is replaced; each child is replaced after `recycle_after` calls anyway.
    Such a call, unless it used up its CPU seconds, is tried once more in a fresh child before the caller hears of it:
    a machine short of memory or a slow disk looks the same from here. So a function may run twice.

    Network: where the kernel grants a network namespace (as root, or through user namespaces) there is none, not
    even loopback, whatever the code in the child does; `network_isolated` tells, and the log does where it is not
    so. Everywhere, Python code in a child cannot open a socket or start a program, and a child inherits neither open
    files nor the environment.
    Not guaranteed: the child reads whatever files its user may read. Bytes and paths are arguments; a function
    opens a path itself, read only.

    Keep the modules light (they and all they import live in every child) and raise exceptions with the attributes
    `rule` and `detail` to refuse a file.
    """

    def __init__(
        self,
        functions: str | Sequence[str],
        *,
        workers: int = 2,
        memory_bytes: int = 1024 * _MEBIBYTE,
        cpu_seconds: int = 20,
        wall_seconds: float = 30.0,
        file_size: int = 0,
        result_bytes: int = 64 * _MEBIBYTE,
        recycle_after: int = 500,
        search: Sequence[Path] = (),
    ) -> None:
        """Start nothing yet: children start with the first calls. `search` adds folders to their import path."""
        self._settings = {
            "modules": [functions] if isinstance(functions, str) else list(functions),
            "search": [str(path) for path in search],
            "cpu_seconds": cpu_seconds,
            "limits": {"AS": memory_bytes, "FSIZE": file_size, "NOFILE": 64, "CORE": 0},
        }
        self._wall_seconds = wall_seconds
        self._result_bytes = result_bytes
        self._recycle_after = recycle_after
        self._slots = asyncio.Semaphore(workers)
        self._idle: list[Worker] = []
        self.network_isolated: bool | None = None

    async def call(self, function: str, *arguments: Any) -> Any:
        """Run `module:function` in a child; arguments and result are JSON values and bytes.

        Raises SandboxRefusedError, SandboxKilledError, or SandboxBrokenError where no child starts.
        """
        async with self._slots:
            try:
                return await self._run(await self._take(), function, arguments)
            except SandboxKilledError as killed:
                if killed.reason is KillReason.CPU:
                    raise
                log.warning("call tried again", reason=killed.reason)
            return await self._run(await self._start(), function, arguments)

    async def isolates(self) -> bool:
        """Start a child and end it; return whether it was without a network.

        Raises SandboxBrokenError.
        """
        worker = await Worker.start(self._settings, self._result_bytes)
        await worker.kill()
        return worker.network_isolated

    async def _run(self, worker: Worker, function: str, arguments: tuple[Any, ...]) -> Any:
        try:
            result = await worker.call(function, arguments, self._wall_seconds)
        except SandboxRefusedError:
            await self._give_back(worker)
            raise
        except BaseException:
            # Cancellation too: the child is busy with a call that nobody waits for.
            await worker.kill()
            raise
        await self._give_back(worker)
        return result

    async def _take(self) -> Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.alive:
                return worker
            await worker.kill()
        return await self._start()

    async def _start(self) -> Worker:
        worker = await Worker.start(self._settings, self._result_bytes)
        if self.network_isolated is None and not worker.network_isolated:
            log.warning("children keep the network")
        self.network_isolated = worker.network_isolated
        return worker

    async def _give_back(self, worker: Worker) -> None:
        if worker.calls >= self._recycle_after:
            await worker.kill()
        else:
            self._idle.append(worker)

    async def aclose(self) -> None:
        """End the idle children; a busy one ends with its call."""
        self._recycle_after = 0
        while self._idle:
            await self._idle.pop().kill()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
