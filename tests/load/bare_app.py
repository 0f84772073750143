"""The control of reads and writes: FastAPI and asyncpg, the same token check, the same rows, nothing else."""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import asyncpg
import jwt
import orjson
import uvicorn
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from fastapi import Depends, FastAPI, Header
from pydantic import BaseModel

from aktenfluss.servicekit import EmbeddedPostgres, key_file

SELECT = """
SELECT id, keeping_authority, file_number, family_name, given_names, birth_date, medium, version, opened_at,
       electronic_at, entry_count, page_count FROM case_file WHERE id = $1
"""
INSERT_ROW = """
INSERT INTO case_file (tenant_id, id, keeping_authority, file_number, family_name, given_names, birth_date, medium,
                       version, opened_at, entry_count, page_count, family_first, given_first)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'paper', 1, $8, 0, 0, $5, $6)
"""
INSERT_FACT = """
INSERT INTO outbox (id, topic, slot, key, type, tenant, subject, aggregate_version, actor, correlation_id, occurred_at, payload)
VALUES ($1, 'aktenfluss.cases.v1', 0, $2, 'bare', $3, $2, 1, 'bare', '', $4, $5)
"""


class CaseFile(BaseModel):
    """What a request holds."""

    keeping_authority: str
    file_number: str
    family_name: str
    given_names: str = ""
    birth_date: date | None = None


class CaseFileRead(CaseFile):
    """What an answer holds."""

    id: UUID
    medium: str
    version: int
    opened_at: datetime
    electronic_at: datetime | None = None
    entry_count: int = 0
    page_count: int = 0


def bare(dsn: str, public_key: Any) -> FastAPI:
    """Return the app; it enters the database past row-level security, as its owner would."""
    state: dict[str, asyncpg.Pool] = {}

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        state["pool"] = await asyncpg.create_pool(dsn, min_size=1, max_size=8)
        yield
        await state["pool"].close()

    async def claims(authorization: Annotated[str, Header()]) -> dict[str, Any]:
        return jwt.decode(
            authorization.removeprefix("Bearer "), public_key, algorithms=["ES256"], audience="aktenfluss"
        )

    app = FastAPI(lifespan=lifespan)
    type Claims = Annotated[dict[str, Any], Depends(claims)]

    @app.get("/ready")
    async def ready() -> dict[str, str]:
        return {}

    @app.get("/v1/case-files/{case_file_id}")
    async def read(case_file_id: UUID, _: Claims) -> CaseFileRead:
        return CaseFileRead(**dict(await state["pool"].fetchrow(SELECT, case_file_id)))

    @app.post("/v1/case-files", status_code=201)
    async def create(body: CaseFile, claims: Claims) -> CaseFileRead:
        new, now = uuid4(), datetime.now(UTC)
        async with state["pool"].acquire() as connection, connection.transaction():
            await connection.execute(
                INSERT_ROW, claims["tenant"], new, body.keeping_authority, body.file_number, body.family_name,
                body.given_names, body.birth_date, now,
            )  # fmt: skip
            payload = orjson.dumps({"case_file_id": str(new), "medium": "paper"}).decode()
            await connection.execute(INSERT_FACT, uuid4(), str(new), claims["tenant"], now, payload)
        return CaseFileRead(id=new, medium="paper", version=1, opened_at=now, **body.model_dump())

    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    folder = arguments.data.absolute()
    server = EmbeddedPostgres.start(folder / "postgres")
    private_key = load_pem_private_key(key_file(folder / "keys" / "issuer.pem"), None)
    app = bare(server.dsn("cases"), private_key.public_key())
    uvicorn.run(app, port=arguments.port, http="httptools", loop="uvloop", access_log=False, log_level="warning")
