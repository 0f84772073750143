"""Recognise the text of some pages."""

from contextlib import aclosing
from dataclasses import dataclass

from aktenfluss.kernel import Principal

from ..domain.errors import ContentDamagedError
from ..domain.page_text import PageText, TextUnit
from ..domain.ports import DocumentsQueries, DocumentsUnitOfWork, TextRecogniser
from .open_content import OpenContent


@dataclass(frozen=True, slots=True)
class RecogniseText:
    """Read the pages of a unit that were not read before, and keep each as soon as it is read.

    A worker that dies loses the page it was at; a page that cannot be read costs no other.
    """

    queries: DocumentsQueries
    units: DocumentsUnitOfWork
    opening: OpenContent
    recogniser: TextRecogniser

    async def __call__(self, principal: Principal, unit: TextUnit) -> None:
        known = await self.queries.texts(principal, unit.content)
        pages = [page for page in unit.pages if page not in known]
        if not pages:
            return
        content = await self.queries.content(principal, unit.content)
        assert content is not None, "a document refers to a content that is stored"
        try:
            self.opening.check(content)
            async with aclosing(self.recogniser.recognise(self.opening(principal, content, None), pages)) as texts:
                async for text in texts:
                    await self._keep(principal, unit, text)
        except ContentDamagedError:
            for page in pages:
                await self._keep(principal, unit, PageText.failed(page, "content-damaged"))

    async def _keep(self, principal: Principal, unit: TextUnit, text: PageText) -> None:
        async with self.units.begin(principal) as tx:
            await tx.texts.put(unit.content, text)
