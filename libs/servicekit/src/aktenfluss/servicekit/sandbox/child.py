"""The program of a child process: it confines itself, then answers calls until its input ends.

It runs as a script and needs the standard library only, so that a child neither loads nor holds the service it works
for. The parent imports the codec from here and never unpickles what a child says.
"""

import base64
import importlib
import json
import math
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

HEADER_BYTES = 8
_BYTES = "$bytes"
_DENIED_EVENTS = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system")
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38

type Functions = Mapping[str, Callable[..., Any]]


def encode(message: Any) -> bytes:
    """Return the frame of a message: its length, the length of its JSON, the JSON, then all bytes objects in it."""
    blobs: list[bytes] = []

    def set_aside(value: Any) -> dict[str, list[int]]:
        if not isinstance(value, bytes | bytearray | memoryview):
            raise TypeError(f"{type(value).__name__} does not travel to or from a child")
        start = sum(map(len, blobs))
        blobs.append(bytes(value))
        return {_BYTES: [start, len(blobs[-1])]}

    text = json.dumps(message, default=set_aside).encode()
    size = 4 + len(text) + sum(map(len, blobs))
    return b"".join((size.to_bytes(HEADER_BYTES), len(text).to_bytes(4), text, *blobs))


def decode(body: bytes) -> Any:
    """Return the message of a frame without its header.

    Raises ValueError or RecursionError for whatever `encode` does not write.
    """
    text_end = 4 + int.from_bytes(body[:4])

    def put_back(value: dict[str, Any]) -> Any:
        if value.keys() != {_BYTES}:
            return value
        match value[_BYTES]:
            case [int(start), int(length)]:
                return body[text_end + start : text_end + start + length]
        raise ValueError("not a place of bytes")

    return json.loads(body[4:text_end], object_hook=put_back)


def serve(calls: BinaryIO, answers: BinaryIO, functions: Functions, cpu_seconds: int) -> None:
    """Answer calls one after the other; return after the first answer that leaves the process in doubt."""
    while header := calls.read(HEADER_BYTES):
        name, arguments = decode(calls.read(int.from_bytes(header)))
        _limit_cpu(cpu_seconds)
        answer = _answer(functions, name, arguments)
        answers.write(encode(answer))
        answers.flush()
        if "killed" in answer:
            return


def _answer(functions: Functions, name: str, arguments: list[Any]) -> dict[str, Any]:
    try:
        return {"result": functions[name](*arguments)}
    except MemoryError:
        return {"killed": "memory", "detail": "MemoryError"}
    except Exception as error:  # noqa: BLE001 - whatever a parser raises ends this call, and only this call
        rule, detail = getattr(error, "rule", None), getattr(error, "detail", None)
        if isinstance(rule, str) and isinstance(detail, str):
            return {"rule": rule, "detail": detail}
        return {"killed": "crash", "detail": type(error).__name__}


def _limit_cpu(seconds: int) -> None:
    # The limit counts from the start of the process: each call moves it on by its own share.
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = math.ceil(usage.ru_utime + usage.ru_stime)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds, resource.RLIM_INFINITY))


def load(modules: list[str]) -> dict[str, Callable[..., Any]]:
    """Import the modules and return the public functions that each of them defines, as `module:function`."""
    loaded = [importlib.import_module(module) for module in modules]
    return {
        f"{module.__name__}:{name}": value
        for module in loaded
        for name, value in vars(module).items()
        if callable(value) and not name.startswith("_") and value.__module__ == module.__name__
    }


def main() -> None:  # pragma: no cover - runs in the child process
    """Serve the pipes of the parent; the one argument is the JSON of the settings."""
    _heed_the_parent_alone()
    settings = json.loads(base64.b64decode(sys.argv[1]))
    calls = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    # A library that prints must not speak into the protocol.
    quiet = os.open(os.devnull, os.O_RDWR)
    os.dup2(quiet, 0)
    os.dup2(quiet, 1)
    sys.path[:0] = settings["search"]
    try:
        functions = load(settings["modules"])
    except ImportError as error:
        answers.write(encode({"broken": str(error)}))
        answers.flush()
        return
    answers.write(encode({"network_isolated": _confine(settings["limits"])}))
    answers.flush()
    serve(calls, answers, functions, settings["cpu_seconds"])


def _heed_the_parent_alone() -> None:  # pragma: no cover - runs in the child process
    # A request to end may reach all processes of a unit or a terminal: the parent still waits for what we are at.
    for request in (signal.SIGTERM, signal.SIGINT):
        signal.signal(request, signal.SIG_IGN)


def _confine(limits: dict[str, int]) -> bool:  # pragma: no cover - runs in the child process
    _set_process_flags()
    network_isolated = _leave_network()
    for name, limit in limits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (limit, limit))
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    sys.addaudithook(_deny)
    return network_isolated


def _set_process_flags() -> None:  # pragma: no cover - runs in the child process
    import ctypes  # noqa: PLC0415 - needed once; later imports of it are nobody's business here

    libc = ctypes.CDLL(None)
    # A killed parent takes its children along; no program started by accident gains rights.
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _leave_network() -> bool:  # pragma: no cover - runs in the child process
    """Move into an empty network namespace, by privilege or through a user namespace; tell whether it worked."""
    for flags in (os.CLONE_NEWNET, os.CLONE_NEWUSER | os.CLONE_NEWNET):
        try:
            os.unshare(flags)
        except OSError:
            continue
        return True
    return False


def _deny(event: str, _arguments: tuple[Any, ...]) -> None:  # pragma: no cover - runs in the child process
    if event.startswith(_DENIED_EVENTS):
        raise PermissionError(f"{event} is not allowed in a child")


if __name__ == "__main__":  # pragma: no cover - runs in the child process
    main()
