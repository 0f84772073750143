"""Boxes, kills and answers in any order: the balance holds after each step, and nothing is told twice."""

import random
from collections import Counter

import pytest

from aktenfluss.kernel import digest_of
from aktenfluss.testkit import named

from ..boxes import Box
from ..mortals import KilledError

STATES = {"listed": "missing", "rejected": "rejected", "accepted": "accepted", "filed": "filed"}


class Walk:
    """A model of an order: the state that each item must be in, and the facts that must have been told."""

    def __init__(self, items: list[str], chance: random.Random) -> None:
        self.states = dict.fromkeys(items, "listed")
        self.facts: Counter[str] = Counter()
        self.chance = chance

    def deliver(self, good: list[str], bad: list[str]) -> None:
        for item in [*good, *bad]:
            if self.states[item] in ("listed", "rejected"):
                self.move(item, "accepted" if item in good else "rejected")

    def move(self, item: str, state: str) -> None:
        self.states[item] = state
        self.facts[f"item-{state}"] += 1

    def pick(self, state: str) -> list[str]:
        return [item for item in self.states if self.states[item] == state and self.chance.random() < 0.6]

    @property
    def balance(self) -> dict[str, int]:
        counts = Counter(self.states.values())
        return {name: counts[state] for state, name in STATES.items()} | {"listed": len(self.states)}


@pytest.fixture
def walk(open_order, push, check, service_principal, answer):
    """Take steps on a new order; return its id and a stepper."""

    async def start(seed):
        order, items = await open_order(4)
        walk = Walk(items, random.Random(seed))
        steps = [deliver_box, answer_items]
        numbers = iter(range(99))

        async def step():
            await walk.chance.choice(steps)(walk, order, next(numbers))

        return order, walk, step

    async def deliver_box(walk, order, number):
        chosen = walk.chance.sample(list(walk.states), walk.chance.randint(1, 4))
        split = walk.chance.randint(0, len(chosen))
        box = Box(order, name=f"BOX-{number}")
        for item in chosen:
            box.put(item, (1,))
        bag = await push(box, wait=False)
        for life in (walk.chance.randint(0, 8), 99):
            try:
                await check(box, chosen[split:], life)(service_principal, bag.digest)
            except (KilledError, BaseExceptionGroup):
                continue
        walk.deliver(chosen[:split], chosen[split:])

    async def answer_items(walk, _order, _number):
        for item in walk.pick("accepted"):
            refused = walk.chance.random() < 0.3
            await answer(item, "case-file-missing" if refused else None)
            walk.move(item, "rejected" if refused else "filed")

    return start


@pytest.mark.parametrize("seed", range(6))
async def test_the_balance_holds_after_every_step(walk, balance, scans, seed):
    order, model, step = await walk(seed)
    for _ in range(7):
        await step()
        found = await balance(order)
        assert {name: found[name] for name in model.balance} == model.balance
        assert found["listed"] == found["filed"] + found["accepted"] + found["rejected"] + found["missing"]
        assert found["settled"] is (found["listed"] == found["filed"] + found["missing"] + found["rejected"])
        assert [entry["item"] for entry in found["rejected_items"]] == sorted(
            item for item, state in model.states.items() if state == "rejected"
        )

    told = Counter(named(await scans.events()))
    assert {name: told[name] for name in model.facts} == dict(model.facts)
    assert told["order-reconciled"] == (model.balance["filed"] == 4)


async def test_versions_of_an_item_count_without_a_gap(walk, scans):
    _, _, step = await walk(digest_of(b"seed"))
    for _ in range(8):
        await step()

    versions: dict[str, list[int]] = {}
    for event in await scans.events():
        if event["type"].split(".")[3].startswith("item-"):
            versions.setdefault(event["subject"], []).append(event["aggregate_version"])
    assert versions
    assert all(counted == list(range(2, len(counted) + 2)) for counted in versions.values())
