"""Whatever goes wrong on the way: pushing again until it works stores every byte, and none twice without need."""

import asyncio
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aktenfluss.delivery import (
    Patience,
    PushOptions,
    ServerRefusedError,
    ServerUnavailableError,
    build_delivery,
    open_client,
    push_delivery,
)

from .box import box_info, box_rows, write_scans
from .fake_server import Answer, running_server

faults = st.lists(
    st.tuples(
        st.sampled_from(["PUT /v1/contents/", "PUT /v1/deliveries/", "POST /v1/deliveries/", "HEAD /v1/contents/"]),
        st.sampled_from([401, 429, 500, 503, 507]),
    ),
    max_size=8,
)


async def push_until_done(bag, server, options):
    """Push as a contractor does who runs the command until it succeeds."""
    for _ in range(20):
        async with open_client(server.url, "secret") as client:
            try:
                return await push_delivery(bag, client, options)
            except (ServerRefusedError, ServerUnavailableError):
                continue
    raise AssertionError("the push does not come to an end")


def packed(folder):
    rows = box_rows()
    return build_delivery(folder / "bag", rows, box_info(), write_scans(folder / "scans", rows))


@given(faults, st.none() | st.integers(1, 1_500), st.sampled_from([500, 1 << 20]), st.integers(1, 4))
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
def test_pushing_until_it_works_stores_every_byte(planned, cut_at, piece_bytes, parallel):
    folder = Path(tempfile.mkdtemp())
    try:
        delivery = packed(folder)
        options = PushOptions(parallel, piece_bytes=piece_bytes, patience=Patience(2, 0.0, 0.0))
        with running_server() as server:
            server.cut_at = cut_at
            server.planned = [(*fault.split(" "), Answer(status)) for fault, status in planned]
            report = asyncio.run(push_until_done(folder / "bag", server, options))
            again = asyncio.run(push_until_done(folder / "bag", server, options))
    finally:
        shutil.rmtree(folder)
    assert (report.answer.state, report.unsent) == ("received", ())
    assert server.contents.keys() == set(delivery.contents.values())
    assert (again.transferred, again.transferred_bytes) == (0, 0)
