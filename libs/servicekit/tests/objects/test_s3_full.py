"""An S3 store on a disk that is really full: told as such, nothing by half, and it passes."""

import subprocess
from contextlib import suppress

import pytest
from tools.servers import Minio, Versitygw

from aktenfluss.servicekit import S3Store, S3Url, ServiceUnavailableError, StorageFullError
from aktenfluss.testkit.object_store_contract import MEBIBYTE, chunks, content_of, keys_in

pytestmark = pytest.mark.servers

SIZES = {Minio: 300, Versitygw: 64}
"""MiB of a disk on which the store starts, and is soon full."""


@pytest.fixture(params=SIZES, ids=lambda server: server.name)
def server(request, tmp_path):
    size = f"size={SIZES[request.param]}m"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", tmp_path], check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let us mount a small disk")
    with request.param.start(tmp_path) as server:
        yield server
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


async def fill(store):
    """Write until the store says that it is full; MinIO may say first that the body broke off, as it does not read on."""
    for number in range(100):
        with suppress(ServiceUnavailableError):
            await store.write(f"filling/{number}", chunks(*[MEBIBYTE] * 12))


@pytest.mark.parametrize("mebibytes", [12, 40])
async def test_a_full_store_is_told_and_recovers(server, mebibytes):
    store = S3Store(S3Url.parse(server.url))
    await store.prepare()
    with pytest.raises(StorageFullError):
        await fill(store)
    kept = await keys_in(store)
    with pytest.raises(StorageFullError):
        await store.write("refused", chunks(*[MEBIBYTE] * mebibytes))
    assert await keys_in(store) == kept
    assert await store.sweep(older_than_seconds=0) == 0
    for key in kept:
        await store.delete(key)
    await store.write("accepted", chunks(MEBIBYTE))
    assert await content_of(store, "accepted") == MEBIBYTE
    await store.close()
