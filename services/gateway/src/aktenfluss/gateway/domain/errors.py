"""The problems of the gateway."""

from typing import ClassVar

from aktenfluss.kernel import Kind, Problem


class ProblemTypeNotFoundError(Problem):
    """No service answers with a problem of this name.

    Way out: `/problems` lists every problem type with its page.
    """

    slug: ClassVar[str] = "problem-type-not-found"
    title: ClassVar[str] = "Unknown problem type"
    kind: ClassVar[Kind] = Kind.NOT_FOUND
