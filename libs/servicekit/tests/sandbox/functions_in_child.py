"""What the tests run in a child: well-behaved and hostile functions."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path


class RefusedError(Exception):
    def __init__(self, rule, detail):
        super().__init__(rule, detail)
        self.rule, self.detail = rule, detail


def echo(*values):
    return list(values)


def pid():
    return os.getpid()


def modules():
    return sorted(sys.modules)


def environment():
    return Path("/proc/self/environ").read_text().split("\0")


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def speak():
    sys.stdout.write("not the protocol")
    sys.stdout.flush()


def refuse():
    raise RefusedError("no-bombs", "page 3 is a bomb")


def fail():
    raise KeyError("a name out of the file")


def eat_memory():
    return len(bytearray(4 << 30))


def spin():
    while True:
        pass


def hang():
    time.sleep(600)


def fail_once(folder, function, *arguments):
    """Fail by another function where no call was here before."""
    if count(folder) == 1:
        globals()[function](*arguments)
    return "done"


def fail_always(folder, function):
    count(folder)
    globals()[function]()


def count(folder):
    """Return the how many-th call this is; a child may make folders, not write files."""
    calls = len(list(Path(folder).iterdir())) + 1
    (Path(folder) / str(calls)).mkdir()
    return calls


def die(number=signal.SIGSEGV):
    os.kill(os.getpid(), number)


def leave():
    os._exit(3)


def write_file(path):
    Path(path).write_bytes(b"x" * 100)


def connect(port):
    socket.create_connection(("127.0.0.1", port), timeout=2)


def start_program():
    subprocess.run(["true"], check=True)


def routes():
    return Path("/proc/self/net/route").read_text().splitlines()[1:]


def much(size):
    return b"x" * size


def out_of_form():
    os.write(4, b"\0\0\0\0\0\0\0\7\0\0\0\3{{{")


def a_list():
    os.write(4, b"\0\0\0\0\0\0\0\6\0\0\0\2[]")


def not_json():
    return object()


def hang_up():
    os.close(3)
    os.close(4)
    hang()
