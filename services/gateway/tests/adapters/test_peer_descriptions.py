"""The descriptions of services elsewhere are asked for, kept, and missed where they were never told."""

import pytest
from starlette.responses import JSONResponse, PlainTextResponse

from aktenfluss.gateway.adapters.peer_descriptions import PeerDescriptions
from aktenfluss.servicekit import Peers, ServiceUnavailableError

CASES = {"info": {"title": "Cases"}}


class Own:
    async def by_service(self):
        return {"gateway": {"info": {"title": "Gateway"}}}


class Place:
    """A service that comes and goes."""

    def __init__(self) -> None:
        self.answer = JSONResponse(CASES)
        self.asked = 0

    async def __call__(self, scope, receive, send) -> None:
        self.asked += 1
        await self.answer(scope, receive, send)

    def leave(self) -> None:
        self.answer = PlainTextResponse("away", 503)


@pytest.fixture
def place():
    return Place()


@pytest.fixture
def peers(place):
    peers = Peers({}, None, pause=0.001)
    peers.attach("cases", place)
    return peers


async def test_the_own_description_is_told_with_those_of_the_peers(peers):
    assert await PeerDescriptions(peers, ["cases"], Own()).by_service() == {
        "cases": CASES,
        "gateway": {"info": {"title": "Gateway"}},
    }


async def test_a_description_is_asked_for_again_only_when_it_is_old(peers, place):
    fresh, old = (PeerDescriptions(peers, ["cases"], Own(), fresh_seconds=seconds) for seconds in (60, 0))
    for descriptions in (fresh, fresh, old, old):
        await descriptions.by_service()
    assert place.asked == 3


async def test_what_was_told_once_outlives_an_absence(peers, place):
    descriptions = PeerDescriptions(peers, ["cases"], Own(), fresh_seconds=0)
    before = await descriptions.by_service()
    place.leave()
    assert await descriptions.by_service() == before


async def test_a_service_that_was_never_there_is_missed(peers, place):
    place.leave()
    with pytest.raises(ServiceUnavailableError, match="cases"):
        await PeerDescriptions(peers, ["cases"], Own()).by_service()
