"""Whether the servers have connections for everybody, by what the databases on them told."""

from datetime import UTC, datetime

import pytest

from aktenfluss.servicekit import Outcome, ServiceSettings
from aktenfluss.servicekit.checkup.connections import connections
from aktenfluss.servicekit.checkup.database import Seen
from aktenfluss.servicekit.process.jobs import open_jobs

OK, WARNING, FAILURE = Outcome
SERVICES = ("audit", "cases", "documents", "scans")
FIRST, SECOND = (datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2))
URL = "postgresql://{service}@database/{service}"


def seen(*names: str, server: datetime | None = FIRST, most: int = 100, used: int = 5) -> list[Seen]:
    return [Seen(name, [], server, server, most, used) for name in names]


def taken(databases: list[Seen], **settings: object) -> dict[str, int]:
    """Return how many connections are said to be taken, by the name of the check."""
    told = connections(databases, ServiceSettings(**settings))
    return {finding.name: int(finding.seen.rsplit(maxsplit=1)[-1]) for finding in told}


@pytest.mark.parametrize(("most", "used", "outcome"), [(100, 5, OK), (100, 90, WARNING), (59, 5, FAILURE)])
def test_they_are_enough_for_one_process_of_each_service(most, used, outcome):
    [finding] = connections(seen(*SERVICES, most=most, used=used), ServiceSettings(database_url=URL))
    assert (finding.outcome, finding.seen) == (
        outcome, f"{used} of {most} in use, one process of each service takes up to 60",
    )  # fmt: skip


def test_every_process_has_a_pool_for_the_bus_and_one_for_all_services_has_one():
    databases = seen(*SERVICES, "bus")
    assert taken(databases, database_url=URL) == {"connections": 4 * 15 + 4 * 8}
    assert taken(databases) == {"connections": 4 * 15 + 8}


def test_the_name_of_a_process_is_held_by_a_connection():
    assert taken(seen(*SERVICES), database_url=URL, instance="one") == {"connections": 4 * 16}


def test_each_server_is_counted_by_itself():
    databases = [*seen("audit", "cases"), *seen("documents", server=SECOND, most=10)]
    told = connections(databases, ServiceSettings(database_url=URL))
    assert {finding.name: finding.outcome for finding in told} == {
        "connections audit, cases": OK,
        "connections documents": FAILURE,
    }


def test_a_server_that_did_not_answer_is_left_to_its_own_check():
    assert connections(seen("cases", server=None), ServiceSettings(database_url=URL)) == []


def test_jobs_come_with_the_connections_that_are_counted():
    assert open_jobs("postgresql://app@database/cases").connector._pool_args["max_size"] == 6
