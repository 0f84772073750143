"""The tables of this service, for building statements; the migrations make them."""

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Integer, LargeBinary, MetaData, Table, Text, Uuid

from aktenfluss.servicekit import NAMING

metadata = MetaData(naming_convention=NAMING)

_INSTANT = DateTime(timezone=True)

content = Table(
    "content",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("blake3_blocks", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("stored_at", _INSTANT, nullable=False),
)
upload = Table(
    "upload",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("total_bytes", BigInteger, nullable=False),
    Column("received_bytes", BigInteger, nullable=False),
    Column("parts", ARRAY(Text), nullable=False),
    Column("updated_at", _INSTANT, nullable=False),
)
document = Table(
    "document",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("text_version", Integer, nullable=False, server_default="0"),
)
document_version = Table(
    "document_version",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("document_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("content", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("page_count", Integer, nullable=False),
    Column("stored_at", _INSTANT, nullable=False),
)
rendition = Table(
    "rendition",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("content", Text, primary_key=True),
    Column("page", Integer, primary_key=True),
    Column("profile", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
)
page_text = Table(
    "page_text",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("content", Text, primary_key=True),
    Column("page", Integer, primary_key=True),
    Column("state", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("confidence", Integer, nullable=False),
    Column("engine", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
scrub_finding = Table(
    "scrub_finding",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("content", Text, nullable=False),
    Column("finding", Text, nullable=False),
    Column("found_at", _INSTANT, nullable=False),
    Column("healed_at", _INSTANT),
)
