"""The share of rejected items, over all authorities."""

import pytest

from aktenfluss.kernel import Principal

from .. import papers
from ..boxes import Box


@pytest.fixture
def measured(scans):
    [measure] = scans.service.measures
    return measure.read


async def test_of_what_was_decided_within_a_day_the_rejected_share_is_told(
    open_order, push, result_of, measured, scans
):
    assert await measured() == 0
    order, items = await open_order(4)
    box = Box(order)
    for item in items[1:]:
        box.put(item)
    box.items[items[1]].append((papers.encrypted("secret"), 1))
    bag = await push(box)
    assert sorted((await result_of(bag))[1].values()) == ["accepted", "accepted", "rejected"]
    assert await measured() == pytest.approx(100 / 3)

    async with scans.database.transaction(Principal.service("scans", "offenbach")) as tx:
        await tx.connection.execute("UPDATE delivery SET announced_at = announced_at - interval '25 hours'")
    assert await measured() == 0
