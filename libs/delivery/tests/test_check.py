import os

import pytest

from aktenfluss.delivery import Delivery, build_delivery, check_folder
from aktenfluss.delivery.check import _magic, _payload_findings
from aktenfluss.delivery.hashing import no_ticker

from .box import ITEMS, box_info, box_rows


@pytest.fixture
def scan(bag):
    return bag / "data" / ITEMS[0] / "v1-1.pdf"


def found(bag):
    return [(finding.rule, finding.place) for finding in check_folder(bag).findings]


def place(bag, path):
    return path.relative_to(bag).as_posix()


def test_a_link_in_the_payload_is_found_and_not_followed(bag, scan):
    scan.rename(bag.parent / "elsewhere.pdf")
    scan.symlink_to(bag.parent / "elsewhere.pdf")
    assert found(bag) == [("symlink", place(bag, scan)), ("file-missing", place(bag, scan))]


def test_a_linked_folder_is_found_and_not_followed(bag, tmp_path):
    (bag / "data" / "more").symlink_to(tmp_path, target_is_directory=True)
    assert found(bag) == [("symlink", "data/more")]


def test_a_linked_tag_file_is_found(bag):
    (bag / "bag-info.txt").rename(bag.parent / "bag-info.txt")
    (bag / "bag-info.txt").symlink_to(bag.parent / "bag-info.txt")
    assert found(bag) == [("symlink", "bag-info.txt"), ("tag-file-missing", "bag-info.txt")]


@pytest.mark.parametrize("name", [".DS_Store", "data/Thumbs.db", "data/.hidden/x.pdf", "data/~$x.doc"])
def test_a_hidden_file_is_found(bag, name):
    (bag / name).parent.mkdir(exist_ok=True)
    (bag / name).write_bytes(b"")
    assert [rule for rule, _ in found(bag)] == ["hidden-file"]


def test_a_pipe_is_found(bag):
    os.mkfifo(bag / "data" / "pipe")
    assert found(bag) == [("not-a-file", "data/pipe")]


def test_a_missing_file_is_found(bag, scan):
    scan.unlink()
    assert found(bag) == [("file-missing", place(bag, scan))]


def test_an_extra_file_is_found(bag):
    (bag / "data" / "extra.pdf").write_bytes(b"%PDF-1.7")
    assert found(bag) == [("file-unlisted", "data/extra.pdf")]


def test_a_folder_beside_the_payload_is_found(bag):
    (bag / "logs").mkdir()
    (bag / "logs" / "scan.log").write_text("")
    assert found(bag) == [("unknown-tag-file", "logs")]


def test_a_file_beside_the_payload_is_found(bag):
    (bag / "fetch.txt").write_text("")
    assert found(bag) == [("fetch-forbidden", "tag files")]


def test_a_changed_byte_is_found(bag, scan):
    content = bytearray(scan.read_bytes())
    content[-1] ^= 1
    scan.write_bytes(content)
    assert found(bag) == [("file-changed", place(bag, scan))]


def test_a_shortened_file_breaks_digest_and_oxum(bag, scan):
    scan.write_bytes(scan.read_bytes()[:-1])
    assert found(bag) == [("file-changed", place(bag, scan)), ("oxum-mismatch", "bag-info.txt")]


@pytest.mark.parametrize("content", [b"\xff\xd8\xff\xe0 a JPEG called .pdf", b""])
def test_a_file_that_is_no_pdf_is_found(tmp_path, scans, content):
    (scans / ITEMS[1] / "v1-2.pdf").write_bytes(content)
    build_delivery(tmp_path / "bag", box_rows(), box_info(), scans)
    finding = check_folder(tmp_path / "bag").findings[0]
    assert (finding.rule, finding.item) == ("file-not-pdf", ITEMS[1])


def test_a_text_that_is_not_utf8_is_found(bag):
    (bag / "bag-info.txt").write_bytes(b"\xff")
    assert ("not-utf8", "bag-info.txt") in found(bag)


def test_a_path_that_escapes_is_not_looked_at(bag, tmp_path):
    (tmp_path / "secret.txt").write_bytes(b"secret")
    with (bag / "manifest-sha256.txt").open("a") as manifest:
        manifest.write(f"{0:064x}  data/../../secret.txt\n")
    rules = [rule for rule, _ in found(bag)]
    assert "path-escape" in rules
    assert "file-changed" not in rules


def test_an_empty_folder_lacks_everything(tmp_path):
    report = check_folder(tmp_path)
    assert report.delivery is None
    assert [finding.rule for finding in report.findings].count("tag-file-missing") == 4


def test_a_file_that_vanishes_during_the_check_is_found(bag):
    seen, named = {"data/gone.pdf": 1}, {"data/gone.pdf": "sha256:" + "0" * 64}
    assert [finding.rule for finding in _payload_findings(bag, seen, named, no_ticker)] == ["file-unreadable"]
    assert _magic(bag / "data" / "gone.pdf") is None


def test_the_check_tells_how_far_it_is(bag):
    ticks = []
    report = check_folder(bag, ticks.append)
    assert sum(ticks) == report.size_bytes
    assert isinstance(report.delivery, Delivery)
