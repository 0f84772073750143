import pytest
from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.delivery import TAG_FILES, InvalidDeliveryError, Rule, read_delivery
from aktenfluss.kernel import Kind

from .box import ITEMS, line, texts

SCAN = f"data/{ITEMS[0]}/v1-1.pdf"


def findings(tag_files, index):
    with pytest.raises(InvalidDeliveryError) as caught:
        read_delivery(tag_files, index)
    return caught.value.findings


def rules(delivery_texts):
    return {finding.rule for finding in findings(*delivery_texts)}


def moved(path):
    """Give the first scan another path: the index misses it, and the path is judged."""
    return texts(manifest=lambda text: text.replace(SCAN, path))


def test_good_texts_have_no_findings():
    delivery = read_delivery(*texts())
    assert len(delivery.contents) == 5
    assert delivery.contents["data/index.csv"].startswith("sha256:")


def test_windows_line_ends_are_fine():
    tag_files, index = texts(
        index=texts()[1].replace("\n", "\r\n"),
        manifest=lambda text: text.replace("\n", "\r\n"),
        info=lambda text: text.replace("\n", "\r\n"),
        bagit=lambda text: text.replace("\n", "\r\n"),
        tagmanifest=lambda text: text.replace("\n", "\r\n"),
    )
    assert len(read_delivery(tag_files, index).contents) == 5


@pytest.mark.parametrize("name", ["bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"])
def test_a_missing_tag_file_is_found(name):
    tag_files, index = texts()
    del tag_files[name]
    assert "tag-file-missing" in {finding.rule for finding in findings(tag_files, index)}


def test_a_bag_with_md5_only_is_refused():
    tag_files, index = texts()
    tag_files["manifest-md5.txt"] = tag_files.pop("manifest-sha256.txt")
    assert "md5-only" in {finding.rule for finding in findings(tag_files, index)}


def test_md5_lines_in_the_sha256_manifest_are_refused():
    assert rules(texts(manifest=lambda text: text.replace(text[:64], text[:32]))) >= {"manifest-line-malformed"}


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("fetch.txt", "fetch-forbidden"),
        ("FETCH.TXT", "fetch-forbidden"),
        ("manifest-md5.txt", "unknown-algorithm"),
        ("tagmanifest-blake3.txt", "unknown-algorithm"),
        ("notes.txt", "unknown-tag-file"),
        ("../../etc/passwd", "unknown-tag-file"),
    ],
)
def test_other_files_beside_the_payload_are_refused(name, rule):
    assert rules(texts(**{name: ""})) == {rule}
    assert rules(texts(tagmanifest=lambda text: text + line("", name))) == {rule}


@pytest.mark.parametrize("part", ["manifest", "info", "bagit", "tagmanifest"])
def test_a_byte_order_mark_is_found(part):
    assert "byte-order-mark" in rules(texts(**{part: lambda text: "\ufeff" + text}))


def test_a_byte_order_mark_in_the_index_is_found():
    assert rules(texts(index="\ufeff" + texts()[1])) == {"byte-order-mark"}


def test_text_that_is_not_utf8_is_found():
    tag_files, index = texts()
    tag_files["bag-info.txt"] += "Contact: \udcff\n"
    assert {finding.rule for finding in findings(tag_files, index + "\udcff")} == {"not-utf8"}


@pytest.mark.parametrize("part", ["manifest", "info", "bagit", "tagmanifest"])
def test_a_text_without_end_is_found_and_not_read_to_its_end(part):
    told = findings(*texts(**{part: lambda text: text + "\n" * 1_000_000}))
    assert "too-many-lines" in {finding.rule for finding in told}
    assert len(told) < 60_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "BagIt-Version: 2.0\nTag-File-Character-Encoding: UTF-8\n",
        "BagIt-Version: 1.0\nTag-File-Character-Encoding: L1\n",
    ],
)
def test_another_declaration_is_refused(text):
    assert rules(texts(bagit=lambda _: text)) == {"bagit-txt-malformed"}


def test_a_tag_file_that_the_tagmanifest_does_not_name_is_found():
    tag_files, index = texts(tagmanifest=lambda text: text.split("\n", 1)[1])
    assert [(f.rule, f.place) for f in findings(tag_files, index)] == [("tag-file-unlisted", "bagit.txt")]


def test_a_tag_file_edited_by_hand_is_found():
    tag_files, index = texts()
    tag_files["bag-info.txt"] = tag_files["bag-info.txt"].replace("op-17", "op-18")
    assert [(f.rule, f.place) for f in findings(tag_files, index)] == [("tag-file-changed", "bag-info.txt")]


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace("  ", "\t"),
        lambda text: text.replace("  ", "   "),
        lambda text: text.replace("\n", " \n"),
        lambda text: " " + text,
        lambda text: text + "\n",
        lambda text: text.replace(".pdf\n", ".pdf\t\n"),
        lambda text: text[1:],
        lambda text: text.replace(text[:64], "g" * 64),
    ],
)
def test_white_space_that_other_tools_forgive_is_found(edit):
    assert "manifest-line-malformed" in rules(texts(manifest=edit))


def test_an_empty_manifest_is_found():
    assert "manifest-empty" in rules(texts(manifest=lambda _: ""))


def test_a_manifest_without_the_index_is_found():
    assert rules(texts(manifest=lambda text: text[: text.rindex("\n", 0, -1) + 1])) == {"index-missing"}


def test_too_many_files_are_found():
    many = "".join(f"{0:064x}  data/f{number}.pdf\n" for number in range(20_000))
    assert "too-many-files" in rules(texts(manifest=lambda text: text + many))


@pytest.mark.parametrize(
    "path",
    [
        "../x.pdf",
        "/etc/passwd",
        "data/../x.pdf",
        "data\\x.pdf",
        "data/C:/x.pdf",
        "C:x.pdf",
        "x.pdf",
        "~/x.pdf",
        "Data/x.pdf",
    ],
)
def test_a_path_that_leaves_the_payload_is_found(path):
    assert "path-escape" in rules(moved(path))


@pytest.mark.parametrize(
    "name",
    ["M\u00fcller.pdf", "Mu\u0308ller.pdf", "a b.pdf", ".hidden.pdf", "x.", "nul", "COM1.pdf", "a%0A.pdf", "*x.pdf", "a\u2028b.pdf",
     "-rf.pdf", "x\x0bdata.pdf", "x\rdata.pdf", "a" * 201],
)  # fmt: skip
def test_a_name_that_is_not_portable_is_found(name):
    assert "name-forbidden" in rules(moved(f"data/{name}"))


@pytest.mark.parametrize("path", ["data//x.pdf", "data/./x.pdf", "data/"])
def test_an_empty_name_is_found(path):
    assert "name-forbidden" in rules(moved(path))


def test_a_forbidden_name_is_told_by_its_line_only():
    told = findings(*moved("data/M\u00fcller.pdf"))
    assert [finding.place for finding in told if finding.rule == "name-forbidden"] == ["manifest-sha256.txt:1"]
    assert "ller" not in str(told)


def test_a_path_with_too_many_folders_is_found():
    assert "path-too-deep" in rules(moved("data/a/b/c/d/e.pdf"))
    assert "path-too-deep" not in rules(moved("data/a/b/c/d.pdf"))


def test_a_path_that_comes_twice_is_found():
    assert "path-twice" in rules(texts(manifest=lambda text: text + line("x", SCAN)))


def test_paths_that_collide_on_windows_are_found():
    assert "case-collision" in rules(texts(manifest=lambda text: text + line("x", SCAN.replace("v1", "V1"))))


def test_the_number_of_files_is_compared_with_the_oxum():
    assert rules(texts(info=lambda text: text.replace("1000.5", "1000.6"))) == {"oxum-mismatch"}


def test_the_size_of_files_is_compared_with_the_oxum():
    delivery = read_delivery(*texts())
    assert delivery.size_findings(dict.fromkeys(delivery.contents, 200)) == []
    assert [f.rule for f in delivery.size_findings(dict.fromkeys(delivery.contents, 201))] == ["oxum-mismatch"]


def test_everything_is_told_at_once():
    broken = texts(
        index=texts()[1].replace(f"{ITEMS[0]};1;1", f"{ITEMS[0]};1;x"),
        manifest=lambda text: text + line("x", "../x"),
        info=lambda text: text.replace("Scan-Order-Id", "Scan-Order"),
        bagit=lambda _: "",
    )
    assert rules(broken) == {"bagit-txt-malformed", "path-escape", "bag-info-missing", "index-value"}


def test_the_problem_carries_the_findings():
    with pytest.raises(
        InvalidDeliveryError, match=r"^1 finding, the first: bagit-txt-malformed at bagit.txt$"
    ) as caught:
        read_delivery(*texts(bagit=lambda _: ""))
    assert (caught.value.slug, caught.value.kind) == ("invalid-delivery", Kind.INVALID)
    assert caught.value.members["findings"] == [
        {
            "rule": "bagit-txt-malformed",
            "place": "bagit.txt",
            "item": None,
            "detail": "it is not the declaration of a bag",
            "way_out": Rule.BAGIT_TXT_MALFORMED.way_out,
        }
    ]


def test_every_rule_has_a_name_a_meaning_and_a_way_out():
    for rule in Rule:
        assert rule == rule.name.lower().replace("_", "-")
        assert rule.meaning.endswith(".")
        assert rule.way_out.endswith(".")


part_of_a_line = st.sampled_from(
    ["", "a", "0" * 64, "  ", "data/", "index.csv", ";", '"', "\n", "\r", ": ", "..", "\udcff", "1"]
)
anything = st.one_of(st.text(), st.lists(part_of_a_line).map("".join))


@given(st.dictionaries(st.one_of(st.sampled_from(TAG_FILES), st.text()), anything), anything)
def test_whatever_comes_in_only_findings_come_out(tag_files, index):
    assert findings(tag_files, index)


def read_or_refused(tag_files, index):
    """Return what was read or found; any other error fails the test."""
    try:
        return read_delivery(tag_files, index).contents
    except InvalidDeliveryError as error:
        return error.findings


@given(st.sampled_from(["manifest", "info", "bagit", "tagmanifest"]), anything, st.integers(0, 400))
def test_whatever_is_put_into_a_tag_file_it_is_read_or_refused(part, text, place):
    assert read_or_refused(*texts(**{part: lambda good: good[:place] + text + good[place:]}))


@given(anything, st.integers(0, 400))
def test_whatever_is_put_into_the_index_it_is_read_or_refused(text, place):
    good = texts()[1]
    assert read_or_refused(*texts(index=good[:place] + text + good[place:]))
