"""The other services are asked as their contracts say, by this service itself."""

import pytest

from aktenfluss.delivery import IndexRow, order_item_id
from aktenfluss.kernel import Principal, Role, digest_of
from aktenfluss.scans.adapters.peers import CasesPeer, DocumentsPeer
from aktenfluss.scans.domain.inspection import Scan
from aktenfluss.servicekit import PeerProblem, ServiceUnavailableError

ITEM = order_item_id(1)
CLERK = Principal("someone", "offenbach", frozenset({Role.CLERK}), "request-1")


@pytest.fixture
def documents_peer(scans):
    return DocumentsPeer(scans.resources.peers)


async def scan_of(documents, name: bytes, doc_seq: int) -> Scan:
    content = await documents.keep(name)
    return Scan(IndexRow(ITEM, 1, doc_seq, f"data/{doc_seq}.pdf", 1, 3, 3, 3, 3), content, len(name))


async def test_case_files_are_looked_up_by_number(scans, stock):
    [first, second] = stock("A 1/20", "A 2/20")
    [namesake] = stock("A 2/20", authority="065200")
    look_up = CasesPeer(scans.resources.peers).look_up

    assert await look_up(CLERK, ["A 1/20", "B 9", "A 2/20"], None) == {"A 1/20": [first], "A 2/20": [second, namesake]}
    assert await look_up(CLERK, ["A 1/20", "A 2/20"], "065200") == {"A 2/20": [namesake]}


async def test_contents_that_are_stored_have_sizes(documents_peer, documents):
    kept = await documents.keep(b"four")

    assert await documents_peer.sizes(CLERK, {kept, digest_of(b"lost")}) == {kept: 4}


async def test_documents_are_made_in_the_order_of_the_paper_once_per_key(documents_peer, documents):
    scans = [await scan_of(documents, name, number) for number, name in enumerate([b"b", b"a", b"c"], 1)]

    made = [await documents_peer.store(CLERK, scans, key="delivery:item") for _ in range(2)]

    assert [document.content for document in made[0]] == [scan.content for scan in scans]
    assert {(document.media_type, document.page_count) for document in made[0]} == {("application/pdf", 3)}
    assert made[0] == made[1]


@pytest.mark.parametrize("failure", [404, 409, 422, 500, 503, 507])
async def test_documents_that_are_not_taken_are_tried_again_later(documents_peer, documents, failure):
    scans = [await scan_of(documents, b"a", 1)]
    documents.failures, documents.failure = 99, failure

    with pytest.raises(ServiceUnavailableError):
        await documents_peer.store(CLERK, scans, key="delivery:item")


async def test_the_service_asks_as_itself_for_the_callers_authority(documents_peer, documents):
    await documents_peer.sizes(CLERK, [digest_of(b"a")])

    claims = documents.callers[-1]
    assert (claims["tenant"], claims["roles"]) == ("offenbach", ["service"])
    assert "someone" not in str(claims)


async def test_a_problem_of_a_neighbour_is_told_as_it_is(scans, manager, neighbour_cases):
    neighbour_cases.broken = True

    with pytest.raises(PeerProblem):
        await CasesPeer(scans.resources.peers).look_up(CLERK, ["A 1/20"], None)
