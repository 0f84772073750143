"""Each service answers as its committed description says: schemathesis, all checks, every operation."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from starlette.types import ASGIApp

from .bridge import Bridge
from .everybody import SERVICES
from .test_access import ROWS, request_of

DESCRIPTIONS = Path(__file__).resolve().parents[2] / "docs" / "api"
SEED = 20_261_123
CONFIG = {
    "seed": SEED,
    "continue-on-failure": True,
    "output": {"sanitization": {"enabled": False}},
    "generation": {"max-examples": 10, "no-shrink": True, "database": "none"},
    "phases": {"stateful": {"generation": {"max-examples": 8}}},
    "checks": {
        # The check does not know 428, which RFC 6585 made for exactly this.
        "missing_required_header": {"expected-statuses": [401, 422, 428]},
        # 412: an If-Match that is no ETag of ours names no version that there is.
        "negative_data_rejection": {"expected-statuses": [400, 401, 403, 404, 405, 406, 409, 412, 415, 422, 428]},
    },
}
FORM = {"invalid-request", "malformed-request", ""}
"""What a request that has the described form is never refused for; other problems are rules of the field."""
PARTS = {"entry-not-found", "page-not-filed"}
"""What is said of a record that is there and lacks the part that was asked for."""


@dataclass
class Outcome:
    """How often each operation was asked, and what was wrong with the answers."""

    asked: Counter[str] = field(default_factory=Counter)
    failures: dict[tuple[str, ...], str] = field(default_factory=dict)


@schemathesis.serializer("application/x-ndjson")
def lines(_context: Any, value: Any) -> Any:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def run(description: dict[str, Any], app: ASGIApp, caller: Callable[[list[str]], Mapping[str, str]]) -> Outcome:
    """Ask every operation as `caller` with its roles; call it in another thread than that of the app."""
    schema = schemathesis.openapi.from_dict(description, config=SchemathesisConfig.from_dict(CONFIG))
    schema.app = app

    @schema.auth()
    class Caller:
        def get(self, _case, context):
            return caller(context.operation.definition.raw.get("x-roles", []))

        def set(self, case, data, _context):
            case.headers = {**(case.headers or {}), **data}

    outcome = Outcome()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            outcome.asked.update(node.value.operation.label for node in event.recorder.cases.values())
            outcome.failures.update(failures_of(event.recorder))
        elif isinstance(event, events.NonFatalError | events.FatalError):
            outcome.failures[type(event).__name__, getattr(event, "label", "")] = str(vars(event))
    return outcome


def failures_of(recorder: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    for case_id, checks in recorder.checks.items():
        label = recorder.cases[case_id].value.operation.label
        for check in checks:
            if check.status is Status.SUCCESS or check.failure_info is None:
                continue
            response = recorder.interactions[case_id].response
            if check.name == "positive_data_acceptance" and problem_of(response.content) not in FORM:
                continue
            if check.name == "ensure_resource_availability" and problem_of(response.content) in PARTS:
                continue
            told = check.failure_info.failure.message, check.failure_info.code_sample, response.content
            yield (label, check.name), "\n".join(map(str, told))


def problem_of(body: bytes) -> str:
    """Return the slug of the problem that an answer is, or nothing."""
    return str(json.loads(body).get("type", "")).removeprefix("/problems/") if body else ""


@pytest.mark.parametrize("name", [*SERVICES, "gateway"])
async def test_every_answer_is_as_described(everybody, name):
    description = json.loads((DESCRIPTIONS / f"{name}.openapi.json").read_text())

    def caller(roles: list[str]) -> Mapping[str, str]:
        return everybody.house.as_(roles[0]) if roles else {}

    outcome = await asyncio.to_thread(run, description, Bridge(everybody.door), caller)

    told = "\n\n".join(f"{key}: {text}" for key, text in outcome.failures.items())
    assert not told, f"seed {SEED}, {outcome.asked.total()} requests\n{told}"
    described = {f"{method.upper()} {path}" for path, item in description["paths"].items() for method in item}
    assert set(outcome.asked) == described


async def test_answers_about_real_records_are_as_described(everybody, job):
    apps, descriptions, refused = everybody.apps(), {}, set()
    for row in ROWS:
        if row.path == "/openapi.json" or (row.method, row.service) == ("HEAD", "gateway"):
            continue
        if row.service not in descriptions:
            described = json.loads((DESCRIPTIONS / f"{row.service}.openapi.json").read_text())
            descriptions[row.service] = schemathesis.openapi.from_dict(described)
        path, options = request_of(row, job)
        role = row.roles[0] if row.foreign != "public" else None
        answer = await everybody.send(row.method, path, role, app=apps[row.service], **options)
        refused |= set() if answer.is_success else {f"{row.method} {row.path}"}
        descriptions[row.service][row.path][row.method].validate_response(answer)

    # The file number is taken, the version is no longer the first: these answers are described as well.
    assert refused == {"POST /v1/case-files", "PATCH /v1/case-files/{case_file_id}"}
