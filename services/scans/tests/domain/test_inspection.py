"""The judgement of an item's documents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.delivery import IndexRow, LeadSheetCode, order_item_id
from aktenfluss.kernel import digest_of
from aktenfluss.scans.domain.inspection import MAX_DOCUMENTS, PdfFacts, Scan, fingerprint_of, judge
from aktenfluss.scans.domain.rules import Rule

ITEM, OTHER = order_item_id(1), order_item_id(2)
CONTENT = digest_of(b"scan")
CODE = LeadSheetCode(ITEM, 1).format()


def scan(doc_seq=1, volume=1, pages=2, content=CONTENT, size=10) -> Scan:
    path = f"data/{ITEM}/{volume}-{doc_seq}.pdf"
    row = IndexRow(ITEM, volume, doc_seq, path, 1, pages, pages, pages, pages)
    return Scan(row, content, size)


def facts(page_count=2, codes=(CODE,), **changes) -> PdfFacts:
    return PdfFacts(**{"content": CONTENT, "page_count": page_count, "codes": codes} | changes)


def rules_of(one: Scan, measured: PdfFacts | None) -> list[str]:
    return [finding.rule for finding in judge([one], {} if measured is None else {one.row.path: measured})]


def test_a_good_document_has_no_findings():
    assert rules_of(scan(), facts()) == []


@pytest.mark.parametrize(
    ("one", "measured", "rules"),
    [
        (scan(size=None), None, ["content-missing"]),
        (scan(), facts(content=digest_of(b"other")), ["content-damaged"]),
        (scan(), facts(page_count=3), ["pdf-page-count"]),
        (scan(), facts(codes=()), ["lead-sheet-missing"]),
        (scan(), facts(codes=("https://example.org", "EA1.FILE.1")), ["lead-sheet-missing"]),
        (scan(), facts(codes=(LeadSheetCode(OTHER, 1).format(),)), ["lead-sheet-wrong"]),
        (scan(), facts(codes=(LeadSheetCode(ITEM, 2).format(),)), ["lead-sheet-wrong"]),
        (scan(), facts(codes=(CODE, LeadSheetCode(OTHER, 1).format())), ["lead-sheet-wrong"]),
        (scan(), facts(page_count=1, codes=()), ["pdf-page-count", "lead-sheet-missing"]),
        (scan(doc_seq=2), facts(codes=()), []),
        (scan(volume=2), facts(codes=()), []),
        (scan(), facts(codes=("https://example.org", CODE)), []),
    ],
)
def test_each_broken_rule_is_found(one, measured, rules):
    assert rules_of(one, measured) == rules


@pytest.mark.parametrize("rule", [Rule.PDF_BOMB, Rule.PDF_ENCRYPTED, Rule.PDF_UNREADABLE, Rule.PDF_ACTIVE_CONTENT])
def test_what_the_child_refused_is_told_once(rule):
    found = judge([scan()], {scan().row.path: PdfFacts(refusal=(rule, "because"))})

    assert [(finding.rule, finding.place, finding.item, finding.detail) for finding in found] == [
        (rule, f"data/{ITEM}/1-1.pdf", ITEM, "because")
    ]


def test_all_documents_are_judged_although_the_first_is_bad():
    scans = [scan(), scan(2), scan(3, size=None)]
    measured = {scans[0].row.path: facts(codes=()), scans[1].row.path: facts(page_count=9)}

    assert [finding.rule for finding in judge(scans, measured)] == [
        "lead-sheet-missing",
        "pdf-page-count",
        "content-missing",
    ]


def test_an_item_with_too_many_documents_is_told_so():
    scans = [scan(number) for number in range(1, MAX_DOCUMENTS + 2)]
    measured = {one.row.path: facts() for one in scans}

    assert [finding.rule for finding in judge(scans, measured)] == ["item-too-large"]


@pytest.mark.parametrize("rule", Rule)
def test_every_rule_says_what_it_means_and_the_way_out(rule):
    found = rule.found("data/a.pdf", "detail", ITEM)

    assert rule.meaning.endswith(".")
    assert found.way_out.endswith(".")
    assert Rule.named(str(rule)) is rule


documents = st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from([b"a", b"b", b"c"]))


@given(st.lists(documents, min_size=1), st.lists(documents, min_size=1))
def test_fingerprints_are_equal_if_and_only_if_the_documents_are(one, other):
    def fingerprint(described):
        return fingerprint_of([scan(seq, pages=pages, content=digest_of(name)) for seq, pages, name in described])

    assert (fingerprint(one) == fingerprint(other)) is (one == other)
