"""Child processes in which untrusted files are parsed: one bad file costs one call, nothing else."""

from .errors import KillReason, SandboxBrokenError, SandboxKilledError, SandboxRefusedError
from .pool import Sandbox

__all__ = ["KillReason", "Sandbox", "SandboxBrokenError", "SandboxKilledError", "SandboxRefusedError"]
