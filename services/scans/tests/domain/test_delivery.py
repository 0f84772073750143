"""The states of a delivery."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.kernel import digest_of, new_id
from aktenfluss.scans.domain.delivery import TRANSITIONS, Delivery, DeliveryState, DeliveryStep
from aktenfluss.scans.domain.errors import DeliverySupersededError

STEPS = {DeliveryStep.COMPLETE: Delivery.complete, DeliveryStep.CHECK: Delivery.finish_check}


def new_delivery() -> Delivery:
    return Delivery(digest_of(b"1"), new_id(), "BOX-0001", 1, None, datetime(2026, 11, 23, tzinfo=UTC))


@given(st.lists(st.sampled_from(DeliveryStep), max_size=5))
def test_a_delivery_moves_by_the_table_and_by_nothing_else(steps):
    delivery = new_delivery()
    for step in steps:
        before = delivery.state
        if (before, step) in TRANSITIONS:
            STEPS[step](delivery)
            assert delivery.state is TRANSITIONS[before, step]
        else:
            with pytest.raises(KeyError):
                STEPS[step](delivery)
            assert delivery.state is before


def test_a_superseded_delivery_is_not_completed():
    delivery = new_delivery()
    delivery.give_way_to(digest_of(b"2"))

    with pytest.raises(DeliverySupersededError) as refused:
        delivery.complete()

    assert refused.value.members["superseded_by"] == digest_of(b"2")
    assert delivery.state is DeliveryState.UPLOADING
