"""The mount root of one process: hands each request to the service whose prefix fits."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send


class Dispatcher:
    """An ASGI app in front of others; the request passes through as it is, and so does every byte of the answer.

    A prefix fits where the path goes on with `/` or `:` or ends; the longest that fits wins. What no prefix fits, the
    lifespan included, goes to `fallback`.
    """

    def __init__(self, apps: Mapping[str, ASGIApp], fallback: ASGIApp) -> None:
        self._apps = dict(apps)
        self._fallback = fallback
        self._prefix = re.compile(rf"({alternatives(apps)})(?=[/:]|$)") if apps else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app_of(scope)(scope, receive, send)

    def _app_of(self, scope: Mapping[str, Any]) -> ASGIApp:
        found = self._prefix.match(scope.get("path", "")) if self._prefix else None
        return self._apps[found[1]] if found else self._fallback


def alternatives(prefixes: Iterable[str]) -> str:
    """Return a pattern of `prefixes` in which a longer one is tried before its beginning."""
    return "|".join(re.escape(prefix) for prefix in sorted(prefixes, key=len, reverse=True))
