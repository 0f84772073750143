from pathlib import Path

import pytest

from aktenfluss.delivery import HEADER, PROFILE, Rule
from aktenfluss.delivery.console import ExitCode

README = (Path(__file__).parents[1] / "README.md").read_text()


@pytest.mark.parametrize("rule", Rule)
def test_the_readme_tells_every_rule(rule):
    assert f"| `{rule}` | {rule.meaning} | {rule.way_out} |" in README


@pytest.mark.parametrize("code", ExitCode)
def test_the_readme_tells_every_exit_code(code):
    assert f"| {code.value} | {code.meaning} |" in README


def test_the_readme_tells_the_header_and_the_profile():
    assert HEADER in README
    assert PROFILE in README
