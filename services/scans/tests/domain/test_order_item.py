"""The states of an order item, and the balance of all of them."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from aktenfluss.delivery import order_item_id
from aktenfluss.kernel import digest_of, new_id
from aktenfluss.scans.domain.errors import OrderItemStateError
from aktenfluss.scans.domain.order_item import TRANSITIONS, ItemState, ItemStep, OrderItem
from aktenfluss.scans.domain.reconciliation import Reconciliation
from aktenfluss.scans.domain.scan_order import ScanOrder

DELIVERY = digest_of(b"delivery")
STEPS = {
    ItemStep.ACCEPT: lambda item: item.accept(DELIVERY, digest_of(b"documents")),
    ItemStep.REJECT: lambda item: item.reject(DELIVERY, ["pdf-bomb", "pdf-bomb", "lead-sheet-wrong"]),
    ItemStep.FILE: lambda item: item.file(),
    ItemStep.REFUSE: lambda item: item.refuse("case-file-closed"),
}


def new_item(number: int = 1) -> OrderItem:
    return OrderItem(order_item_id(number), UUID(int=1), new_id())


@given(st.lists(st.sampled_from(ItemStep), max_size=12))
def test_an_item_moves_by_the_table_and_by_nothing_else(steps):
    item = new_item()
    for step in steps:
        before, version = item.state, item.version
        if (before, step) in TRANSITIONS:
            STEPS[step](item)
            assert (item.state, item.version) == (TRANSITIONS[before, step], version + 1)
        else:
            with pytest.raises(OrderItemStateError):
                STEPS[step](item)
            assert (item.state, item.version) == (before, version)


@given(st.lists(st.sampled_from(ItemStep), max_size=12))
def test_an_item_says_why_it_is_rejected_and_only_then(steps):
    item = new_item()
    for step in steps:
        if (item.state, step) in TRANSITIONS:
            STEPS[step](item)
    assert bool(item.rules) is (item.state is ItemState.REJECTED)
    assert bool(item.fingerprint) is item.settled


def test_nothing_leads_out_of_filed():
    assert not [step for state, step in TRANSITIONS if state is ItemState.FILED]


def test_a_rejection_names_each_rule_once():
    item = new_item()
    item.reject(DELIVERY, ["pdf-bomb", "lead-sheet-wrong", "pdf-bomb"])
    assert item.rules == ["lead-sheet-wrong", "pdf-bomb"]


class OrderMachine(RuleBasedStateMachine):
    """An order whose items go their ways in any interleaving."""

    def __init__(self) -> None:
        super().__init__()
        self.items = [new_item(number) for number in range(5)]
        self.order = ScanOrder(new_id(), "Karton 1", 5, None)

    @rule(number=st.integers(0, 4), step=st.sampled_from(ItemStep))
    def step(self, number, step):
        item = self.items[number]
        if (item.state, step) in TRANSITIONS:
            STEPS[step](item)
            if step is ItemStep.FILE:
                self.order.count_filed()

    @property
    def balance(self) -> Reconciliation:
        states = [item.state for item in self.items]
        return Reconciliation.of({state: states.count(state) for state in set(states)})

    @invariant()
    def nothing_is_lost(self):
        balance = self.balance
        assert balance.listed == 5
        assert balance.listed == balance.filed + balance.accepted + balance.rejected + balance.missing

    @invariant()
    def the_order_counts_what_is_filed(self):
        assert self.order.filed_count == self.balance.filed
        assert self.order.reconciled is self.balance.complete

    @precondition(lambda self: not self.balance.accepted)
    @invariant()
    def settled_without_items_under_way(self):
        balance = self.balance
        assert balance.settled
        assert balance.listed == balance.filed + balance.missing + balance.rejected


TestOrder = OrderMachine.TestCase


@given(st.dictionaries(st.sampled_from(ItemState), st.integers(0, 5_000)))
def test_the_balance_is_settled_if_and_only_if_nothing_is_under_way(counts):
    balance = Reconciliation.of(counts)
    assert balance.settled is (counts.get(ItemState.ACCEPTED, 0) == 0)
    assert balance.listed == sum(counts.values())
