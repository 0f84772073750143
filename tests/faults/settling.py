"""Waits until the product has done everything that it owes: told, applied, checked."""

import time
from uuid import UUID

import psycopg

from .invariants import CONSUMED, LEDGER, SERVICES, Books
from .shape import Shape

POLL_SECONDS = 0.3
RETRY = "UPDATE parked_event SET retry_requested = true"
JOBS = "SELECT count(*) FROM procrastinate_jobs WHERE status <> 'succeeded' AND task_name <> 'seal_audit_records'"


def settle(shape: Shape, patience_seconds: float) -> bool:
    """Return whether nothing is owed any more; parked events are retried as an operator would have it done."""
    deadline = time.monotonic() + patience_seconds
    while not is_settled(shape):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def is_settled(shape: Shape) -> bool:
    try:
        retried = [retry_parked(shape, service) for service in SERVICES]
        return not any(retried) and not owed(Books(shape))
    except psycopg.OperationalError:
        return False


def retry_parked(shape: Shape, service: str) -> int:
    """Ask for another try of what is parked; return how many events that are."""
    with psycopg.connect(shape.database_url(service)) as connection:
        return connection.execute(RETRY).rowcount


def owed(books: Books) -> bool:
    """Return whether an event is not published or not applied, or a job not done."""
    for service in SERVICES:
        if books.value(service, "SELECT count(*) FROM outbox WHERE published_at IS NULL"):
            return True
        if books.value(service, JOBS):
            return True
    types: dict[UUID, str] = {row["id"]: row["type"] for service in SERVICES for row in books.events(service)}
    for consumer, consumes in CONSUMED.items():
        applied = {row["id"] for row in books.rows(consumer, LEDGER)}
        if any(consumes(type_) and id_ not in applied for id_, type_ in types.items()):
            return True
    return False
