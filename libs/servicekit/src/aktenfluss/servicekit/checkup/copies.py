"""Judges where the copies of events lie in Kafka, and what its brokers are set to, by the replication that is asked for."""

from collections.abc import Iterable

from ..events.kafka_state import COPIES_OF_POSITIONS, LEAST_IN_SYNC, UNCLEAN, KafkaState, Partition
from .finding import Finding, failure, fine, warning

NAMED = 3
"""So many partitions are named, and the number of all of them is told."""
START = "Start the brokers that hold them and let them catch up."
ELECT_NONE = f"{START} Elect no unclean leader: it forgets events that were acknowledged."
LOWER = f"Set {LEAST_IN_SYNC} of the topic to one less than its copies: publishing stops with the first broker that is away."
MOVE = (
    f"Move __consumer_offsets to more brokers with kafka-reassign-partitions.sh, and raise {COPIES_OF_POSITIONS}: "
    "without the positions, 14 days of events come again."
)
SET = "Set it in server.properties of each broker; it holds for Kafka's own topics."


def copies(state: KafkaState) -> Finding:
    """Tell whether every event is on as many brokers as it must be, now and after one of them is lost."""
    without = [one for one in state.partitions if not one.has_leader]
    closed = [one for one in state.partitions if one.has_leader and one.in_sync < one.least]
    fewer = [one for one in state.partitions if one.in_sync < one.copies]
    at_once = [one for one in state.partitions if one.copies > 1 and one.least >= one.copies]
    if without:
        return failure("bus copies", f"no leader for {named(without)}", ELECT_NONE)
    if closed:
        return failure("bus copies", f"too few copies in sync to take an event: {named(closed)}", START)
    if fewer:
        return warning("bus copies", f"copies behind or away: {named(fewer)}", START)
    if at_once:
        return warning("bus copies", f"{LEAST_IN_SYNC} is the number of copies: {named(at_once)}", LOWER)
    return fine("bus copies", f"{len(state.partitions)} partitions, all copies in sync")


def named(partitions: list[Partition]) -> str:
    """Return how many partitions there are, and the names of the first."""
    first = ", ".join(one.name for one in partitions[:NAMED])
    return f"{len(partitions)} partitions ({first}{', …' if len(partitions) > NAMED else ''})"


def brokers(state: KafkaState, replication: int) -> Finding:
    """Tell whether the brokers are enough, and guard what `migrate` does not make: the positions of the readers."""
    running = len(state.brokers)
    told = f"{running} running"
    if running < replication:
        return warning("bus brokers", f"{told}, asked for are {replication} copies", "Start the brokers that are away.")
    if (held := state.copies_of_positions) is not None and held < replication:
        return warning("bus brokers", f"{told}, the positions of the readers on {held} of them", MOVE)
    if weaker := sorted(set(weaker_settings(state, replication))):
        return warning("bus brokers", f"{told}, {', '.join(weaker)}", SET)
    hidden = sum(not settings for settings in state.brokers.values())
    shown = f", settings of {hidden} not shown to our user" if hidden else ""
    return fine("bus brokers", f"{told}, enough for replication={replication}{shown}")


def weaker_settings(state: KafkaState, replication: int) -> Iterable[str]:
    """Yield the settings by which a broker that is lost takes something with it."""
    for settings in state.brokers.values():
        if (unclean := settings.get(UNCLEAN, "false")) != "false":
            yield f"{UNCLEAN}={unclean}"
        if (least := int(settings.get(LEAST_IN_SYNC, replication))) < replication - 1:
            yield f"{LEAST_IN_SYNC}={least}"
