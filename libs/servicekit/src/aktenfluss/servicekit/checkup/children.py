"""Checks whether the child processes start in which foreign files are opened, and whether they are off the network."""

from ..sandbox import Sandbox, SandboxBrokenError
from .finding import Finding, failure, fine, warning

NAME = "child processes"
WAY_OUT = (
    "Let the kernel grant namespaces to this user (user.max_user_namespaces, seccomp, AppArmor), "
    "or keep the services off every network that they do not need."
)


async def children() -> Finding:
    """Start a child of this process; those of the services may be granted other things."""
    try:
        isolated = await Sandbox("json").isolates()
    except SandboxBrokenError as exc:
        return failure(NAME, str(exc), "Let this process start others: no PDF is inspected or shown meanwhile.")
    return fine(NAME, "without a network") if isolated else warning(NAME, "they keep the network", WAY_OUT)
