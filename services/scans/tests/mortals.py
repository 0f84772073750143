"""A check in a process that may end at any step, with an inspector that need not open PDFs."""

from collections.abc import Collection

from aktenfluss.scans.adapters.peers import DocumentsPeer
from aktenfluss.scans.domain.inspection import PdfFacts

from .boxes import Box


class KilledError(BaseException):
    """The end of a process, as far as the code inside it can tell."""


class Lifetime:
    """Counts what a process does and ends it after so many steps."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def step(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise KilledError


class MortalDocuments:
    """Documents asked by a process that may end before or after each answer."""

    def __init__(self, peer: DocumentsPeer, life: Lifetime) -> None:
        self._peer = peer
        self._life = life

    async def sizes(self, principal, contents):
        self._life.step()
        return await self._peer.sizes(principal, contents)

    async def store(self, principal, scans, *, key):
        self._life.step()
        documents = await self._peer.store(principal, scans, key=key)
        self._life.step()
        return documents


class TrustingInspector:
    """Finds every document as its index says; the `bad` items have no lead sheet."""

    def __init__(self, box: Box, bad: Collection[str]) -> None:
        self._facts = {}
        for item, documents in box.items.items():
            for content, page_count in documents:
                codes = () if item in bad else (box.code_of(item),)
                self._facts[box.digest_of(content)] = (page_count, codes)

    async def inspect(self, _, content, *, with_codes):
        page_count, codes = self._facts[content]
        return PdfFacts(content, page_count, codes if with_codes else ())
