"""The gate of the coverage counts per member, and branches for themselves."""

import json

from scripts.coverage_gate import read_counts, shares


def summary(lines, covered, branches, taken):
    return {"num_statements": lines, "covered_lines": covered, "num_branches": branches, "covered_branches": taken}


def test_files_are_counted_with_their_member(tmp_path):
    files = {
        "libs/kernel/src/aktenfluss/kernel/ids.py": {"summary": summary(10, 9, 4, 2)},
        "libs/kernel/src/aktenfluss/kernel/event.py": {"summary": summary(30, 30, 2, 2)},
        "services/cases/src/aktenfluss/cases/service.py": {"summary": summary(5, 5, 0, 0)},
    }
    report = tmp_path / "coverage.json"
    report.write_text(json.dumps({"files": files}))

    assert read_counts(report) == {"libs/kernel": summary(40, 39, 6, 4), "services/cases": summary(5, 5, 0, 0)}


def test_branches_are_not_hidden_behind_lines():
    assert shares(summary(100, 99, 10, 5)) == (99, 50)


def test_code_without_branches_has_taken_them_all():
    assert shares(summary(5, 5, 0, 0)) == (100, 100)
