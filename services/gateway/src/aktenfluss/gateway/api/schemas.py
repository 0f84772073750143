"""What the public door answers in JSON."""

from pydantic import Field

from aktenfluss.servicekit import JsonModel

from ..domain.problem_type import ProblemType


class ProblemTypeRead(JsonModel):
    """A kind of error answer."""

    slug: str
    title: str
    status: int
    description: str

    @classmethod
    def of(cls, problem: ProblemType) -> "ProblemTypeRead":
        """Return `problem` as it is sent."""
        return cls(slug=problem.slug, title=problem.title, status=problem.status, description=problem.description)


class ProblemTypesRead(JsonModel):
    """All kinds of error answers."""

    items: list[ProblemTypeRead]


class Link(JsonModel):
    """The target of a link of a link set (RFC 9264)."""

    href: str
    type: str


class LinkContext(JsonModel):
    """An API and where it is described; every reference is relative to the catalogue."""

    anchor: str
    service_desc: list[Link] = Field(serialization_alias="service-desc")
    service_doc: list[Link] = Field(serialization_alias="service-doc")


class ApiCatalog(JsonModel):
    """The catalogue of the APIs (RFC 9727)."""

    linkset: list[LinkContext]

    @classmethod
    def of(cls, collections: dict[str, list[str]]) -> "ApiCatalog":
        """Return the catalogue of the collections of each service."""
        description = Link(href="/openapi.json", type="application/vnd.oai.openapi+json;version=3.1")
        documentation = Link(href="/", type="text/html")
        paths = (path for found in collections.values() for path in found)
        contexts = [LinkContext(anchor=path, service_desc=[description], service_doc=[documentation]) for path in paths]
        return cls(linkset=contexts)
