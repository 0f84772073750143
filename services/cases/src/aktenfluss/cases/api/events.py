"""What `cases` listens to."""

from aktenfluss.contracts.scans import ItemAccepted
from aktenfluss.kernel import Event, Principal
from aktenfluss.servicekit import Subscriptions

from ..use_cases.file_entries import FileEntries


def subscriptions(file_entries: FileEntries) -> Subscriptions:
    async def on_item_accepted(event: Event) -> None:
        principal = Principal.service("cases", event.tenant_id, event.correlation_id)
        await file_entries(principal, ItemAccepted.of(event))

    return Subscriptions(frozenset({"scans"}), {ItemAccepted.type: on_item_accepted})
