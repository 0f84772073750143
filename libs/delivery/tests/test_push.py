import pytest

from aktenfluss.delivery import (
    Patience,
    PushOptions,
    ServerRefusedError,
    ServerUnavailableError,
    build_delivery,
    open_client,
    open_delivery,
    push_delivery,
)
from aktenfluss.kernel import digest_of

from .box import box_info, box_rows
from .fake_server import Answer, problem

AT_ONCE = Patience(attempts=4, first_wait=0.0)


async def push(folder, server, token="secret", progress=None, **options):
    async with open_client(server.url, token) as client:
        return await push_delivery(folder, client, PushOptions(patience=AT_ONCE, **options), progress)


async def test_a_push_sends_everything_and_completes(bag, server):
    report = await push(bag, server)
    delivery = open_delivery(bag)
    assert (report.announced, report.transferred, report.skipped, report.unsent) == (5, 5, 0, ())
    assert report.transferred_bytes == delivery.info.payload_oxum.octets
    assert report.answer.state == "received"
    assert server.contents.keys() == set(delivery.contents.values())


async def test_a_second_push_transfers_nothing(bag, server):
    await push(bag, server)
    before = len(server.uploads())
    report = await push(bag, server)
    assert (report.transferred, report.transferred_bytes, report.skipped) == (0, 0, 5)
    assert len(server.uploads()) == before


async def test_only_what_the_server_lacks_is_sent(bag, server):
    scan = next(bag.rglob("*.pdf")).read_bytes()
    server.contents[digest_of(scan)] = scan
    report = await push(bag, server)
    assert (report.transferred, report.skipped) == (4, 1)


async def test_the_way_of_a_large_file_in_pieces(bag, server):
    report = await push(bag, server, piece_bytes=700)
    assert report.transferred == 5
    assert max(request.size for request in server.uploads()) == 700
    assert report.transferred_bytes == sum(request.size for request in server.uploads())


async def test_a_cut_connection_is_resumed_where_it_was_cut(bag, server):
    server.cut_at = 600
    report = await push(bag, server, piece_bytes=700)
    assert report.transferred == 5
    starts = [r.headers["content-range"].split("-")[0] for r in server.uploads() if "content-range" in r.headers]
    assert "bytes 600" in starts
    assert report.transferred_bytes == open_delivery(bag).info.payload_oxum.octets - 600


async def test_a_piece_that_an_earlier_try_stored_meanwhile_is_passed_over(bag, server):
    server.parts = {digest_of(scan.read_bytes()): scan.read_bytes()[:100] for scan in bag.rglob("*.pdf")}
    server.planned += [("HEAD", "/v1/contents/", Answer(404))]
    report = await push(bag, server, piece_bytes=700, parallel=1)
    assert (report.transferred, report.unsent) == (5, ())


async def test_an_upload_that_moves_for_ever_does_not_stop_the_others(bag, server):
    server.planned += [("PUT", "/v1/contents/", problem(409, "upload-offset-mismatch", "another was quicker"))] * 4
    report = await push(bag, server, piece_bytes=700, parallel=1)
    assert (report.transferred, [finding.rule for finding in report.unsent]) == (4, ["content-refused"])


async def test_a_cut_connection_in_a_small_file_sends_it_again(bag, server):
    server.cut_at = 10
    report = await push(bag, server)
    assert report.transferred == 5
    assert len(server.uploads()) == 6


async def test_a_server_that_asks_for_patience_gets_it(bag, server):
    server.planned += [
        ("PUT", "/v1/deliveries/", Answer(503, headers={"Retry-After": "0"})),
        ("PUT", "/v1/contents/", Answer(507)),
        ("POST", "/v1/deliveries/", Answer(502, headers={"Retry-After": "Mon, 23 Nov 2026 12:00:00 GMT"})),
    ]
    assert (await push(bag, server)).answer.state == "received"


async def test_a_server_that_does_not_recover_is_unavailable(bag, server):
    server.planned += [("PUT", "/v1/contents/", Answer(503))] * 40
    with pytest.raises(ServerUnavailableError, match="503"):
        await push(bag, server)


async def test_a_push_after_a_failed_one_sends_the_rest(bag, server):
    server.planned += [("PUT", "/v1/contents/", Answer(401))]
    with pytest.raises(ServerRefusedError):
        await push(bag, server, parallel=1)
    assert (await push(bag, server)).answer.state == "received"


async def test_nobody_at_the_url_is_unavailable(bag, server):
    async with open_client("http://127.0.0.1:9", "secret") as client:
        with pytest.raises(ServerUnavailableError):
            await push_delivery(bag, client, PushOptions(patience=AT_ONCE))


async def test_a_wrong_token_is_refused_with_the_words_of_the_server(bag, server):
    with pytest.raises(ServerRefusedError, match="401 unauthenticated the token is missing") as caught:
        await push(bag, server, token="wrong")
    assert caught.value.status == 401


async def test_another_server_is_recognised(bag, server):
    server.planned += [("PUT", "/v1/deliveries/", Answer(200, ["<html>"]))]
    with pytest.raises(ServerRefusedError, match="not the answer of an Aktenfluss server"):
        await push(bag, server)


async def test_the_findings_of_the_server_come_with_the_refusal(bag, server):
    finding = {"rule": "r", "place": "p", "item": None, "detail": "d", "way_out": "w"}
    server.planned += [("PUT", "/v1/deliveries/", Answer(422, {"findings": [finding]}))]
    with pytest.raises(ServerRefusedError) as caught:
        await push(bag, server)
    assert caught.value.findings[0].rule == "r"


async def test_a_corrupted_and_a_missing_file_do_not_stop_the_others(bag, server):
    first, second, *_ = sorted(bag.rglob("*.pdf"))
    first.write_bytes(b"%PDF-corrupted")
    second.unlink()
    report = await push(bag, server)
    assert sorted(finding.rule for finding in report.unsent) == ["content-refused", "file-missing"]
    assert (report.transferred, report.answer.state) == (3, "uploading")


async def test_a_delivery_with_a_missing_file_can_be_completed(bag, server):
    next(bag.rglob("*.pdf")).unlink()
    report = await push(bag, server, accept_missing=True)
    assert [finding.rule for finding in report.unsent] == ["file-missing"]
    assert report.answer.state == "received"


async def test_a_link_is_not_followed(bag, server):
    scan = next(bag.rglob("*.pdf"))
    scan.rename(bag.parent / "elsewhere.pdf")
    scan.symlink_to(bag.parent / "elsewhere.pdf")
    assert [finding.rule for finding in (await push(bag, server)).unsent] == ["symlink"]


async def test_waiting_ends_with_the_result_of_the_check(bag, server):
    server.findings = [{"rule": "page-count", "place": "p", "item": None, "detail": "d", "way_out": "w"}]
    report = await push(bag, server, wait=True)
    assert report.answer.state == "checked"
    assert [finding.rule for finding in report.answer.findings] == ["page-count"]


async def test_a_server_that_forgets_pieces_does_not_keep_the_push_for_ever(bag, server):
    server.planned += [("PUT", "/v1/contents/", Answer(202))] * 40
    report = await push(bag, server, piece_bytes=700)
    assert {finding.rule for finding in report.unsent} == {"content-refused"}


async def test_progress_reaches_what_it_expects(bag, server):
    class Ticks:
        expected = sent = 0

        def expect(self, contents, size_bytes):
            self.expected += size_bytes

        def advance(self, size_bytes):
            self.sent += size_bytes

    ticks = Ticks()
    server.cut_at = 600
    await push(bag, server, progress=ticks, piece_bytes=700)
    assert ticks.sent == ticks.expected == open_delivery(bag).info.payload_oxum.octets


async def test_a_file_of_many_blocks_is_streamed(bag, server):
    scan = next(bag.rglob("*.pdf"))
    scan.write_bytes(b"%PDF-" + b"x" * 2_500_000)
    rebuilt = build_delivery(bag, box_rows(), box_info())
    report = await push(bag, server)
    assert (report.transferred, report.unsent) == (5, ())
    assert report.transferred_bytes == rebuilt.info.payload_oxum.octets


async def test_a_file_that_shrinks_while_it_is_sent_does_not_stop_the_others(bag, server):
    class Shrinking:
        """Shortens the files once they have been measured."""

        def expect(self, _contents, _size_bytes):
            for path in bag.rglob("v1-1.pdf"):
                path.write_bytes(b"%PDF-")

        def advance(self, size_bytes):
            """Nothing more to do."""

    report = await push(bag, server, progress=Shrinking())
    assert [finding.rule for finding in report.unsent] == ["file-unreadable"] * 2
    assert report.transferred == 3


async def test_a_piece_that_the_server_has_already_is_not_sent(bag, server):
    server.planned += [("HEAD", "/v1/contents/", Answer(200))]
    report = await push(bag, server, piece_bytes=700, accept_missing=True)
    assert report.transferred == 5
    assert report.transferred_bytes < open_delivery(bag).info.payload_oxum.octets
