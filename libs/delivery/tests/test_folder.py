import pytest

from aktenfluss.delivery import InvalidDeliveryError, open_delivery, read_delivery
from aktenfluss.delivery.folder import read_folder_texts, survey

from .box import ITEMS, texts


def write_texts(folder, tag_files, index):
    (folder / "data").mkdir(parents=True)
    for name, text in {**tag_files, "data/index.csv": index}.items():
        (folder / name).write_bytes(text.encode())
    return folder


def test_texts_are_read_with_their_line_ends(tmp_path):
    tag_files, index = texts(bagit=lambda text: text.replace("\n", "\r\n"))
    folder = write_texts(tmp_path / "bag", tag_files, index)
    assert read_folder_texts(folder) == (tag_files, index)
    assert open_delivery(folder) == read_delivery(tag_files, index)


def test_opening_looks_at_texts_only(bag):
    for scan in bag.rglob("*.pdf"):
        scan.unlink()
    assert open_delivery(bag).index.item_ids == ITEMS


def test_opening_a_folder_without_an_index_tells_so(bag):
    (bag / "data" / "index.csv").unlink()
    with pytest.raises(InvalidDeliveryError, match="index-changed"):
        open_delivery(bag)


def test_opening_tells_files_that_do_not_belong_there(bag):
    (bag / "manifest-md5.txt").write_text("")
    with pytest.raises(InvalidDeliveryError, match="unknown-algorithm"):
        open_delivery(bag)


def test_a_survey_measures_every_file_without_following_links(bag, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "big.pdf").write_bytes(b"x" * 999)
    (bag / "data" / "link").symlink_to(tmp_path / "outside", target_is_directory=True)
    found = survey(bag)
    assert found.sizes == {
        path.relative_to(bag).as_posix(): path.stat().st_size
        for path in bag.rglob("*")
        if path.is_file() and "link" not in path.parts
    }
    assert [finding.place for finding in found.findings] == ["data/link"]


def test_a_hidden_folder_is_one_finding(bag):
    (bag / "data" / ".git").mkdir()
    for number in range(3):
        (bag / "data" / ".git" / str(number)).write_text("")
    assert [finding.place for finding in survey(bag).findings] == ["data/.git"]
