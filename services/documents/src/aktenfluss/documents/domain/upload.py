"""An upload in chunks: what has arrived of a large content, kept until the rest comes."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from uuid import UUID

from .byte_range import ByteRange
from .content import digest_path
from .errors import UploadOffsetMismatchError

PARTS = "uploads/"
"""What the keys of all parts of all uploads start with."""
_PART = re.compile(
    # The milliseconds begin with a 0 until the year 2527.
    PARTS + r"[^/]+/sha256/[0-9a-f]{2}/[0-9a-f]{64}/(0[0-9a-f]{7})-([0-9a-f]{4})-7[0-9a-f]{3}(?:-[0-9a-f]{4,12}){2}"
)


class Step(Enum):
    """What to do with a chunk."""

    SKIP = "its bytes are here: an answer got lost"
    BEGIN = "it starts the upload, or starts it anew"
    APPEND = "it goes on where the upload ends"


@dataclass(frozen=True, slots=True)
class Upload:
    """A half-sent content: its first `received_bytes` are durable; `parts` are the keys of their objects, in order."""

    digest: str
    total_bytes: int
    received_bytes: int
    parts: tuple[str, ...]
    updated_at: datetime

    def step(self, chunk: ByteRange) -> Step:
        """Decide about a chunk.

        Raises UploadOffsetMismatchError where it leaves a gap or begins inside what is here.
        """
        if chunk.total != self.total_bytes:
            return first_step(self.digest, chunk)
        if chunk.last < self.received_bytes:
            return Step.SKIP
        if chunk.first == self.received_bytes:
            return Step.APPEND
        raise offset_mismatch(self.digest, self.received_bytes)


def first_step(digest: str, chunk: ByteRange) -> Step:
    """Decide about a chunk of a content of which nothing is here, or only a start with another total."""
    if chunk.first:
        raise offset_mismatch(digest, 0)
    return Step.BEGIN


def with_part(known: Upload | None, digest: str, chunk: ByteRange, part: str, now: datetime) -> Upload:
    """Return the upload after a chunk that was written as `part`."""
    if known is None or known.step(chunk) is Step.BEGIN:
        return Upload(digest, chunk.total, chunk.length, (part,), now)
    received = known.received_bytes + chunk.length
    return replace(known, received_bytes=received, parts=(*known.parts, part), updated_at=now)


def offset_mismatch(digest: str, received_bytes: int) -> UploadOffsetMismatchError:
    """Return the problem of a chunk that does not fit, naming where to go on."""
    return UploadOffsetMismatchError(
        f"the upload of {digest} goes on at byte {received_bytes}", upload_offset=received_bytes
    )


def part_key(tenant_id: str, digest: str, part_id: UUID) -> str:
    """Return the key of a part; no two parts ever share one, so that two senders cannot mix their bytes."""
    return f"{PARTS}{tenant_id}/{digest_path(digest)}/{part_id}"


def part_written_at(key: str) -> datetime | None:
    """Return when the part was begun: its id is a UUID version 7 and starts with the milliseconds.

    None for a key that `part_key` does not make.
    """
    part = _PART.fullmatch(key)
    return datetime.fromtimestamp(int(part[1] + part[2], 16) / 1000, UTC) if part else None
