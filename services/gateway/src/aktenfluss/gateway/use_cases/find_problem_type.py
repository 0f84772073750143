"""Find what a problem type means."""

from dataclasses import dataclass

from ..domain.errors import ProblemTypeNotFoundError
from ..domain.ports import ApiDescriptions
from ..domain.problem_type import ProblemType, problem_types


@dataclass(frozen=True, slots=True)
class FindProblemType:
    """Explains the problems of all services."""

    descriptions: ApiDescriptions

    async def __call__(self, slug: str) -> ProblemType:
        """Return the problem type; raises ProblemTypeNotFoundError where no service has it."""
        found = problem_types(await self.descriptions.by_service()).get(slug)
        if found is None:
            raise ProblemTypeNotFoundError("No problem type has the name that was asked for.")
        return found

    async def all(self) -> list[ProblemType]:
        """Return every problem type, sorted by slug."""
        return list(problem_types(await self.descriptions.by_service()).values())
