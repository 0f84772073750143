import json

import pytest
import typer

from aktenfluss.delivery import Finding, InvalidDeliveryError
from aktenfluss.delivery.console import Console, ExitCode

FIRST = Finding("rule-a", "data/1.pdf", "0000000195", "one", "Do this.")
SECOND = Finding("rule-b", "data/2.pdf", None, "two", "Do that.")
THIRD = Finding("rule-a", "data/3.pdf", None, "three", "Do this.")


def told(capsys, code, findings, *, machine=False, **facts):
    with pytest.raises(typer.Exit) as caught:
        Console(machine=machine).tell(code, findings, **facts)
    assert caught.value.exit_code == code
    return capsys.readouterr().out


def test_people_read_findings_by_rule_and_the_way_out_once(capsys):
    assert told(capsys, ExitCode.FINDINGS, [FIRST, SECOND, THIRD]).splitlines() == [
        "rule-a",
        "  data/1.pdf (item 0000000195): one",
        "  data/3.pdf: three",
        "  Way out: Do this.",
        "",
        "rule-b",
        "  data/2.pdf: two",
        "  Way out: Do that.",
        "",
        f"3 findings: {ExitCode.FINDINGS.meaning}",
    ]


def test_people_read_facts_that_are_there(capsys):
    assert told(capsys, ExitCode.OK, [], delivery=None, files=7) == f"files: 7\n{ExitCode.OK.meaning}\n"


def test_machines_read_one_object(capsys):
    out = told(capsys, ExitCode.FINDINGS, [FIRST], machine=True, files=7, delivery=None)
    assert json.loads(out) == {
        "exit_code": 6,
        "files": 7,
        "delivery": None,
        "findings": [
            {"rule": "rule-a", "place": "data/1.pdf", "item": "0000000195", "detail": "one", "way_out": "Do this."}
        ],
    }


def test_the_bar_leaves_standard_output_alone(capsys):
    with Console(machine=False).bar("Packing", 10) as bar:
        bar.expect(1, 20)
        bar.tick(5)
    assert capsys.readouterr().out == ""


def test_exit_codes_are_different_and_told():
    assert len({code.value for code in ExitCode}) == len(ExitCode)
    assert all(code.meaning for code in ExitCode)


@pytest.mark.parametrize(
    ("findings", "words"), [([FIRST], "1 finding, the first"), ([FIRST, SECOND], "2 findings, the first")]
)
def test_the_problem_counts_its_findings(findings, words):
    error = InvalidDeliveryError(findings)
    assert error.detail.startswith(words)
    assert json.loads(json.dumps(error.members))["findings"][0]["rule"] == "rule-a"
