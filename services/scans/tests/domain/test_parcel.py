"""An item of a delivery: what is told about it, and what a delivery still lacks."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.delivery import Delivery as Bag
from aktenfluss.delivery import Index, IndexRow, order_item_id
from aktenfluss.kernel import digest_of, new_id
from aktenfluss.scans.domain.completeness import missing_contents, size_findings
from aktenfluss.scans.domain.delivery import DeliveryItem, Outcome, findings_of
from aktenfluss.scans.domain.order_item import OrderItem
from aktenfluss.scans.domain.parcel import parcels_of

ORDER = new_id()
ITEMS = [order_item_id(number) for number in (1, 2)]


def bag_of(named: dict[str, bytes], octets: int = 0) -> Bag:
    """Return a delivery with these documents, by path `data/<item>/<number>.pdf`."""
    rows = []
    for path in named:
        item, number = path.removeprefix("data/").removesuffix(".pdf").split("/")
        rows.append(IndexRow(item, 1, int(number), path, 1, 1, 1, 1, 1))
    contents = {path: digest_of(content) for path, content in named.items()}
    info = SimpleNamespace(payload_oxum=SimpleNamespace(octets=octets, files=len(named)))
    return Bag(digest_of(b"bag"), contents, Index.of(rows), info)


def path_of(item: str, number: int) -> str:
    return f"data/{item}/{number}.pdf"


@pytest.fixture
def bag():
    return bag_of({path_of(ITEMS[0], 1): b"a", path_of(ITEMS[0], 2): b"b", path_of(ITEMS[1], 1): b"a"}, octets=3)


@pytest.fixture
def parcels(bag):
    return parcels_of(bag, ORDER, {digest_of(b"a"): 1})


@pytest.fixture
def entry():
    return DeliveryItem(ITEMS[0], 2, 2)


@pytest.fixture
def item(parcels):
    item = OrderItem(ITEMS[0], ORDER, new_id())
    item.accept(digest_of(b"former"), parcels[0].fingerprint)
    return item


def test_a_parcel_holds_the_documents_of_one_item(parcels):
    assert [(parcel.item_id, len(parcel.scans)) for parcel in parcels] == [(ITEMS[0], 2), (ITEMS[1], 1)]
    assert [scan.size_bytes for scan in parcels[0].scans] == [1, None]
    assert [scan.leads for scan in parcels[0].scans] == [True, False]


def test_an_unknown_item_is_told_once_at_its_first_document(parcels, entry):
    parcels[0].decide_unknown(entry)

    assert entry.outcome is Outcome.REJECTED
    assert [(finding.rule, finding.place, finding.detail) for finding in entry.findings] == [
        ("unknown-item", path_of(ITEMS[0], 1), f"{ITEMS[0]} is not on scan order {ORDER}")
    ]


def test_the_same_documents_again_are_unchanged(parcels, entry, item):
    parcels[0].decide_settled(entry, item)

    assert (entry.outcome, entry.findings) == (Outcome.UNCHANGED, [])


def test_other_documents_are_refused_and_the_first_ones_named(parcels, entry, item):
    parcels[1].decide_settled(entry, item)

    assert entry.outcome is Outcome.REJECTED
    assert entry.findings[0].rule == "item-already-filed"
    assert entry.findings[0].detail == f"other documents are accepted since delivery {digest_of(b'former')}"


def test_findings_keep_the_order_of_the_items(parcels):
    entries = [DeliveryItem(item_id, 1, 1) for item_id in ITEMS]
    for parcel, entry in zip(parcels, entries, strict=True):
        parcel.decide_unknown(entry)

    assert [finding.item for finding in findings_of(entries)] == ITEMS


def test_a_missing_content_is_told_once_with_its_first_path(bag):
    missing = missing_contents(bag, {digest_of(b"b"): 1})

    assert [(lack.content, lack.path) for lack in missing] == [(digest_of(b"a"), path_of(ITEMS[0], 1))]


@given(st.sets(st.sampled_from([b"a", b"b", b"c"])))
def test_a_content_is_stored_or_missing(stored):
    bag = bag_of({path_of(ITEMS[0], number): name for number, name in enumerate([b"a", b"b", b"c", b"a"], 1)})
    missing = missing_contents(bag, {digest_of(name): 1 for name in stored})

    assert {lack.content for lack in missing} == {digest_of(name) for name in {b"a", b"b", b"c"} - stored}


@pytest.mark.parametrize(("size", "rules"), [(1, []), (2, ["oxum-mismatch"])])
def test_every_path_counts_for_the_size_of_the_payload(bag, size, rules):
    sizes = {digest_of(name): size for name in (b"a", b"b")}

    assert [finding.rule for finding in size_findings(bag, sizes)] == rules
