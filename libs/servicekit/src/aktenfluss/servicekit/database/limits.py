"""How much of a database a service takes, and how long it waits for it."""

from dataclasses import dataclass

from ..settings import ServiceSettings

ANSWER_SECONDS = 5.0
"""What a statement that the server ended may take longer until its answer is here; then the server counts as gone."""

PRESENCE = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "25000",
}
"""By these a server learns within half a minute that a machine is gone without a word, and frees what its sessions held.

Left to itself it asks after two hours: so long nobody else would publish the events of a relay that had its locks there.
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one service's pool; all times in seconds."""

    pool_size: int = 8
    connect: float = 5.0
    statement: float = 30.0
    lock: float = 10.0
    idle_transaction: float = 60.0

    @classmethod
    def of(cls, settings: ServiceSettings) -> "Limits":
        """Return the limits that the settings name."""
        return cls(
            pool_size=settings.database_pool_size,
            connect=settings.database_connect_seconds,
            statement=settings.database_statement_seconds,
            lock=settings.database_lock_seconds,
            idle_transaction=settings.database_idle_transaction_seconds,
        )

    @property
    def command(self) -> float:
        """How long the driver waits for the answer to a statement."""
        return self.statement + ANSWER_SECONDS

    @property
    def session(self) -> dict[str, str]:
        """What a session tells the server, which keeps to it also where the process is gone."""
        return {
            "statement_timeout": milliseconds(self.statement),
            "lock_timeout": milliseconds(self.lock),
            "idle_in_transaction_session_timeout": milliseconds(self.idle_transaction),
            **PRESENCE,
        }


def milliseconds(seconds: float) -> str:
    """Return the time as the server wants it."""
    return f"{round(seconds * 1000)}ms"
