"""Deliveries and their items inside a transaction, as `domain.ports` asks for them."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from aktenfluss.kernel import Digest
from aktenfluss.servicekit import SqlTransaction, prepare

from ..domain.delivery import Delivery, DeliveryItem, Manifest
from ..domain.errors import DeliveryNotFoundError
from .rows import DELIVERY, DELIVERY_ITEM, delivery_item_of, delivery_of
from .tables import delivery, delivery_item

ADD = prepare(insert(delivery).on_conflict_do_nothing())
READ = prepare(select(*DELIVERY).where(delivery.c.id == bindparam("id")))
LOCK = prepare(select(*DELIVERY).where(delivery.c.id == bindparam("id")).with_for_update(key_share=True))
SAVE = prepare(
    update(delivery)
    .where(delivery.c.id == bindparam("id"))
    .values({name: bindparam(name) for name in ("state", "superseded_by", "version")})
)
MANIFEST = prepare(select(delivery.c.tag_files, delivery.c.index_text).where(delivery.c.id == bindparam("id")))

ADD_ITEM = prepare(insert(delivery_item))
ITEMS = prepare(
    select(*DELIVERY_ITEM)
    .where(delivery_item.c.delivery_id == bindparam("delivery_id"))
    .order_by(delivery_item.c.item_id)
)
LOCK_ITEM = prepare(
    select(*DELIVERY_ITEM)
    .where(delivery_item.c.delivery_id == bindparam("delivery_id"), delivery_item.c.item_id == bindparam("item_id"))
    .with_for_update()
)
SAVE_ITEM = prepare(
    update(delivery_item)
    .where(delivery_item.c.delivery_id == bindparam("delivery_id"), delivery_item.c.item_id == bindparam("item_id"))
    .values(outcome=bindparam("outcome"), findings=bindparam("findings"))
)


class SqlDeliveries:
    """Deliveries of one transaction; implements `Deliveries`."""

    def __init__(self, tx: SqlTransaction) -> None:
        self._tx = tx

    async def add(self, new: Delivery, manifest: Manifest, items: Sequence[DeliveryItem]) -> bool:
        tenant_id = self._tx.principal.tenant_id
        added = await self._tx.execute(
            ADD, tenant_id=tenant_id, tag_files=manifest.tag_files, index_text=manifest.index, **asdict(new)
        )
        if added:
            rows = [{"tenant_id": tenant_id, "delivery_id": new.id, **asdict(item)} for item in items]
            await self._tx.execute_many(ADD_ITEM, rows)
        return added == 1

    async def read(self, delivery_id: Digest) -> Delivery:
        row = await self._tx.fetch_one(READ, id=delivery_id)
        if row is None:
            raise not_found(delivery_id)
        return delivery_of(row)

    async def lock(self, delivery_id: Digest) -> Delivery:
        row = await self._tx.fetch_one(LOCK, id=delivery_id)
        if row is None:
            raise not_found(delivery_id)
        return delivery_of(row)

    async def save(self, changed: Delivery) -> None:
        await self._tx.execute(
            SAVE, id=changed.id, state=changed.state, superseded_by=changed.superseded_by, version=changed.version
        )

    async def manifest(self, delivery_id: Digest) -> Manifest:
        row = await self._tx.fetch_one(MANIFEST, id=delivery_id)
        if row is None:
            raise not_found(delivery_id)
        return Manifest(row["tag_files"], row["index_text"])

    async def items(self, delivery_id: Digest) -> list[DeliveryItem]:
        return [delivery_item_of(row) for row in await self._tx.fetch_all(ITEMS, delivery_id=delivery_id)]

    async def lock_item(self, delivery_id: Digest, item_id: str) -> DeliveryItem:
        row = await self._tx.fetch_one(LOCK_ITEM, delivery_id=delivery_id, item_id=item_id)
        assert row is not None, "the items of a delivery are stored with it"
        return delivery_item_of(row)

    async def save_item(self, delivery_id: Digest, item: DeliveryItem) -> None:
        findings = [asdict(finding) for finding in item.findings]
        await self._tx.execute(
            SAVE_ITEM, delivery_id=delivery_id, item_id=item.item_id, outcome=item.outcome, findings=findings
        )


def not_found(delivery_id: Digest) -> DeliveryNotFoundError:
    return DeliveryNotFoundError("no such delivery was announced", delivery=delivery_id)
