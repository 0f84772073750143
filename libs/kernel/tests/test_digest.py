"""Digests name contents: one written form, nothing else."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from aktenfluss.kernel import Digest, digest_of

digests = TypeAdapter(Digest)


@given(st.binary())
def test_every_content_has_a_valid_digest(content):
    digest = digest_of(content)

    assert digests.validate_python(digest) == f"sha256:{hashlib.sha256(content).hexdigest()}"


@given(st.binary(), st.binary())
def test_two_contents_share_a_digest_only_if_they_are_equal(one, other):
    assert (digest_of(one) == digest_of(other)) == (one == other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sha256:",
        "sha256:" + "a" * 63,
        "sha256:" + "a" * 65,
        "sha256:" + "A" * 64,
        "sha256:" + "g" * 64,
        "md5:" + "a" * 32,
        "sha512:" + "a" * 64,
        "a" * 64,
        " sha256:" + "a" * 64,
        "sha256:" + "a" * 64 + "\n",
        "sha256:../../" + "a" * 58,
    ],
)
def test_other_forms_are_refused(text):
    with pytest.raises(ValidationError):
        digests.validate_python(text)
