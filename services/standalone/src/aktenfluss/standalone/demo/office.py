"""The authority's side of the play, as a program talks to it: HTTP and tokens, nothing else."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpx
import orjson


@dataclass(frozen=True, slots=True)
class Tokens:
    """The token of each role in the play, all of one authority."""

    records_manager: str
    contractor: str
    clerk: str
    auditor: str


@dataclass(frozen=True, slots=True)
class Balance:
    """Where the items of the scan order are."""

    listed: int
    filed: int
    accepted: int
    rejected: int
    missing: int

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Self:
        return cls(**{name: answer[name] for name in cls.__slots__})

    @property
    def settled(self) -> bool:
        """Whether nothing is under way."""
        return self.listed == self.filed + self.missing + self.rejected

    def __str__(self) -> str:
        return f"{self.listed} = {self.filed} + {self.missing} + {self.rejected}"


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the case files hold that are electronic now."""

    case_files: int = 0
    documents: int = 0
    pages: int = 0
    size_bytes: int = 0


class RefusedError(Exception):
    """The server answered a request of the play with a problem, which is quoted."""


class Office:
    """Requests of the authority's people; an answer that is no success raises RefusedError."""

    def __init__(self, client: httpx.AsyncClient, tokens: Tokens) -> None:
        self._client = client
        self._tokens = tokens

    async def import_stock(self, lines: Iterable[Mapping[str, str]]) -> int:
        """Import the stock list and return how many case files are new."""
        body = b"".join(orjson.dumps(line) + b"\n" for line in lines)
        headers = {"Content-Type": "application/x-ndjson"}
        answer = await self._send("POST", "/v1/case-files:import", content=body, headers=headers)
        return int(orjson.loads(answer.content.splitlines()[-1])["summary"]["created"])

    async def open_order(self, name: str, file_numbers: Iterable[str]) -> str:
        """Open a scan order and return its id."""
        body = {"name": name, "file_numbers": list(file_numbers)}
        answer = await self._send("POST", "/v1/scan-orders", json=body)
        return str(answer.json()["id"])

    async def lead_sheets(self, order_id: str) -> bytes:
        """Return the PDF to print, a page for each order item."""
        return (await self._send("GET", f"/v1/scan-orders/{order_id}/lead-sheets.pdf")).content

    async def item_ids(self, order_id: str) -> dict[str, str]:
        """Return the order items by the file numbers that stand on the backs of the folders."""
        items = self._pages(f"/v1/scan-orders/{order_id}/items", self._tokens.records_manager)
        return {item["file_number"]: item["id"] async for item in items}

    async def balance(self, order_id: str) -> Balance:
        answer = await self._send("GET", f"/v1/scan-orders/{order_id}/reconciliation")
        return Balance.of(answer.json())

    async def holdings(self) -> Holdings:
        """Add up what the electronic case files hold, entry by entry."""
        files = documents = pages = size = 0
        async for case_file in self._pages("/v1/case-files", self._tokens.clerk, medium="electronic"):
            files += 1
            async for entry in self._pages(f"/v1/case-files/{case_file['id']}/entries", self._tokens.clerk):
                documents, pages, size = documents + 1, pages + entry["page_count"], size + entry["size_bytes"]
        return Holdings(files, documents, pages, size)

    async def find_case_file(self, file_number: str) -> str:
        """Return the id of a case file."""
        answer = await self._send(
            "GET", "/v1/case-files", token=self._tokens.clerk, params={"file_number": file_number}
        )
        return str(answer.json()["items"][0]["id"])

    async def grant_page(self, case_file_id: str, page: int) -> str:
        """Return the path, with its grant, of a page of the case file."""
        path = f"/v1/case-files/{case_file_id}/grants"
        answer = await self._send("POST", path, token=self._tokens.clerk, json={"page_of_file": page})
        return str(answer.json()["url"])

    async def verify_audit(self) -> dict[str, Any]:
        answer = await self._send("GET", "/v1/audit-verification", token=self._tokens.auditor)
        verification: dict[str, Any] = answer.json()
        return verification

    async def _pages(self, path: str, token: str, **params: str) -> AsyncIterator[dict[str, Any]]:
        cursor: dict[str, str] | None = {}
        while cursor is not None:
            answer = await self._send("GET", path, token=token, params={"limit": "200"} | params | cursor)
            body = answer.json()
            for item in body["items"]:
                yield item
            cursor = {"cursor": body["next"]} if body["next"] else None

    async def _send(self, method: str, path: str, *, token: str = "", **options: Any) -> httpx.Response:
        bearer = {"Authorization": f"Bearer {token or self._tokens.records_manager}"}
        headers = bearer | options.pop("headers", {})
        answer = await self._client.request(method, path, headers=headers, **options)
        if not answer.is_success:
            raise RefusedError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer
