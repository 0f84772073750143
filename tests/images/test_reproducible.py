"""Whoever builds the same tree from the same packages gets the same bytes."""

import hashlib
import json

import pytest
from tools.images import base
from tools.images.build import build_one

pytestmark = [pytest.mark.images, pytest.mark.xdist_group("images")]


def digest(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize("service", ["delivery", "documents"])
def test_an_image_built_anew_is_the_same(product, service, tmp_path):
    made = tmp_path / "made"
    made.mkdir()

    build_one(product.engine, service, product.release, made, anew=True)

    assert json.loads((made / "image.json").read_text())["digest"] == product.built[service].digest


def test_the_base_made_anew_is_the_same(product, tmp_path):
    base.build(tmp_path)

    assert (tmp_path / "packages").read_text() == (base.base_images() / "packages").read_text(), "Debian has newer ones"
    assert [digest(tmp_path / f"{kind}.tar") for kind in ("run", "build")] == [
        digest(base.base_images() / f"{kind}.tar") for kind in ("run", "build")
    ]
