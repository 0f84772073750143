"""The routes of the public door."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path
from starlette.responses import JSONResponse, Response

from aktenfluss.servicekit import GuardedRoute, Public, problems

from ..domain.errors import AnswerLostError, ProblemTypeNotFoundError, TooManyRequestsError
from ..use_cases.describe_api import DescribeApi
from ..use_cases.find_problem_type import FindProblemType
from .pages import problem_index, problem_page, start_page
from .schemas import ApiCatalog, ProblemTypeRead, ProblemTypesRead

CATALOG = "/.well-known/api-catalog"
EVERYBODY = [Public("what the API is like is no secret, and holds no records")]
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"

Accept = Annotated[str, Header(description="`application/json` for JSON, else a page is sent.")]
PAGE: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {}}}}


class LinksetResponse(JSONResponse):
    """A set of links that keeps to the profile of API catalogues (RFC 9264, RFC 9727)."""

    media_type = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'


def routes(describe_api: DescribeApi, find_problem_type: FindProblemType) -> APIRouter:
    """Return the routes, all of them open to everybody."""
    at_the_door = problems(TooManyRequestsError, AnswerLostError)
    router = APIRouter(route_class=GuardedRoute, dependencies=EVERYBODY, responses=at_the_door)

    @router.get("/", summary="Where to begin", response_class=Response, responses=PAGE)
    async def read_start() -> Response:
        return start_page()

    @router.get("/openapi.json", summary="The description of the whole API")
    async def read_description() -> dict[str, Any]:
        return await describe_api()

    @router.head(CATALOG, include_in_schema=False)
    @router.get(
        CATALOG,
        summary="The catalogue of the APIs (RFC 9727)",
        response_model=ApiCatalog,
        response_class=LinksetResponse,
    )
    async def read_catalog() -> Response:
        catalog = ApiCatalog.of(await describe_api.collections())
        link = {"Link": f'<{CATALOG}>; rel="api-catalog"'}
        return LinksetResponse(catalog.model_dump(by_alias=True), headers=link)

    @router.get("/problems", summary="Every problem type", response_model=ProblemTypesRead, responses=PAGE)
    async def list_problem_types(accept: Accept = "") -> Response:
        found = await find_problem_type.all()
        if wants_json(accept):
            listed = ProblemTypesRead(items=[ProblemTypeRead.of(problem) for problem in found])
            return JSONResponse(listed.model_dump())
        return problem_index(found)

    @router.get(
        "/problems/{slug}",
        summary="What a problem type means",
        response_model=ProblemTypeRead,
        responses=PAGE | problems(ProblemTypeNotFoundError),
    )
    async def read_problem_type(
        slug: Annotated[str, Path(pattern=SLUG, max_length=80)], accept: Accept = ""
    ) -> Response:
        found = await find_problem_type(slug)
        return JSONResponse(ProblemTypeRead.of(found).model_dump()) if wants_json(accept) else problem_page(found)

    return router


def wants_json(accept: str) -> bool:
    """Tell whether JSON stands before HTML in the Accept header; who names neither gets the page."""
    kinds = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    ranked = [kind for kind in kinds if kind in {"text/html", "application/json", "application/problem+json"}]
    return bool(ranked) and ranked[0] != "text/html"
