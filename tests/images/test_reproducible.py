"""Whoever builds the same tree from the same packages gets the same bytes."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from tools.images import archive, base
from tools.images.build import build_one

pytestmark = [pytest.mark.images, pytest.mark.xdist_group("images")]
SECONDS_PER_DAY = 86_400


def digest(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize("service", ["delivery", "documents", "documents-ocr", "standalone"])
def test_an_image_built_anew_is_the_same(product, service, tmp_path):
    made = tmp_path / "made"
    made.mkdir()

    build_one(product.engine, service, product.release, made, anew=True)

    assert json.loads((made / "image.json").read_text())["digest"] == product.built[service].digest


def test_the_base_made_twice_is_the_same(product, tmp_path):
    """Not as the one that is kept: Debian may have newer packages by now."""
    made = [tmp_path / name for name in ("one", "other")]
    for folder in made:
        folder.mkdir()

    with ThreadPoolExecutor() as pool:
        list(pool.map(base.build, made))

    one, other = ([digest(folder / f"{kind}.tar") for kind in ("run", "build")] for folder in made)
    assert one == other


def test_the_day_on_which_the_base_was_made_is_not_in_it(product):
    users = product.engine("run", "--rm", "--network=none", base.image_name("build"), "cat", "/etc/shadow")

    assert {line.split(":")[2] for line in users.splitlines()} == {str(archive.MOMENT // SECONDS_PER_DAY)}
