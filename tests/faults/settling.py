"""Waits until the product has done everything that it owes: told, applied, checked."""

import math
import time
from typing import NamedTuple
from uuid import UUID

import psycopg

from .invariants import CONSUMED, LEDGER, SERVICES, Books
from .shape import Shape

POLL_SECONDS = 0.3
RETRY = "UPDATE parked_event SET retry_requested = true"
WAITING = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
JOBS = "SELECT count(*) FROM procrastinate_jobs WHERE status <> 'succeeded' AND task_name <> 'seal_audit_records'"


class Owed(NamedTuple):
    """How many events and jobs are not done yet."""

    parked: int
    jobs: int
    unpublished: int
    unapplied: int
    """Asked for where there is nothing else any more: it takes reading all events."""


def settle(shape: Shape, patience_seconds: float, still_seconds: float = math.inf) -> bool:
    """Return whether nothing is owed any more; parked events are retried as an operator would have it done.

    It gives up early where nothing at all came of what is owed for `still_seconds`. A job may take longer: it waits for up
    to a minute before it is tried again.
    """
    since = time.monotonic()
    deadline = since + patience_seconds
    before = None
    while (owed := owed_by(shape)) is None or any(owed):
        if owed is None or owed.parked or owed.jobs or owed != before:
            before, since = owed, time.monotonic()
        if time.monotonic() > min(deadline, since + still_seconds):
            return False
        time.sleep(POLL_SECONDS)
    return True


def owed_by(shape: Shape) -> Owed | None:
    """Return what is owed; None where a database does not answer."""
    try:
        parked = sum(retry_parked(shape, service) for service in SERVICES)
        books = Books(shape)
        jobs, unpublished = (sum(books.value(service, query) for service in SERVICES) for query in (JOBS, WAITING))
        return Owed(parked, jobs, unpublished, 0 if parked or jobs or unpublished else unapplied(books))
    except psycopg.OperationalError:
        return None


def retry_parked(shape: Shape, service: str) -> int:
    """Ask for another try of what is parked; return how many events that are."""
    with psycopg.connect(shape.database_url(service)) as connection:
        return connection.execute(RETRY).rowcount


def unapplied(books: Books) -> int:
    """Return how many times a consumer has not applied an event yet."""
    types: dict[UUID, str] = {row["id"]: row["type"] for service in SERVICES for row in books.events(service)}
    left = 0
    for consumer, consumes in CONSUMED.items():
        applied = {row["id"] for row in books.rows(consumer, LEDGER)}
        left += sum(consumes(type_) and id_ not in applied for id_, type_ in types.items())
    return left
