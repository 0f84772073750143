"""Who may do what: every route with every caller, in the own and in a foreign authority, against a committed table.

`access_matrix.csv` has a row per route: who is let in, and what the same caller of another authority gets for the
records of this one: `404`, `nothing` (an answer without a record), `refused` (a record is named that does not exist
there), `own` (a record of its own comes into being) or `public`.
"""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from aktenfluss.kernel import Principal, Role
from aktenfluss.servicekit import GuardedRoute, routes_without_policy

from .everybody import FOREIGN, OWN
from .main_job import FILE_NUMBER, STOCK_LINE, Job

TABLE = Path(__file__).with_name("access_matrix.csv")
NOBODY, BEARER = "no token", "grant"
PUBLIC = "public"


@dataclass(frozen=True)
class Row:
    """A route of the table."""

    service: str
    method: str
    path: str
    admitted: frozenset[str]
    foreign: str

    def __str__(self):
        return f"{self.method} {self.path} of {self.service}"

    @property
    def roles(self):
        return [role for role in Role if role in self.admitted]


def read_table():
    with TABLE.open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter=";"):
            admitted = frozenset(caller for caller in (NOBODY, *Role, BEARER) if row[caller] == "yes")
            yield Row(row["app"], row["method"], row["path"], admitted, row["foreign"])


ROWS = list(read_table())


def request_of(row: Row, job: Job) -> tuple[str, dict[str, Any]]:
    """Return path and options of a request that names the records of the job."""
    documents = {"documents": [{"content": job.digest, "media_type": "application/pdf", "page_count": 2}]}
    bodies: dict[str, dict[str, Any]] = {
        "GET /v1/audit-records": {"params": {"key": job.case_file_id}},
        "PATCH /v1/case-files/{case_file_id}": {"json": {"given_names": "Maria"}, "headers": {"If-Match": '"1"'}},
        "POST /v1/case-files": {"json": STOCK_LINE},
        "POST /v1/case-files/{case_file_id}/grants": {"json": {"page_of_file": 1}},
        "POST /v1/case-files:import": {"content": json.dumps(STOCK_LINE)},
        "POST /v1/case-files:lookup": {"json": {"file_numbers": [FILE_NUMBER]}},
        "POST /v1/contents:check": {"json": {"contents": [job.digest]}},
        "POST /v1/deliveries/{delivery}:complete": {"json": {}},
        "POST /v1/documents": {"json": documents},
        "POST /v1/scan-orders": {"json": {"name": "Box", "file_numbers": [FILE_NUMBER]}},
        "PUT /v1/contents/{digest}": {"content": job.file},
        "PUT /v1/deliveries/{delivery}": {"json": job.manifest},
    }
    path = row.path.format_map({**vars(job), "slug": "forbidden"})
    return path, bodies.get(f"{row.method} {row.path}", {})


@pytest.fixture
def ask(everybody, job):
    """Send the request of a row as somebody."""
    apps = everybody.apps()

    async def ask(row, role=None, tenant=OWN, **params):
        path, options = request_of(row, job)
        options = {**options, "params": options.get("params", {}) | params}
        return await everybody.send(row.method, path, role, tenant, app=apps[row.service], **options)

    return ask


@pytest.fixture
def grants(everybody, job):
    """Return grants for the content and for a page of the document."""
    issue = everybody.running["cases"].resources.grants.issue
    clerk = Principal("test:clerk", OWN)
    subject = {"case_file_id": UUID(job.case_file_id), "document_id": UUID(job.document_id), "content": job.digest}
    return [issue(clerk, **subject), issue(clerk, **subject, page=job.page)]


def test_the_table_names_every_route(everybody):
    routes = {name: app.routes for name, app in everybody.apps().items()}
    guarded = [(name, route) for name in routes for route in routes[name] if isinstance(route, GuardedRoute)]

    found = {(name, method, route.path_format) for name, route in guarded for method in route.methods}

    assert found == {(row.service, row.method, row.path) for row in ROWS}
    assert [routes_without_policy(some) for some in routes.values()] == [[]] * len(routes)


async def test_those_of_the_table_get_in_and_nobody_else(ask, grants):
    expected = {str(row): sorted(row.admitted) for row in ROWS}

    found = {str(row): sorted(await admitted(ask, row, grants)) for row in ROWS}

    assert found == expected


async def admitted(ask, row, grants):
    callers = set()
    if is_in(await ask(row), 401):
        callers.add(NOBODY)
    for role in Role:
        if is_in(await ask(row, role), 403):
            callers.add(role)
    if any([is_in(await ask(row, grant=grant), 401, 422) for grant in grants]):
        callers.add(BEARER)
    return callers


def is_in(answer, *refusals):
    """Tell whether an answer is more than one of the refusals; who is let in reaches the record."""
    if answer.status_code in {401, 403, *refusals}:
        assert answer.status_code in refusals or answer.json()["type"].endswith("grant-mismatch"), answer.text
        return False
    assert answer.status_code not in {404, 405}, answer.url
    assert answer.status_code < 500, answer.text
    return True


async def test_a_foreign_authority_gets_what_the_table_says(ask, job):
    # What makes records of its own comes last: those would be found by the others.
    for row in sorted(ROWS, key=lambda row: row.foreign == "own"):
        for role in Role:
            answer = await ask(row, role, f"{FOREIGN}-{role}")
            kind = PUBLIC if row.foreign == PUBLIC else kind_of(answer)
            expected = row.foreign if role in row.admitted else "403"
            assert kind == expected, f"{row} as {role}: {answer.status_code} {answer.text}"
            assert told(answer, job) == [], f"{row} as {role}: {answer.text}"


def kind_of(answer):
    if answer.status_code in (403, 404):
        return str(answer.status_code)
    if answer.is_client_error:
        return "refused"
    assert answer.is_success, answer.text
    return "own" if answer.request.method == "PUT" or holds_something(answer) else "nothing"


def holds_something(answer):
    return any(value for value in json.loads(answer.text.splitlines()[0]).values() if value is not True)


def told(answer, job):
    """Return what an answer tells of the job without having been asked for it by name."""
    asked = f"{answer.request.url}{answer.request.content.decode(errors='replace')}"
    facts = [FILE_NUMBER, STOCK_LINE["family_name"], *[value for value in vars(job).values() if isinstance(value, str)]]
    return [fact for fact in facts if fact in answer.text and fact not in asked]


async def test_the_records_that_the_foreign_authority_asked_for_are_there(ask):
    for row in ROWS:
        if row.method == "GET" and row.roles:
            answer = await ask(row, row.roles[0])
            assert answer.status_code == 200, f"{row}: {answer.text}"
