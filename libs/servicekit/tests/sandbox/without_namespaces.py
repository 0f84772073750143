"""Starts a Python program whose kernel grants no namespaces, as the default profile of container engines has it."""

import ctypes
import os
import platform
import struct
import sys

UNSHARE = {"x86_64": 272, "aarch64": 97}[platform.machine()]
NUMBER_OF_CALL, ALLOW, REFUSE = 0, 0x7FFF0000, 0x00050001
FILTER = struct.pack(
    "=" + "HBBI" * 4,
    *(0x20, 0, 0, NUMBER_OF_CALL),  # load
    *(0x15, 0, 1, UNSHARE),  # equal? else skip one
    *(0x06, 0, 0, REFUSE),
    *(0x06, 0, 0, ALLOW),
)
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


libc = ctypes.CDLL(None)
assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
assert libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(Program(4, FILTER))) == 0
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
