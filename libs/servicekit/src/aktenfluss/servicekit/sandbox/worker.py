"""One child process and the socket to it."""

import asyncio
import base64
import json
import signal
import socket
import sys
import weakref
from contextlib import ExitStack
from subprocess import DEVNULL, Popen, TimeoutExpired
from typing import Any

from . import child
from .errors import KillReason, SandboxBrokenError, SandboxKilledError, SandboxRefusedError

_START_SECONDS = 60.0
_END_SECONDS = 1.0
"""How long a child that hung up may take to be gone."""


class Worker:
    """A running child: one call at a time; unusable after the first error other than a refusal.

    The child ends with this object at the latest, and with this process however that ends.
    """

    def __init__(self, process: Popen[bytes], channel: socket.socket, result_bytes: int) -> None:
        self._process = process
        self._channel = channel
        self._result_bytes = result_bytes
        self._end = weakref.finalize(self, end, process, channel)
        self.calls = 0
        self.network_isolated = False

    @classmethod
    async def start(cls, settings: dict[str, Any], result_bytes: int) -> "Worker":
        """Start a child and wait until it has its modules loaded and its limits set; SandboxBrokenError where it fails."""
        try:
            process, channel = launch(settings)
        except OSError as error:
            raise SandboxBrokenError(f"a child did not start: {error}") from error
        worker = cls(process, channel, result_bytes)
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

    @property
    def alive(self) -> bool:
        """Whether the child runs; one that waits may be killed meanwhile by a machine short of memory."""
        return self._process.poll() is None

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
        try:
            await asyncio.get_running_loop().sock_sendall(self._channel, child.encode(message))
        except ConnectionError:
            return  # the child is gone: reading its answer tells why

    async def _receive(self) -> dict[str, Any]:
        try:
            size = int.from_bytes(await self._read(child.HEADER_BYTES))
            if size > self._result_bytes:
                raise SandboxKilledError(KillReason.MEMORY, f"an answer above {self._result_bytes} bytes")
            answer = child.decode(await self._read(size))
        except (EOFError, ConnectionError) as error:
            raise await self._reason() from error
        except (ValueError, RecursionError) as error:
            raise SandboxKilledError(KillReason.CRASH, "an answer out of form") from error
        if not isinstance(answer, dict):
            raise SandboxKilledError(KillReason.CRASH, "an answer out of form")
        return answer

    async def _read(self, size: int) -> bytes:
        loop = asyncio.get_running_loop()
        received, done = bytearray(size), 0
        view = memoryview(received)
        while done < size:
            count = await loop.sock_recv_into(self._channel, view[done:])
            if not count:
                raise EOFError
            done += count
        return bytes(received)

    async def _reason(self) -> SandboxKilledError:
        """Tell why the child hung up."""
        try:
            return_code = await asyncio.to_thread(self._process.wait, _END_SECONDS)
        except TimeoutExpired:
            return SandboxKilledError(KillReason.CRASH, "it hung up and went on")
        return reason_of(return_code)

    async def kill(self) -> None:
        """End the child at once and wait for its end; harmless where it has ended already."""
        self._process.kill()
        await asyncio.to_thread(self._process.wait)
        self._end()


def launch(settings: dict[str, Any]) -> tuple[Popen[bytes], socket.socket]:
    """Start a child with our end of a socket that is its standard input and output."""
    argument = base64.b64encode(json.dumps(settings).encode()).decode()
    ours, theirs = socket.socketpair()
    ours.settimeout(0)
    with theirs, ExitStack() as failing:
        failing.enter_context(ours)
        process = Popen(  # noqa: S603 - our own program with our own settings
            # -I: neither the environment nor the working folder decide what a child imports.
            [sys.executable, "-I", str(child.__file__), argument],
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            stderr=DEVNULL,
            # Nothing of our environment (it may hold secrets), nor of our terminal's Ctrl-C, reaches the child.
            env={"LANG": "C.UTF-8", "OMP_THREAD_LIMIT": "1"},
            start_new_session=True,
        )
        failing.pop_all()
    return process, ours


def end(process: Popen[bytes], channel: socket.socket) -> None:
    """Hang up and see the child off."""
    channel.close()
    process.kill()
    process.wait()


def reason_of(return_code: int) -> SandboxKilledError:
    """Return what the end of a child means."""
    if return_code >= 0:
        return SandboxKilledError(KillReason.CRASH, f"exit code {return_code}")
    name = signal.Signals(-return_code).name
    # We send SIGKILL only after an answer was given up: here it was the kernel's out-of-memory killer.
    reasons = {"SIGXCPU": KillReason.CPU, "SIGKILL": KillReason.MEMORY}
    return SandboxKilledError(reasons.get(name, KillReason.CRASH), name)
