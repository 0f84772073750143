"""What the service does with the facts of others."""

from aktenfluss.contracts.cases import EntriesFiled, FilingRefused
from aktenfluss.kernel import Event, Principal
from aktenfluss.servicekit import Subscriptions

from ..use_cases.file_item import FileItem
from ..use_cases.refuse_item import RefuseItem


def subscriptions(file_item: FileItem, refuse_item: RefuseItem) -> Subscriptions:
    """Return the handlers by event type."""

    async def on_entries_filed(event: Event) -> None:
        await file_item(_acting(event), EntriesFiled.of(event).order_item_id)

    async def on_filing_refused(event: Event) -> None:
        refusal = FilingRefused.of(event)
        await refuse_item(_acting(event), refusal.order_item_id, refusal.rule)

    return Subscriptions(
        frozenset({"cases"}), {EntriesFiled.type: on_entries_filed, FilingRefused.type: on_filing_refused}
    )


def _acting(event: Event) -> Principal:
    return Principal.service("scans", event.tenant_id, event.correlation_id)
