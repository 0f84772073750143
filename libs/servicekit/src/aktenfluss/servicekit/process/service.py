"""A service as the runner takes it: an app, what it listens to, its jobs and its schema."""

from dataclasses import dataclass, field

import procrastinate
from fastapi import FastAPI

from ..database.database import Database
from ..events.pulse import Pulse
from ..events.subscriptions import Subscriptions
from .measures import Measure


@dataclass(frozen=True, slots=True)
class Service:
    """What `service.build` of a service returns.

    `prefixes` are the URL paths it answers; `migrations` the package that ships its Alembic versions.
    """

    name: str
    app: FastAPI
    prefixes: tuple[str, ...]
    database: Database
    jobs: procrastinate.App
    migrations: str
    subscriptions: Subscriptions = field(default_factory=Subscriptions)
    pulse: Pulse = field(default_factory=Pulse)
    measures: tuple[Measure, ...] = ()
