"""Open stored bytes so that no damaged byte leaves."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from aktenfluss.contracts.documents import content_key
from aktenfluss.kernel import Principal

from ..domain.byte_range import ByteRange
from ..domain.content import Content, ContentState
from ..domain.errors import ContentDamagedError
from ..domain.ports import BytesMissingError, ByteStore
from ..domain.verification import BLOCK_BYTES, sole_block, verified, verified_blocks
from .report_damage import ReportDamage


@dataclass(frozen=True, slots=True)
class OpenContent:
    """Gives the bytes of a content, verified while they pass; a damage found so is reported like a scrub's."""

    store: ByteStore
    report: ReportDamage

    def check(self, content: Content) -> None:
        """Raise ContentDamagedError where the damage is known already."""
        if content.state is not ContentState.OK:
            raise ContentDamagedError(f"the stored bytes of {content.digest} are {content.state}")

    async def __call__(self, principal: Principal, content: Content, part: ByteRange | None) -> AsyncIterator[bytes]:
        """Yield the content, or the part of it.

        Raises ContentDamagedError, and so never yields a changed byte: of a large content what stands before it is out.
        """
        try:
            async for chunk in self._bytes(content_key(principal.tenant_id, content.digest), content, part):
                yield chunk
        except BytesMissingError as error:
            await self.report(principal, content.digest, ContentState.MISSING)
            raise ContentDamagedError(f"the stored bytes of {content.digest} are missing") from error
        except ContentDamagedError:
            await self.report(principal, content.digest, ContentState.CHANGED)
            raise

    async def _bytes(self, key: str, content: Content, part: ByteRange | None) -> AsyncIterator[bytes]:
        part = part or ByteRange(0, content.size_bytes - 1, content.size_bytes)
        if content.size_bytes <= BLOCK_BYTES:
            yield (await sole_block(content, self.store.read(key)))[part.first : part.last + 1]
            return
        if not content.block_digests:
            # An earlier release stored it: all of it is read once before a byte of it leaves.
            content = await verified(content, self.store.read(key))
        async for piece in self._from_blocks(key, content, part):
            yield piece

    async def _from_blocks(self, key: str, content: Content, part: ByteRange) -> AsyncIterator[bytes]:
        blocks = slice(part.first // BLOCK_BYTES, part.last // BLOCK_BYTES + 1)
        start, end = blocks.start * BLOCK_BYTES, min(blocks.stop * BLOCK_BYTES, content.size_bytes)
        skip, left = part.first - start, part.length
        async for block in verified_blocks(content, blocks, self.store.read(key, start, end - start)):
            piece = block[skip : skip + left]
            skip, left = 0, left - len(piece)
            yield piece
