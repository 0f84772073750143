"""A server that speaks the push protocol over a real socket, keeps contents in memory, and fails when told to."""

import asyncio
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from aktenfluss.delivery import InvalidDeliveryError, read_delivery
from aktenfluss.kernel import digest_of


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def size(self) -> int:
        return int(self.headers.get("content-length", 0))


@dataclass
class Answer:
    status: int
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class FakeServer:
    """`planned` are answers that are given instead, by method and start of the path; `cut_at` cuts the next upload."""

    url: str = ""
    contents: dict[str, bytes] = field(default_factory=dict)
    parts: dict[str, bytes] = field(default_factory=dict)
    deliveries: dict[str, dict] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    planned: list[tuple[str, str, Answer]] = field(default_factory=list)
    cut_at: int | None = None
    findings: list[dict] = field(default_factory=list)
    items: list[dict] = field(default_factory=list)
    polls: int = 2

    def uploads(self) -> list[Request]:
        return [request for request in self.requests if request.method == "PUT" and "/contents/" in request.path]

    def answer(self, request: Request) -> Answer:
        for number, (method, start, answer) in enumerate(self.planned):
            if method == request.method and request.path.startswith(start):
                del self.planned[number]
                return answer
        if request.headers.get("authorization") != "Bearer secret":
            return problem(401, "unauthenticated", "the token is missing or wrong")
        if request.path.startswith("/v1/contents/"):
            return self.head(request) if request.method == "HEAD" else self.store(request)
        if request.path.endswith(":complete"):
            return self.complete(request)
        return self.announce(request) if request.method == "PUT" else self.look_up(request)

    def announce(self, request: Request) -> Answer:
        said = json.loads(request.body)
        try:
            delivery = read_delivery(said["tag_files"], said["index"])
        except InvalidDeliveryError as error:
            return problem(422, error.slug, error.detail, **error.members)
        known = delivery.id in self.deliveries
        self.deliveries.setdefault(delivery.id, {"contents": delivery.contents, "state": "uploading"})
        return Answer(200 if known else 201, self.body(delivery.id))

    def body(self, delivery: str) -> dict:
        kept = self.deliveries[delivery]
        missing = [
            {"content": c, "path": "../../etc/passwd"} for c in kept["contents"].values() if c not in self.contents
        ]
        findings = self.findings if kept["state"] == "checked" else []
        return {
            "delivery": delivery,
            "state": kept["state"],
            "missing": missing,
            "items": self.items,
            "findings": findings,
        }

    def head(self, request: Request) -> Answer:
        if request.name in self.contents:
            return Answer(200)
        offset = len(self.parts.get(request.name, b""))
        return Answer(404, headers={"Upload-Offset": str(offset)} if offset else {})

    def store(self, request: Request) -> Answer:
        content, total = request.body, len(request.body)
        if "content-range" in request.headers:
            span, _, length = request.headers["content-range"].removeprefix("bytes ").partition("/")
            kept, total = self.parts.get(request.name, b""), int(length)
            if int(span.split("-")[0]) != len(kept):
                return problem(409, "upload-offset-mismatch", "the piece does not start where the upload stopped")
            content = self.parts[request.name] = kept + request.body
        if len(content) < total:
            return Answer(202, headers={"Upload-Offset": str(len(content))})
        if digest_of(content) != request.name:
            return problem(422, "digest-mismatch", "the bytes have another digest")
        self.contents[request.name] = content
        return Answer(201)

    def complete(self, request: Request) -> Answer:
        delivery = request.name.removesuffix(":complete")
        if self.body(delivery)["missing"] and not json.loads(request.body)["accept_missing"]:
            return problem(409, "contents-missing", "contents are missing")
        self.deliveries[delivery]["state"] = "received"
        return Answer(202, self.body(delivery))

    def look_up(self, request: Request) -> Answer:
        self.polls -= 1
        if self.polls <= 0:
            self.deliveries[request.name]["state"] = "checked"
        return Answer(200, self.body(request.name))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await read_head(reader):
            request = parse_head(head)
            self.requests.append(request)
            if self.cut_at is not None and "/contents/" in request.path and request.size > self.cut_at:
                kept, self.cut_at = await reader.readexactly(self.cut_at), None
                self.parts[request.name] = self.parts.get(request.name, b"") + kept
                writer.transport.abort()
                return
            request.body = await reader.readexactly(request.size)
            writer.write(written(self.answer(request), request.method))
        writer.close()


async def read_head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


def parse_head(head: bytes) -> Request:
    first, *lines = head.decode().strip().split("\r\n")
    method, path, _ = first.split(" ")
    return Request(method, path, {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)})


def written(answer: Answer, method: str) -> bytes:
    body = b"" if answer.body is None or method == "HEAD" else json.dumps(answer.body).encode()
    headers = {"Content-Length": str(len(body)), **answer.headers}
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def problem(status: int, slug: str, detail: str, **members) -> Answer:
    return Answer(status, {"type": f"https://example.test/problems/{slug}", "detail": detail, **members})


@contextmanager
def running_server():
    """Serve in a thread of its own, so that a command that runs its own event loop can be tested as well."""
    server, loop = FakeServer(), asyncio.new_event_loop()
    listener = loop.run_until_complete(asyncio.start_server(server.serve, "127.0.0.1", 0))
    server.url = "http://127.0.0.1:{1}".format(*listener.sockets[0].getsockname())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(stop(listener), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def stop(listener: asyncio.Server) -> None:
    listener.close()
    listener.close_clients()
    await listener.wait_closed()
