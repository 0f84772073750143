"""How a call into a child process ends when it does not end with a result."""

from enum import StrEnum


class KillReason(StrEnum):
    """Why a call was lost with its child."""

    MEMORY = "memory"
    CPU = "cpu"
    TIME = "time"
    CRASH = "crash"


class SandboxKilledError(Exception):
    """The child died or was killed during this call; only this call is lost.

    Not a Problem: only the caller knows what the file meant. `detail` names a signal or an exception type, never
    anything out of the file.
    """

    def __init__(self, reason: KillReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class SandboxRefusedError(Exception):
    """The function refused the file by an exception of its own that has the attributes `rule` and `detail`."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(f"{rule}: {detail}")
        self.rule = rule
        self.detail = detail


class SandboxBrokenError(Exception):
    """No child could be started: the installation is wrong, or its machine has nothing left to give; not the file."""
