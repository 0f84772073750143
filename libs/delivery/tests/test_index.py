from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.delivery import HEADER, IndexRow, InvalidDeliveryError, format_index, order_item_id, read_delivery

from .box import ITEMS, box_rows, item_rows, line, texts

ROWS = box_rows()
remarks = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029"), max_size=200)
page_counts = st.lists(st.integers(1, 400), min_size=1, max_size=5)


def judged(index, **edits):
    """Return the findings about this index: its rows, or its text."""
    text = index if isinstance(index, str) else format_index(index)
    with pytest.raises(InvalidDeliveryError) as caught:
        read_delivery(*texts(index=text, **edits))
    return [(finding.rule, finding.item) for finding in caught.value.findings]


def with_row(number, **changes):
    rows = list(ROWS)
    rows[number] = replace(rows[number], **changes)
    return rows


def manifest_for(rows, index):
    paths = [row.path for row in rows if row.path]
    return lambda _: "".join(line(path, path) for path in paths) + line(index, "data/index.csv")


@given(st.lists(st.tuples(page_counts, remarks), min_size=1, max_size=4))
def test_an_index_reads_back_as_it_was_written(items):
    rows = []
    for number, (pages, remark) in enumerate(items):
        documents = item_rows(order_item_id(number), pages)
        rows += [replace(row, remarks=remark, oversize=True) for row in documents]
    text = format_index(rows)
    index = read_delivery(*texts(index=text, manifest=manifest_for(rows, text))).index
    assert [row for item in index.item_ids for row in (*index.documents[item], index.totals[item])] == rows


@given(st.permutations(ROWS))
def test_the_order_of_the_rows_does_not_matter(rows):
    index = read_delivery(*texts(index=format_index(rows))).index
    assert {item: list(documents) for item, documents in index.documents.items()} == {
        item: item_rows(item)[:-1] for item in ITEMS
    }


def test_an_index_with_another_header_is_refused():
    assert judged(format_index(ROWS).replace("doc_seq", "seq")) == [("index-header", None)]
    assert judged("") == [("index-header", None)]


def test_an_index_that_was_edited_after_packing_is_found():
    tag_files, index = texts()
    with pytest.raises(InvalidDeliveryError) as caught:
        read_delivery(tag_files, index.replace(";0;\n", ";0;x\n"))
    assert [finding.rule for finding in caught.value.findings] == ["index-changed"]


@pytest.mark.parametrize("row", ["", "a;b", ";" * 11, 'x;"unterminated', ",".join("0" * 11)])
def test_a_row_without_eleven_columns_is_found(row):
    assert judged(f"{format_index(ROWS)}{row}\n") == [("index-row-malformed", None)]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("volume", "-1"),
        ("volume", "10000"),
        ("doc_seq", "01"),
        ("page_first", "1.0"),
        ("page_last", ""),
        ("sheets", " 3"),
        ("sides_scanned", "\u0663"),
        ("sides_suppressed", "1000000000"),
        ("oversize", "2"),
        ("remarks", "x" * 201),
        ("remarks", "a\tb"),
    ],
)
def test_a_value_of_another_kind_is_found_once_with_its_item(column, value):
    values = format_index(ROWS[:1]).splitlines()[1].split(";")
    values[HEADER.split(";").index(column)] = value
    rest = format_index(ROWS[1:]).split("\n", 1)[1]
    assert judged(f"{HEADER}\n{';'.join(values)}\n{rest}") == [("index-value", ITEMS[0])]


def test_an_item_id_with_wrong_check_digits_is_found():
    assert judged(format_index(ROWS).replace(f"{ITEMS[0]};1;1;", "0000000100;1;1;")) == [("index-item-id", None)]


def test_broken_rows_of_one_item_do_not_hide_those_of_another():
    rows = with_row(4, sheets=7)
    text = format_index(rows).replace(f"{ITEMS[0]};1;2;", f"{ITEMS[0]};1;x;")
    assert judged(text) == [
        ("index-value", ITEMS[0]),
        ("index-sheets", ITEMS[1]),
        ("index-totals-mismatch", ITEMS[1]),
    ]


def test_a_row_that_comes_twice_is_found():
    assert ("index-row-twice", ITEMS[0]) in judged([*ROWS, ROWS[0]])
    assert judged([*ROWS, ROWS[2]]) == [("index-row-twice", ITEMS[0])]


def test_a_file_with_two_rows_is_found():
    assert judged(with_row(1, path=ROWS[0].path)) == [("index-path-twice", ITEMS[0]), ("index-file-unlisted", None)]


@pytest.mark.parametrize("path", ["data/other.pdf", "../../etc/passwd", "", "data/index.csv"])
def test_a_row_for_a_file_that_is_not_there_is_found(path):
    assert judged(with_row(1, path=path)) == [("index-path-missing", ITEMS[0]), ("index-file-unlisted", None)]


def test_a_file_without_a_row_is_found():
    assert judged(ROWS, manifest=lambda text: text + line("x", "data/x.pdf")) == [("index-file-unlisted", None)]


def test_a_gap_in_the_documents_is_found():
    assert judged(with_row(1, doc_seq=3)) == [("index-sequence", ITEMS[0])]


def test_a_gap_in_the_volumes_is_found():
    rows = with_row(1, volume=3, doc_seq=1, page_first=1, page_last=2)
    assert judged(rows) == [("index-sequence", ITEMS[0])]


def test_a_long_list_of_numbers_is_told_in_short():
    rows = [replace(row, doc_seq=row.doc_seq * 2) if row.path else row for row in item_rows(ITEMS[0], [1] * 12)]
    text = format_index(rows)
    with pytest.raises(InvalidDeliveryError, match="1 finding") as caught:
        read_delivery(*texts(index=text, manifest=manifest_for(rows, text)))
    assert caught.value.findings[0].detail.endswith("18, 20, …")


@pytest.mark.parametrize(("first", "last"), [(5, 6), (3, 4)])
def test_a_gap_or_an_overlap_of_pages_is_found(first, last):
    assert judged(with_row(1, page_first=first, page_last=last)) == [("index-pages", ITEMS[0])]


def test_a_volume_that_does_not_start_at_page_one_is_found():
    rows = [replace(row, page_first=row.page_first + 1, page_last=row.page_last + 1) for row in ROWS[:2]]
    assert judged([*rows, *ROWS[2:]]) == [("index-pages", ITEMS[0])]


def test_a_document_without_a_page_is_found():
    rows = with_row(1, page_last=3, sides_scanned=0, sides_suppressed=4)
    assert set(judged(rows)) == {("index-pages", ITEMS[0]), ("index-totals-mismatch", ITEMS[0])}


def test_sides_that_are_not_the_pages_are_found():
    rows = with_row(1, sides_scanned=1, sides_suppressed=3)
    assert set(judged(rows)) == {("index-page-count", ITEMS[0]), ("index-totals-mismatch", ITEMS[0])}


def test_sheets_that_do_not_have_two_sides_are_found():
    rows = with_row(1, sides_suppressed=1)
    assert set(judged(rows)) == {("index-sheets", ITEMS[0]), ("index-totals-mismatch", ITEMS[0])}


def test_a_missing_counter_is_found():
    assert judged([*ROWS[:2], *ROWS[3:]]) == [("index-totals-missing", ITEMS[0])]


def test_a_counter_that_is_not_the_sum_is_found():
    assert judged(with_row(2, sheets=6)) == [("index-totals-mismatch", ITEMS[0])]
    assert judged(with_row(2, sides_suppressed=4)) == [("index-totals-mismatch", ITEMS[0])]


def test_a_counter_without_documents_is_found():
    empty = IndexRow(order_item_id(9), 0, 0, "", 0, 0, 0, 0, 0)
    assert judged([*ROWS, empty]) == [("index-item-empty", order_item_id(9))]


@pytest.mark.parametrize("changes", [{"path": "data/x.pdf"}, {"page_first": 1}, {"page_last": 1}, {"doc_seq": 1}])
def test_a_row_with_totals_names_no_document(changes):
    assert judged(with_row(2, **changes)) == [("index-value", ITEMS[0])]


def test_remarks_stay_out_of_findings():
    with pytest.raises(InvalidDeliveryError) as caught:
        read_delivery(*texts(index=format_index(with_row(1, sheets=9, remarks="Erika Mustermann"))))
    assert "Mustermann" not in str(caught.value.findings)
