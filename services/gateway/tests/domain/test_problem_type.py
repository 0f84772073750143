"""Problem types are collected from the descriptions of all services."""

from aktenfluss.gateway.domain.problem_type import ProblemType, problem_types

STALE = {"slug": "precondition-failed", "title": "Version is stale", "status": 412, "description": "Read\nit.\n\nOut."}
FULL = {"slug": "storage-full", "title": "Storage full", "status": 507, "description": "No room."}


def test_a_problem_of_two_services_is_told_once():
    found = problem_types({"scans": {"x-problems": [FULL, STALE]}, "cases": {"x-problems": [STALE]}})

    assert list(found) == ["precondition-failed", "storage-full"]
    assert found["storage-full"] == ProblemType(**FULL)


def test_a_service_may_tell_of_no_problems():
    assert problem_types({"audit": {}}) == {}


def test_paragraphs_lose_their_line_breaks():
    assert ProblemType(**STALE).paragraphs == ["Read it.", "Out."]
