"""Whatever the bus does (twice, late, keys interleaved), the log tells the same story under each key."""

from random import Random

import pytest

from aktenfluss.kernel import Principal

KEYS = ("file-1", "file-2", "file-3")


def interleaved(random, by_key):
    """Return the events in an order in which those of one key keep theirs, some of them delivered again later."""
    queues = {key: list(events) for key, events in by_key.items()}
    sent, order = [], []
    while any(queues.values()):
        key = random.choice([key for key, events in queues.items() if events])
        sent.append(queues[key].pop(0))
        order.append(sent[-1])
        if random.random() < 0.3:
            order.append(random.choice(sent))
    return order


async def chain_of(log, key):
    linked = await log.inventory.records("offenbach", None, 1000)
    return [item.record.event_id for item in linked if item.record.chain_key == key]


@pytest.mark.parametrize("seed", range(5))
async def test_each_chain_holds_its_events_once_and_in_order(log, seed):
    by_key = {key: [log.event(key) for _ in range(8)] for key in KEYS}
    for event in interleaved(Random(seed), by_key):
        await log.append(event)
    for key in KEYS:
        assert await chain_of(log, key) == [event.id for event in by_key[key]]
    assert (await log.verify()).ok


async def test_a_batch_that_fails_leaves_nothing(log):
    with pytest.raises(ZeroDivisionError):
        async with log.database.transaction(Principal.service("inbox", "")):
            await log.append(log.event())
            raise ZeroDivisionError
    await log.record("file-1")
    assert len(await chain_of(log, "file-1")) == 1
    assert (await log.verify()).ok


async def test_a_batch_of_several_tenants_lands_in_each_ones_log(log):
    tenants = ("offenbach", "hanau", "offenbach", "dreieich", "hanau", "offenbach")
    async with log.database.transaction(Principal.service("inbox", "")):
        for tenant_id in tenants:
            await log.append(log.event(tenant_id=tenant_id))
    counts = {name: len(await log.inventory.records(name, None, 10)) for name in sorted(set(tenants))}
    assert counts == {"dreieich": 1, "hanau": 2, "offenbach": 3}
    assert (await log.verify()).records == 6
