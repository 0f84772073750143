import httpx
import pytest

from aktenfluss.delivery import Patience, ServerRefusedError
from aktenfluss.delivery.server import Server

CONTENT = "sha256:" + "a" * 64
KNOWN = {"delivery": CONTENT, "state": "uploading", "missing": [], "items": [], "findings": []}


class Script(httpx.AsyncBaseTransport):
    """Gives its answers one after the other, the last one for ever."""

    def __init__(self, answers):
        self.answers = list(answers)

    async def handle_async_request(self, _request):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def answering(*answers):
    client = httpx.AsyncClient(transport=Script(answers), base_url="http://server.test")
    return Server(client, Patience(attempts=3, first_wait=0.0, longest_wait=0.0))


async def test_members_that_come_later_are_ignored():
    answer = await answering(httpx.Response(200, json={**KNOWN, "colour": "blue"})).look_up(CONTENT)
    assert answer.state == "uploading"


async def test_a_short_answer_is_enough():
    answer = await answering(httpx.Response(202, json={"delivery": CONTENT, "state": "received"})).complete(
        CONTENT, accept_missing=False
    )
    assert (answer.missing, answer.items, answer.findings) == ((), (), ())


@pytest.mark.parametrize("said", ["", "x", "-1", "1.5"])
async def test_an_offset_that_is_no_number_means_from_the_start(said):
    assert await answering(httpx.Response(404, headers={"Upload-Offset": said})).stored_bytes(CONTENT) == 0


async def test_the_offset_of_a_half_sent_content_is_told():
    assert await answering(httpx.Response(404, headers={"Upload-Offset": "700"})).stored_bytes(CONTENT) == 700


async def test_a_complete_content_has_no_offset():
    assert await answering(httpx.Response(200, headers={"Content-Length": "9"})).stored_bytes(CONTENT) is None


async def test_a_refusal_that_is_no_problem_body_is_told_by_its_status():
    with pytest.raises(ServerRefusedError, match=r"^403 Forbidden$"):
        await answering(httpx.Response(403, text="<html>no</html>")).look_up(CONTENT)


async def test_a_redirect_is_not_followed_with_the_token():
    with pytest.raises(ServerRefusedError, match=r"^307"):
        await answering(httpx.Response(307, headers={"Location": "http://elsewhere.test"})).look_up(CONTENT)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 507])
async def test_what_goes_away_is_tried_again(status):
    answer = await answering(httpx.Response(status), httpx.Response(200, json=KNOWN)).look_up(CONTENT)
    assert answer.delivery == CONTENT


async def test_a_long_retry_after_is_cut_to_what_the_caller_bears():
    busy = httpx.Response(503, headers={"Retry-After": "86400"})
    assert (await answering(busy, httpx.Response(200, json=KNOWN)).look_up(CONTENT)).delivery == CONTENT
