"""One child process and the pipes to it."""

import asyncio
import base64
import contextlib
import json
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from typing import Any

from . import child
from .errors import KillReason, SandboxBrokenError, SandboxKilledError, SandboxRefusedError

_START_SECONDS = 60.0
_PIPE_BUFFER_BYTES = 1 << 20


class Worker:
    """A running child: one call at a time; unusable after the first error other than a refusal."""

    def __init__(self, process: Process, result_bytes: int) -> None:
        self._process = process
        self._result_bytes = result_bytes
        self.calls = 0
        self.network_isolated = False

    @classmethod
    async def start(cls, settings: dict[str, Any], result_bytes: int) -> "Worker":
        """Start a child and wait until it has its modules loaded and its limits set."""
        argument = base64.b64encode(json.dumps(settings).encode())
        process = await asyncio.create_subprocess_exec(
            # -I: neither the environment nor the working folder decide what a child imports.
            *(sys.executable, "-I", child.__file__, argument),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            limit=_PIPE_BUFFER_BYTES,
            # Nothing of our environment (it may hold secrets), nor of our terminal's Ctrl-C, reaches the child.
            env={"LANG": "C.UTF-8", "OMP_THREAD_LIMIT": "1"},
            start_new_session=True,
        )
        worker = cls(process, result_bytes)
        try:
            await worker._greet()
        except BaseException:
            await worker.kill()
            raise
        return worker

    async def _greet(self) -> None:
        try:
            async with asyncio.timeout(_START_SECONDS):
                greeting = await self._receive()
        except (TimeoutError, SandboxKilledError) as error:
            raise SandboxBrokenError(f"a child did not start: {error}") from error
        if "broken" in greeting:
            raise SandboxBrokenError(greeting["broken"])
        self.network_isolated = greeting["network_isolated"]

    async def call(self, name: str, arguments: tuple[Any, ...], wall_seconds: float) -> Any:
        """Run one function in the child and return its result."""
        self.calls += 1
        try:
            async with asyncio.timeout(wall_seconds):
                await self._send([name, arguments])
                answer = await self._receive()
        except TimeoutError as error:
            raise SandboxKilledError(KillReason.TIME, f"no answer within {wall_seconds:g} s") from error
        if "rule" in answer:
            raise SandboxRefusedError(answer["rule"], answer["detail"])
        if "killed" in answer:
            raise SandboxKilledError(KillReason(answer["killed"]), answer["detail"])
        return answer["result"]

    async def _send(self, message: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(child.encode(message))
        try:
            await self._process.stdin.drain()
        except ConnectionError:
            return  # the child is gone: reading its answer tells why

    async def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        try:
            header = await self._process.stdout.readexactly(child.HEADER_BYTES)
            size = int.from_bytes(header)
            if size > self._result_bytes:
                raise SandboxKilledError(KillReason.MEMORY, f"an answer above {self._result_bytes} bytes")
            answer = child.decode(await self._process.stdout.readexactly(size))
        except asyncio.IncompleteReadError as error:
            raise _reason_of(await self._process.wait()) from error
        except (ValueError, RecursionError) as error:
            raise SandboxKilledError(KillReason.CRASH, "an answer out of form") from error
        if not isinstance(answer, dict):
            raise SandboxKilledError(KillReason.CRASH, "an answer out of form")
        return answer

    async def kill(self) -> None:
        """End the child at once and wait for its end; harmless where it has ended already."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()
        assert self._process.stdin is not None
        self._process.stdin.close()


def _reason_of(return_code: int) -> SandboxKilledError:
    if return_code >= 0:
        return SandboxKilledError(KillReason.CRASH, f"exit code {return_code}")
    name = signal.Signals(-return_code).name
    # We send SIGKILL only after an answer was given up: here it was the kernel's out-of-memory killer.
    reasons = {"SIGXCPU": KillReason.CPU, "SIGKILL": KillReason.MEMORY}
    return SandboxKilledError(reasons.get(name, KillReason.CRASH), name)
