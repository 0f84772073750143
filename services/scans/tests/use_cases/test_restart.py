"""A check that is killed anywhere and run again ends as if it had never been killed."""

import asyncio
from dataclasses import replace

import pytest

from aktenfluss.scans.adapters.peers import DocumentsPeer
from aktenfluss.scans.use_cases.check_delivery import ITEMS_AT_A_TIME
from aktenfluss.servicekit import ServiceUnavailableError
from aktenfluss.testkit import named

from ..boxes import Box
from ..mortals import KilledError


@pytest.mark.parametrize("steps", range(9))
async def test_killed_at_any_step_and_run_again_it_ends_the_same(
    open_order, push, result_of, scans, check, service_principal, documents, steps
):
    order, items = await open_order(4)
    box = Box(order)
    for item in items:
        box.put(item, (1,))
    bag = await push(box, wait=False)

    with pytest.raises(BaseException):  # noqa: B017, PT011 - alone or in a group, the process ended
        await check(box, items[3:], steps)(service_principal, bag.digest)
        raise KilledError
    await check(box, items[3:], 99)(service_principal, bag.digest)

    outcomes = dict.fromkeys(items, "accepted") | {items[3]: "rejected"}
    assert await result_of(bag) == ("checked", outcomes, [(items[3], "lead-sheet-missing")])
    facts = named(await scans.events())
    told = [facts.count(name) for name in ("item-accepted", "item-rejected", "delivery-checked")]
    assert told == [3, 1, 1]
    assert len(documents.made) == 3


async def test_a_check_that_is_done_does_nothing(open_order, push, scans, check, service_principal):
    order, items = await open_order()
    box = Box(order).put(items[0])
    bag = await push(box)
    before = await scans.events()

    await check(box, [], 0)(service_principal, bag.digest)

    assert await scans.events() == before


async def test_two_checks_at_once_decide_each_item_once(open_order, push, scans, check, service_principal):
    order, items = await open_order(3)
    box = Box(order)
    for item in items:
        box.put(item, (1,))
    bag = await push(box, wait=False)

    await asyncio.gather(*(check(box, [], 99)(service_principal, bag.digest) for _ in range(2)))

    facts = named(await scans.events())
    assert (facts.count("item-accepted"), facts.count("delivery-checked")) == (3, 1)


async def test_two_boxes_with_the_same_item_at_once_accept_it_once(open_order, push, scans, check, service_principal):
    order, items = await open_order()
    boxes = [Box(order, name=f"BOX-{number}").put(items[0], (1,) * number) for number in (1, 2)]
    bags = [await push(box, wait=False) for box in boxes]

    await asyncio.gather(
        *(check(box, [], 99)(service_principal, bag.digest) for box, bag in zip(boxes, bags, strict=True))
    )

    assert named(await scans.events()).count("item-accepted") == 1


async def test_an_item_that_is_refused_while_its_documents_come_again_is_accepted_anew(
    open_order, push, result_of, balance, scans, answer, check, service_principal
):
    order, items = await open_order()
    await push(Box(order).put(items[0], (1,)))
    box = Box(order, name="BOX-0002").put(items[0], (1,))
    bag = await push(box, wait=False)

    class Interrupted(DocumentsPeer):
        async def sizes(self, principal, contents):
            await answer(items[0], "case-file-missing")
            return await super().sizes(principal, contents)

    checking = replace(check(box, [], 99), documents=Interrupted(scans.resources.peers))
    await checking(service_principal, bag.digest)

    assert await result_of(bag) == ("checked", {items[0]: "accepted"}, [])
    assert (await balance(order))["accepted"] == 1


@pytest.mark.parametrize("failure", [503, 422])
async def test_documents_that_do_not_answer_are_waited_for(
    open_order, push, result_of, check, service_principal, documents, failure
):
    order, items = await open_order()
    box = Box(order).put(items[0], (1,))
    bag = await push(box, wait=False)
    documents.failures, documents.failure = 3, failure

    with pytest.raises(ServiceUnavailableError):
        await check(box, [], 99)(service_principal, bag.digest)
    assert (await result_of(bag))[0] == "received"
    documents.failures = 0
    await check(box, [], 99)(service_principal, bag.digest)

    assert await result_of(bag) == ("checked", {items[0]: "accepted"}, [])


async def test_items_that_cannot_be_stored_now_do_not_hold_up_the_others(
    open_order, push, result_of, check, service_principal, documents
):
    order, items = await open_order(ITEMS_AT_A_TIME + 1)
    box = Box(order)
    for item in items:
        box.put(item, (1,))
    bag = await push(box, wait=False)
    *stuck, good = items
    documents.unreachable = {box.digest_of(box.items[item][0][0]) for item in stuck}

    with pytest.raises(ServiceUnavailableError):
        await check(box, [], 99)(service_principal, bag.digest)
    assert await result_of(bag) == ("received", dict.fromkeys(stuck, "pending") | {good: "accepted"}, [])
    documents.unreachable = set()
    await check(box, [], 99)(service_principal, bag.digest)

    assert await result_of(bag) == ("checked", dict.fromkeys(items, "accepted"), [])


async def test_of_an_item_that_cannot_be_measured_now_nothing_is_measured_on(
    open_order, push, check, service_principal
):
    order, items = await open_order()
    box = Box(order).put(items[0], (1, 2))
    bag = await push(box, wait=False)
    checking = check(box, [], 99)
    inspector = HalfReachable(box.digest_of(box.items[items[0]][0][0]))

    with pytest.raises(ServiceUnavailableError):
        await replace(checking, inspector=inspector)(service_principal, bag.digest)

    async with asyncio.timeout(10):
        await inspector.given_up.wait()


class HalfReachable:
    """Inspects for a store that gives no answer about one content, and none in time about the others."""

    def __init__(self, unreachable: str) -> None:
        self.unreachable = unreachable
        self.waiting, self.given_up = asyncio.Event(), asyncio.Event()

    async def inspect(self, _principal, content, *, with_codes):
        if content == self.unreachable:
            await self.waiting.wait()
            raise ServiceUnavailableError("the store does not answer")
        self.waiting.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.given_up.set()


async def test_the_job_waits_for_documents_that_do_not_answer(open_order, push, result_of, scans, documents):
    order, items = await open_order()
    documents.failures = 99
    bag = await push(Box(order).put(items[0], (1,)))

    assert (await result_of(bag))[0] == "received"
    waiting = (
        "SELECT status::text, attempts, args->>'delivery' FROM procrastinate_jobs WHERE task_name = 'check_delivery'"
    )
    async with scans.database.session() as connection:
        assert [tuple(row) for row in await connection.fetch(waiting)] == [("todo", 1, bag.digest)]
