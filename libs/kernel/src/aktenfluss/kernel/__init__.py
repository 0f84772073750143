"""Words that every part of Aktenfluss shares; standard library and pydantic only."""

from .clock import Clock, SystemClock
from .digest import DIGEST_PATTERN, Digest, digest_of
from .event import Event, EventData, topic_of
from .ids import new_id
from .principal import Principal, Role
from .problem import RETRYABLE, Kind, Problem
from .transaction import Transaction, UnitOfWork

__all__ = [
    "DIGEST_PATTERN",
    "RETRYABLE",
    "Clock",
    "Digest",
    "Event",
    "EventData",
    "Kind",
    "Principal",
    "Problem",
    "Role",
    "SystemClock",
    "Transaction",
    "UnitOfWork",
    "digest_of",
    "new_id",
    "topic_of",
]
