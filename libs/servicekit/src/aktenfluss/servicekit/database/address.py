"""Where a service's database is, and as whom to enter it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """`owner_dsn` is for migrations; the service itself uses `app_dsn`, whose role owns nothing."""

    owner_dsn: str
    app_dsn: str
    app_role: str
