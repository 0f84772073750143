"""An installation on a bucket: made by `prepare`, tried and told at the start, refused where it cannot be used."""

from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr

from aktenfluss.servicekit import (
    NotPreparedError,
    S3Store,
    ServiceSettings,
    SettingsError,
    StoreRefusedError,
    open_installation,
)
from aktenfluss.servicekit.process.store_report import report_store
from aktenfluss.testkit.object_store_contract import chunks, content_of


@asynccontextmanager
async def installation_on(url, folder):
    async with open_installation(ServiceSettings(data_folder=folder, object_store_url=SecretStr(url))) as installation:
        yield installation


def seen(installation):
    names = ("versioning", "object_lock", "lock_enforced")
    value = installation.registry.get_sample_value
    return {name: value("object_store_capability", {"capability": name}) for name in names}


@pytest.fixture
def address(url):
    return f"s3://{url.access_key}:{url.secret_key}@{url.endpoint}/{url.bucket}?tls=false"


@pytest.mark.servers
async def test_what_prepare_made_is_there_at_the_start(address, data_folder):
    async with installation_on(address, data_folder) as installation:
        assert isinstance(installation.store, S3Store)
        with pytest.raises(NotPreparedError):
            await report_store(installation.store, installation.registry)
    async with installation_on(address, data_folder) as installation:
        await installation.store.prepare()
        await installation.store.write("a", chunks(b"x"))
    async with installation_on(address, data_folder) as installation:
        await report_store(installation.store, installation.registry)
        assert seen(installation) == {"versioning": 0.0, "object_lock": 0.0, "lock_enforced": None}
        assert await content_of(installation.store, "a") == b"x"


@pytest.mark.servers
async def test_a_store_that_refuses_our_keys_is_no_start(address, url, data_folder):
    async with installation_on(address.replace(url.secret_key, "another"), data_folder) as installation:
        with pytest.raises(StoreRefusedError):
            await report_store(installation.store, installation.registry)


async def test_a_store_that_is_down_is_waited_for_by_those_who_need_it(data_folder, capsys):
    async with installation_on("s3://key:secret@127.0.0.1:1/contents?tls=false", data_folder) as installation:
        await report_store(installation.store, installation.registry)
        assert set(seen(installation).values()) == {None}
    assert "does not answer" in capsys.readouterr().out


async def test_a_url_that_says_nothing_usable_is_no_start(data_folder):
    with pytest.raises(SettingsError, match="OBJECT_STORE_URL"):
        async with installation_on("s3://key:secret@store", data_folder):
            pass
