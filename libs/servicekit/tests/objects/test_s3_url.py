"""What the URL of an S3 store may say, and how it is refused."""

import pytest

from aktenfluss.servicekit import S3Url, SettingsError

SECRET = "s3cr3t-part"


def test_the_shortest_url_means_tls_and_the_first_region():
    url = S3Url.parse("s3://key:secret@store.example/contents")
    assert url == S3Url("store.example", "contents", "key", "secret", region="us-east-1", tls=True, ca=None)


def test_all_that_can_be_said(tmp_path):
    ca = tmp_path / "ca.pem"
    ca.touch()
    url = S3Url.parse(f"s3://k%2Fey:se%40c%3Aret@[::1]:9000/contents/?region=eu-central-1&tls=false&ca={ca}")
    assert url == S3Url("[::1]:9000", "contents", "k/ey", "se@c:ret", region="eu-central-1", tls=False, ca=ca)


def test_the_keys_are_not_shown():
    assert SECRET not in repr(S3Url.parse(f"s3://key:{SECRET}@store.example/contents"))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (f"s3://{SECRET}/contents", "access key is missing"),
        (f"s3://key:{SECRET}@/contents", "host is missing"),
        ("s3://key@store/contents", "secret key is missing"),
        (f"s3://key:{SECRET}@store", "bucket is not of the form"),
        (f"s3://key:{SECRET}@store/Contents", "bucket is not of the form"),
        (f"s3://key:{SECRET}@store/contents/folder", "bucket is not of the form"),
        (f"s3://key:{SECRET}@store/contents?region=", "region is not of the form"),
        (f"s3://key:{SECRET}@store/contents?tls=no", "tls is neither true nor false"),
        (f"s3://key:{SECRET}@store/contents?ca=/nowhere/ca.pem", "ca names no file"),
        (f"s3://key:{SECRET}@store/contents?tsl=false", "unknown parameter tsl"),
        (f"s3://key:a/{SECRET}@store/contents", "host and port cannot be read"),
        (f"s3://key:x@store:{SECRET}/contents", "host and port cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_refused_without_showing_a_secret(url, why):
    with pytest.raises(SettingsError, match=why) as refused:
        S3Url.parse(url)
    assert str(refused.value).startswith("OBJECT_STORE_URL: ")
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None
