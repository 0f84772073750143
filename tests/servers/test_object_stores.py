"""The S3 stores keep what they took over a kill, answer nobody without the key, and end when told."""

import io

import psutil
import pytest
import urllib3
from minio import Minio as Client
from minio.error import S3Error
from tools.servers import Minio, Versitygw

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module", params=[Minio, Versitygw], ids=["minio", "versitygw"])
def store(request, tmp_path_factory):
    with request.param.start(tmp_path_factory.mktemp("store")) as server:
        yield server


@pytest.fixture
def client(store):
    return client_of(store, store.secret_key)


def client_of(store, secret_key):
    pool = urllib3.PoolManager(retries=False, timeout=5)
    address = f"127.0.0.1:{store.port}"
    return Client(address, access_key=store.access_key, secret_key=secret_key, secure=False, http_client=pool)


def test_a_killed_store_comes_back_with_its_data(store, client):
    client.make_bucket("kept")
    client.put_object("kept", "a/b", io.BytesIO(b"bytes"), 5)

    store.kill()
    store.start_again()

    with client.get_object("kept", "a/b") as answer:
        assert answer.read() == b"bytes"


def test_nobody_enters_without_the_key(store):
    with pytest.raises(S3Error, match="SignatureDoesNotMatch"):
        client_of(store, "another secret").list_buckets()


def test_a_paused_store_does_not_answer_until_it_goes_on(store, client):
    store.pause()
    with pytest.raises(urllib3.exceptions.TimeoutError):
        client.list_buckets()

    store.resume()

    assert client.list_buckets() is not None


def test_the_url_names_a_bucket_of_the_store(store):
    where = f"{store.access_key}:{store.secret_key}@127.0.0.1:{store.port}"
    assert store.bucket_url("mine") == f"s3://{where}/mine?region=us-east-1&tls=false"


def test_a_stopped_store_is_gone(tmp_path):
    with Versitygw.start(tmp_path) as store:
        pid = store.pid

    assert not psutil.pid_exists(pid)
