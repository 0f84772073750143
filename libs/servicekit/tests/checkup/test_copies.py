"""What the check-up tells of a Kafka cluster, by what it says of its partitions and brokers."""

import pytest

from aktenfluss.servicekit import Outcome
from aktenfluss.servicekit.checkup.copies import brokers, copies
from aktenfluss.servicekit.events.kafka_state import (
    COPIES_OF_POSITIONS,
    LEAST_IN_SYNC,
    POSITIONS,
    UNCLEAN,
    KafkaState,
    Partition,
    partitions_of,
)

OK, WARNING, FAILURE = Outcome
SAFE = {LEAST_IN_SYNC: "2", UNCLEAN: "false", COPIES_OF_POSITIONS: "3"}


def described(topic: str, leader: int, replicas: list[int], isr: list[int]) -> dict[str, object]:
    """Return a topic of one partition as the cluster tells it."""
    return {"topic": topic, "partitions": [{"partition": 0, "leader": leader, "replicas": replicas, "isr": isr}]}


def state(*topics: dict[str, object], least: int = 2, **changed: str) -> KafkaState:
    """Return three brokers with partitions."""
    settings = SAFE | {name.replace("_", "."): value for name, value in changed.items()}
    partitions = partitions_of(topics, {topic["topic"]: least for topic in topics})
    return KafkaState(list(partitions), dict.fromkeys((1, 2, 3), settings))


WHOLE = described("cases", 1, [1, 2, 3], [1, 2, 3])


@pytest.mark.parametrize(
    ("topic", "least", "outcome", "told"),
    [
        (WHOLE, 2, OK, "2 partitions, all copies in sync"),
        (described("cases", -1, [1, 2, 3], [1]), 2, FAILURE, "no leader for 1 partitions (cases-0)"),
        (described("cases", 1, [1, 2, 3], [1]), 2, FAILURE, "too few copies in sync to take an event"),
        (described("cases", 1, [1, 2], [1, 2]), 3, FAILURE, "too few copies in sync to take an event"),
        (described("cases", 1, [1, 2, 3], [1, 3]), 2, WARNING, "copies behind or away: 1 partitions (cases-0)"),
        (WHOLE, 3, WARNING, "min.insync.replicas is the number of copies"),
        (described("cases", 1, [1], [1]), 1, OK, "all copies in sync"),
    ],
    ids=["whole", "offline", "closed", "never open", "behind", "at once", "one copy"],
)
def test_the_worst_of_the_partitions_is_told(topic, least, outcome, told):
    sound = Partition("audit-0", has_leader=True, copies=3, in_sync=3, least=2)
    there = state(topic, least=least)
    finding = copies(KafkaState([sound, *there.partitions], there.brokers))
    assert (finding.outcome, told in finding.seen) == (outcome, True)
    assert bool(finding.way_out) == (outcome is not OK)


def test_of_many_partitions_the_first_are_named():
    finding = copies(state(*(described(f"t{number}", -1, [1], []) for number in range(12))))
    assert finding.seen == "no leader for 12 partitions (t0-0, t1-0, t2-0, …)"


@pytest.mark.parametrize(
    ("changed", "outcome", "told"),
    [
        ({}, OK, "3 running, enough for replication=3"),
        ({"unclean_leader_election_enable": "true"}, WARNING, "unclean.leader.election.enable=true"),
        ({"min_insync_replicas": "1"}, WARNING, "min.insync.replicas=1"),
        ({"offsets_topic_replication_factor": "1"}, WARNING, "the positions of the readers on 1 of them"),
    ],
)
def test_brokers_that_are_set_lightly_are_told(changed, outcome, told):
    finding = brokers(state(WHOLE, **changed), 3)
    assert (finding.outcome, told in finding.seen) == (outcome, True)


def test_a_cluster_of_one_is_fine_for_one_copy_and_too_few_for_three():
    alone = KafkaState([], {1: {LEAST_IN_SYNC: "1", UNCLEAN: "false", COPIES_OF_POSITIONS: "1"}})
    assert [brokers(alone, replication).outcome for replication in (1, 3)] == [OK, WARNING]


def test_where_the_positions_lie_counts_and_not_where_new_ones_would():
    there = state(WHOLE, described(POSITIONS, 1, [1], [1]))
    assert (there.copies_of_positions, brokers(there, 3).outcome) == (1, WARNING)


def test_brokers_that_show_nothing_to_our_user_are_told_and_no_warning():
    finding = brokers(KafkaState([], {1: {}, 2: {}, 3: SAFE}), 3)
    assert (finding.outcome, "settings of 2 not shown" in finding.seen) == (OK, True)
