"""Events in: every event of every service becomes a record."""

from collections.abc import Collection

from aktenfluss.servicekit import EVERY_TYPE, Subscriptions

from ..use_cases.append_record import AppendRecord


def subscriptions(services: Collection[str], append_record: AppendRecord) -> Subscriptions:
    return Subscriptions(services=frozenset(services), handlers={EVERY_TYPE: append_record})
