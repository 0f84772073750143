"""What the case file answers moves the item, and the last filed one reconciles the order."""

import pytest

from aktenfluss.kernel import Principal
from aktenfluss.scans.adapters.unit_of_work import SqlScansUnitOfWork
from aktenfluss.scans.domain.errors import OrderItemNotFoundError, OrderItemStateError
from aktenfluss.testkit import named

from ..boxes import Box


@pytest.fixture
async def accepted(open_order, push):
    """Have a box accepted; return its order and items."""

    async def accepted(item_count=1):
        order, items = await open_order(item_count)
        box = Box(order)
        for item in items:
            box.put(item, (1,))
        await push(box)
        return order, items

    return accepted


async def test_the_last_filed_item_reconciles_the_order(accepted, answer, balance, scans):
    order, items = await accepted(2)

    await answer(items[0])
    assert (await balance(order))["filed"] == 1
    assert "order-reconciled" not in named(await scans.events())
    await answer(items[1])

    counts = await balance(order)
    assert (counts["listed"], counts["filed"], counts["settled"], counts["complete"]) == (2, 2, True, True)
    fact = next(event for event in await scans.events() if event["type"].endswith("order-reconciled.v1"))
    assert (fact["key"], fact["payload"]) == (order, {"scan_order_id": order, "filed_count": 2})


async def test_filed_twice_is_filed_once(accepted, answer, balance, scans):
    order, items = await accepted()
    await answer(items[0])
    await answer(items[0])

    assert (await balance(order))["filed"] == 1
    assert named(await scans.events()).count("item-filed") == 1


async def test_a_refused_item_is_rejected_by_that_rule_and_may_come_again(
    accepted, answer, balance, scans, push, result_of
):
    order, items = await accepted()
    await answer(items[0], "case-file-missing")
    await answer(items[0], "case-file-missing")

    assert [entry["rules"] for entry in (await balance(order))["rejected_items"]] == [["case-file-missing"]]
    assert named(await scans.events()).count("item-rejected") == 1
    again = await push(Box(order, name="BOX-0002").put(items[0], (1,)))
    assert (await result_of(again))[1] == {items[0]: "accepted"}


async def test_an_item_that_was_not_accepted_is_not_filed(open_order, answer):
    _, items = await open_order()

    with pytest.raises(OrderItemStateError):
        await answer(items[0])


@pytest.mark.parametrize("rule", [None, "case-file-missing"])
async def test_an_unknown_item_is_a_problem_that_an_operator_sees(answer, rule):
    with pytest.raises(OrderItemNotFoundError):
        await answer("0000000097", rule)


async def test_an_item_delivered_again_after_filing_stays_filed(accepted, answer, balance, push, result_of):
    order, items = await accepted()
    await answer(items[0])
    again = await push(Box(order, name="BOX-0002").put(items[0], (1,)))

    assert (await result_of(again))[1] == {items[0]: "unchanged"}
    assert (await balance(order))["filed"] == 1


async def test_other_authorities_do_not_see_the_item(accepted, scans):
    _, items = await accepted()
    async with SqlScansUnitOfWork(scans.database).begin(Principal.service("scans", "hanau")) as tx:
        with pytest.raises(OrderItemNotFoundError):
            await tx.order_items.lock(items[0])
