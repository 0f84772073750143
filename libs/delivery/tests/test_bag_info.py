from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.delivery import InvalidDeliveryError, draft_bag_info, read_delivery

from .box import box_info, texts

DIGEST = "sha256:" + "a" * 64
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True)


def refused(edit):
    with pytest.raises(InvalidDeliveryError) as caught:
        read_delivery(*texts(info=edit))
    return [(finding.rule, finding.detail) for finding in caught.value.findings]


def changed(label, value):
    """Edit the line of one label."""

    def edit(text):
        return "".join(f"{label}: {value}\n" if x.startswith(f"{label}:") else f"{x}\n" for x in text.splitlines())

    return edit


@given(names, instants, st.integers(2, 9999))
def test_labels_read_back_as_they_were_written(box, instant, revision):
    info = box_info(
        external_identifier=box,
        scan_started=instant,
        scan_finished=instant,
        delivery_revision=revision,
        supersedes=DIGEST,
        seal_number_out="S-1",
    )
    assert draft_bag_info(info.format()) == info


def test_a_draft_needs_no_oxum_and_no_profile():
    lines = [x for x in box_info().format().splitlines() if not x.startswith(("Payload-Oxum", "BagIt-Profile"))]
    assert draft_bag_info("\n".join(lines)) == box_info()


def test_a_broken_draft_is_refused():
    with pytest.raises(InvalidDeliveryError) as caught:
        draft_bag_info("Scan-Order-Id 7\n")
    assert {finding.rule for finding in caught.value.findings} == {"bag-info-malformed", "bag-info-missing"}


def test_labels_of_others_are_left_alone_and_may_come_twice():
    tag_files, index = texts(info=lambda text: text + "Contact-Note: a\nContact-Note: b\n")
    assert read_delivery(tag_files, index).info.scan_profile == "A4-300-colour"


def test_a_value_that_goes_on_in_the_next_line_is_read():
    tag_files, index = texts(info=changed("Scan-Software", "Example\n  Capture\n\t5"))
    assert read_delivery(tag_files, index).info.scan_software == "Example Capture 5"


def test_a_missing_label_is_found():
    edit = changed("Scanner-Serial", "x")
    assert refused(lambda text: edit(text).replace("Scanner-Serial", "Serial")) == [
        ("bag-info-missing", "Scanner-Serial is not there")
    ]


@pytest.mark.parametrize("line", ["no colon", "Label:no space", " : x", "Label: ", "", "Label : x", "   "])
def test_a_line_that_is_no_label_and_value_is_found(line):
    assert [rule for rule, _ in refused(lambda text: f"{line}\n{text}")] == ["bag-info-malformed"]


def test_a_label_that_comes_twice_is_found():
    assert refused(lambda text: text + "scan-order-id: other\n") == [
        ("bag-info-twice", "scan-order-id was told before")
    ]


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("BagIt-Profile-Identifier", "https://example.test/other"),
        ("External-Identifier", "box 1"),
        ("Scan-Order-Id", "x" * 65),
        ("Payload-Oxum", "12"),
        ("Payload-Oxum", "-1.5"),
        ("Scan-Started", "yesterday"),
        ("Scan-Started", "2026-11-23T08:00:00"),
        ("Scan-Finished", "2026-11-22T08:00:00+00:00"),
        ("Delivery-Revision", "0"),
        ("Delivery-Revision", "01"),
        ("Operator-Pseudonym", "x" * 201),
        ("Scanner-Model", "a\u2028b"),
    ],
)
def test_a_value_of_another_kind_is_found(label, value):
    assert [rule for rule, _ in refused(changed(label, value))] == ["bag-info-value"]


@pytest.mark.parametrize("edit", [changed("Delivery-Revision", 2), lambda text: text + f"Supersedes: {DIGEST}\n"])
def test_a_revision_and_what_it_supersedes_belong_together(edit):
    assert [rule for rule, _ in refused(edit)] == ["revision-mismatch"]


def test_a_later_revision_names_what_it_supersedes():
    edit = changed("Delivery-Revision", 2)
    tag_files, index = texts(info=lambda text: edit(text) + f"Supersedes: {DIGEST}\n")
    assert read_delivery(tag_files, index).info.supersedes == DIGEST
