"""What a backup consists of, written last: without its manifest there is no backup."""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Self

from ..errors import NotPreparedError
from ..objects.object_store import ObjectNotFoundError, ObjectStore

DATABASES = "databases/"
OBJECTS = "objects/"
FORM = "%Y%m%dT%H%M%S.%fZ"


class BackupError(NotPreparedError):
    """There is no such backup, it is not whole, or what it would be restored into is not empty."""


@dataclass(frozen=True, slots=True)
class Dump:
    """The dump of one database."""

    revision: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A backup: of which moment, and its dumps; the objects are shared by all backups of a store."""

    name: str
    dumps: Mapping[str, Dump]

    @classmethod
    def of(cls, moment: datetime, dumps: Mapping[str, Dump]) -> Self:
        return cls(moment.astimezone(UTC).strftime(FORM), dumps)

    @classmethod
    def decode(cls, content: bytes) -> Self:
        told = json.loads(content)
        return cls(told["name"], {name: Dump(**dump) for name, dump in told["dumps"].items()})

    def encode(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode()

    @property
    def moment(self) -> datetime:
        """When it was."""
        return datetime.strptime(self.name, FORM).replace(tzinfo=UTC)


def dump_key(backup: str, database: str) -> str:
    return f"{DATABASES}{backup}/{database}.dump"


def manifest_key(backup: str) -> str:
    return f"{DATABASES}{backup}/manifest.json"


async def backups(store: ObjectStore) -> list[str]:
    """Return the names of the whole backups of a store, the oldest first."""
    keys = [key async for key in store.list(DATABASES)]
    return sorted(key.split("/")[1] for key in keys if key.endswith("/manifest.json"))


async def read_manifest(store: ObjectStore, name: str | None) -> Manifest:
    """Return the manifest of a backup, of the latest for None; raises BackupError where there is none."""
    there = await backups(store)
    wanted = name or (there[-1] if there else "")
    if wanted not in there:
        raise BackupError(f"BACKUP_URL: there is no backup {wanted}; there are: {', '.join(there[-20:]) or 'none'}")
    return Manifest.decode(b"".join([chunk async for chunk in store.read(manifest_key(wanted))]))


class Counted:
    """Passes chunks on, and knows afterwards how many bytes they were and their SHA-256."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._digest = hashlib.sha256()
        self.size_bytes = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._chunks:
            self._digest.update(chunk)
            self.size_bytes += len(chunk)
            yield chunk

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


async def verify(store: ObjectStore, manifest: Manifest) -> None:
    """Raise BackupError unless every dump is there as it was written."""
    for name, dump in manifest.dumps.items():
        read = Counted(store.read(dump_key(manifest.name, name)))
        try:
            async for _ in read:
                pass
        except ObjectNotFoundError as exc:
            raise BackupError(f"the dump of {name} is missing in the backup {manifest.name}") from exc
        if (read.size_bytes, read.sha256) != (dump.size_bytes, dump.sha256):
            raise BackupError(f"the dump of {name} is not what was written in the backup {manifest.name}")
