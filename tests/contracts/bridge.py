"""An app as it looks from another event loop: the requests travel to the loop of the databases."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Bridge:
    """Serves requests of any loop in the loop that it was made in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._home = asyncio.get_running_loop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await answer_lifespan(receive, send)
            return
        away = asyncio.get_running_loop()
        app = self._app(scope, carried(receive, away), carried(send, away))
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(app, self._home))


def carried[**P, T](function: Callable[P, Awaitable[T]], loop: asyncio.AbstractEventLoop) -> Callable[P, Awaitable[T]]:
    """Return `function` so that it is called in `loop` and awaited in another."""

    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        async def there() -> T:
            return await function(*args, **kwargs)

        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(there(), loop))

    return call


async def answer_lifespan(receive: Receive, send: Send) -> None:
    while True:
        message: Message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
