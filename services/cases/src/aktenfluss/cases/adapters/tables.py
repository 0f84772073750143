"""The tables of `cases`."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from aktenfluss.servicekit import NAMING

# Order and prefixes go by code points: the same in every database, whatever its locale, and served by a plain index.
ORDERED_TEXT = Text(collation="C")
INSTANT = DateTime(timezone=True)

metadata = MetaData(naming_convention=NAMING)

case_file = Table(
    "case_file",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("keeping_authority", Text, nullable=False),
    Column("file_number", ORDERED_TEXT, nullable=False),
    Column("family_name", Text, nullable=False),
    Column("given_names", Text, nullable=False),
    Column("birth_date", Date),
    Column("medium", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("opened_at", INSTANT, nullable=False),
    Column("electronic_at", INSTANT),
    Column("entry_count", Integer, nullable=False),
    Column("page_count", Integer, nullable=False),
    Column("family_first", ORDERED_TEXT, nullable=False),
    Column("given_first", ORDERED_TEXT, nullable=False),
    CheckConstraint("medium IN ('paper', 'hybrid', 'electronic')", name="medium"),
    UniqueConstraint("tenant_id", "keeping_authority", "file_number"),
    Index(None, "tenant_id", "file_number", "id"),
    Index(None, "tenant_id", "medium", "file_number", "id"),
    Index(None, "tenant_id", "family_first"),
    Index(None, "tenant_id", "given_first"),
)

file_entry = Table(
    "file_entry",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("case_file_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    Column("first_page", Integer, nullable=False),
    Column("page_count", Integer, nullable=False),
    Column("document_id", Uuid, nullable=False),
    Column("order_item_id", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("filed_at", INSTANT, nullable=False),
    ForeignKeyConstraint(["tenant_id", "case_file_id"], ["case_file.tenant_id", "case_file.id"]),
    UniqueConstraint("tenant_id", "case_file_id", "position"),
    UniqueConstraint("tenant_id", "case_file_id", "first_page"),
    UniqueConstraint("tenant_id", "document_id"),
    Index(None, "tenant_id", "order_item_id"),
)
