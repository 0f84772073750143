"""Health and metrics of a process, for the root app that the runner serves."""

from collections.abc import Awaitable, Callable, Mapping

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

type Check = Callable[[], Awaitable[Mapping[str, bool]]]
"""Tells for each part of the process, by name, whether it works."""


def health_routes(
    *,
    live: Check,
    ready: Check,
    startup: Check,
    measure: Callable[[], Awaitable[None]],
    registry: CollectorRegistry,
) -> list[Route]:
    """Return `/live`, `/ready`, `/startup` (200, or 503 where a part does not work) and `/metrics`, for which `measure` looks."""

    async def metrics(_: Request) -> Response:
        await measure()
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/live", reporting(live)),
        Route("/ready", reporting(ready)),
        Route("/startup", reporting(startup)),
        Route("/metrics", metrics),
    ]


def reporting(check: Check) -> Callable[[Request], Awaitable[Response]]:
    async def report(_: Request) -> Response:
        parts = await check()
        works = all(parts.values())
        body = {"status": "ok" if works else "failing", "parts": {name: parts[name] for name in sorted(parts)}}
        return Response(
            orjson.dumps(body), 200 if works else 503, {"Cache-Control": "no-store"}, media_type="application/json"
        )

    return report
