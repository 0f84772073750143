"""Which release the tree becomes, and which ones it is the successor of."""

import re
import subprocess

import pytest
from scripts.schemas import ROOT, number, releases
from scripts.version import places, version


def test_the_tree_is_of_a_later_version_than_the_releases_that_are_recorded():
    assert max(map(number, releases())) < number(version())
    assert len(releases()) <= 2


@pytest.mark.parametrize(("place", "line"), places().items())
def test_every_place_tells_the_same_version(place, line):
    told = re.findall(f"{line.format(r'([0-9.]+)')}$", (ROOT / place).read_text(), re.MULTILINE)
    assert set(told) == {version()}, "python -m scripts.version VERSION"


@pytest.mark.parametrize("released", releases())
def test_the_code_of_a_release_is_of_its_version(released):
    code = releases()[released].code
    asked = ["git", "show", f"{code}:pyproject.toml"]
    found = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip(f"this clone does not have {code}, the code of {released}")
    assert f'version = "{released}"' in found.stdout
