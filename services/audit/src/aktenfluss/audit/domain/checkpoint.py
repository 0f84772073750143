"""The checkpoint: a signed statement about all records of one authority up to a position."""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

from .merkle import NO_TREE, CompactRange
from .record import NO_HASH, canonical

FORMAT = "aktenfluss.audit.checkpoint.v1"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """States that the first `size` records of a tenant have the tree hash `root`.

    `frontier` is the compact range from which the next one goes on. `number` counts the tenant's checkpoints from
    1; `previous_hash` is the hash of the one before. `sealed_us` is in microseconds since 1970.
    """

    tenant_id: str
    number: int
    size: int
    root: bytes
    frontier: tuple[bytes, ...]
    sealed_us: int | None
    previous_hash: bytes

    def statement(self) -> bytes:
        """Return the bytes that are signed."""
        return canonical(
            {
                "format": FORMAT,
                "tenant": self.tenant_id,
                "number": self.number,
                "size": self.size,
                "root": self.root.hex(),
                "frontier": [peak.hex() for peak in self.frontier],
                "sealed_us": self.sealed_us,
                "previous": self.previous_hash.hex(),
            }
        ).encode()

    @classmethod
    def of_statement(cls, statement: bytes) -> Self:
        """Return the checkpoint that we signed as `statement`."""
        fields: dict[str, Any] = json.loads(statement)
        return cls(
            tenant_id=fields["tenant"],
            number=fields["number"],
            size=fields["size"],
            root=bytes.fromhex(fields["root"]),
            frontier=tuple(bytes.fromhex(peak) for peak in fields["frontier"]),
            sealed_us=fields["sealed_us"],
            previous_hash=bytes.fromhex(fields["previous"]),
        )


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint with its signature: a compact JWS (RFC 7515) whose payload is the statement."""

    checkpoint: Checkpoint
    signature: str


@dataclass(frozen=True, slots=True)
class CheckpointCopy:
    """What the object store keeps of a checkpoint: the JWS and the leaves that came with it.

    With the leaves a verification names the very record that does not belong; a root alone tells only that one
    does not. An object that cannot be read counts as a copy without signature.
    """

    signature: str = ""
    leaves: tuple[bytes, ...] = ()

    def encode(self) -> bytes:
        return canonical({"signature": self.signature, "leaves": [leaf.hex() for leaf in self.leaves]}).encode()

    @classmethod
    def decode(cls, content: bytes) -> Self:
        try:
            fields = json.loads(content)
            copy = cls(str(fields["signature"]), tuple(bytes.fromhex(leaf) for leaf in fields["leaves"]))
        except (ValueError, TypeError, KeyError, RecursionError):
            return cls()
        # Another spelling of the same is not what was written either.
        return copy if copy.encode() == content else cls()


@dataclass(frozen=True, slots=True)
class Trail:
    """The tenant's log up to its latest checkpoint: what the next one has to continue."""

    tenant_id: str
    number: int = 0
    hash: bytes = NO_HASH
    tree: CompactRange = NO_TREE

    def seal(self, leaves: tuple[bytes, ...], sealed_us: int) -> Checkpoint:
        """Return the statement that the log goes on with `leaves`."""
        tree = self.tree.extend(leaves)
        return Checkpoint(self.tenant_id, self.number + 1, tree.size, tree.root, tree.peaks, sealed_us, self.hash)

    def continued_by(self, checkpoint: Checkpoint) -> bool:
        """Tell whether `checkpoint` is the next one of this trail."""
        place = (self.tenant_id, self.number + 1, self.hash)
        return place == (checkpoint.tenant_id, checkpoint.number, checkpoint.previous_hash)

    def seals(self, checkpoint: Checkpoint, leaves: tuple[bytes, ...]) -> bool:
        """Tell whether `checkpoint` is the next one and states exactly `leaves`."""
        tree = self.tree.extend(leaves)
        stated = (checkpoint.size, checkpoint.root, checkpoint.frontier)
        return self.continued_by(checkpoint) and stated == (tree.size, tree.root, tree.peaks)

    def after(self, signed: SignedCheckpoint) -> "Trail":
        """Return the trail behind a checkpoint whose signature was checked."""
        checkpoint = signed.checkpoint
        tree = CompactRange(checkpoint.size, checkpoint.frontier)
        return Trail(self.tenant_id, checkpoint.number, sha256(signed.signature.encode()).digest(), tree)
