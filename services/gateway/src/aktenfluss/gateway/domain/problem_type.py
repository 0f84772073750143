"""The problems that services can answer with, read from their descriptions."""

from collections.abc import Mapping
from dataclasses import dataclass

from .api_description import OpenApi

EXTENSION = "x-problems"


@dataclass(frozen=True, slots=True, order=True)
class ProblemType:
    """One kind of answer that is an error: what happened and what to do (RFC 9457)."""

    slug: str
    title: str
    status: int
    description: str

    @property
    def paragraphs(self) -> list[str]:
        """The description without its line breaks."""
        return [" ".join(paragraph.split()) for paragraph in self.description.split("\n\n") if paragraph.strip()]


def problem_types(descriptions: Mapping[str, OpenApi]) -> dict[str, ProblemType]:
    """Return every problem type of `descriptions` by its slug, in their order."""
    told = (problem for description in descriptions.values() for problem in description.get(EXTENSION, []))
    types = {ProblemType(**{name: problem[name] for name in ProblemType.__slots__}) for problem in told}
    return {found.slug: found for found in sorted(types)}
