"""The tables of `scans`, as statements see them; the migrations make them."""

from sqlalchemy import BigInteger, Column, DateTime, Integer, MetaData, Sequence, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from aktenfluss.servicekit import NAMING

metadata = MetaData(naming_convention=NAMING)

order_item_number = Sequence("order_item_number", metadata=metadata)
scan_order_number = Sequence("scan_order_number", metadata=metadata)

scan_order = Table(
    "scan_order",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("number", BigInteger),
    Column("name", Text),
    Column("item_count", Integer),
    Column("filed_count", Integer),
    Column("opened_at", DateTime(timezone=True)),
    Column("version", Integer),
)

order_item = Table(
    "order_item",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("scan_order_id", Uuid),
    Column("case_file_id", Uuid),
    Column("file_number", Text),
    Column("state", Text),
    Column("delivery_id", Text),
    Column("fingerprint", Text),
    Column("rules", JSONB),
    Column("version", Integer),
)

delivery = Table(
    "delivery",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("scan_order_id", Uuid),
    Column("box", Text),
    Column("revision", Integer),
    Column("supersedes", Text),
    Column("superseded_by", Text),
    Column("state", Text),
    Column("announced_at", DateTime(timezone=True)),
    Column("tag_files", JSONB),
    Column("index_text", Text),
    Column("version", Integer),
)

delivery_item = Table(
    "delivery_item",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("delivery_id", Text, primary_key=True),
    Column("item_id", Text, primary_key=True),
    Column("document_count", Integer),
    Column("page_count", Integer),
    Column("outcome", Text),
    Column("findings", JSONB),
)
