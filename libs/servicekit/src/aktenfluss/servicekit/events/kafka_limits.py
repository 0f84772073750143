"""How long things may take with Kafka."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KafkaLimits:
    """All in seconds.

    `patience`: the bus confirms a batch, or the relay hears that it does not answer.
    `request`: the bus answers any other single request.
    `step`: an inbox polls again; one that takes longer gives its partitions away until it does.
    `hand_over`: partitions that are given away wait for the work in hand.
    `session`: a member of a group may be silent; then its partitions are given to others. Half a minute more for one with
    a name: it comes back after a restart and goes on where it was.
    `stall`: a consumer may hand out nothing although events wait.
    """

    patience: float = 10.0
    request: float = 10.0
    step: float = 300.0
    hand_over: float = 20.0
    session: float = 10.0
    named_extra: float = 30.0
    stall: float = 30.0

    @property
    def rebalance(self) -> float:
        """How long a group waits for a member: a hand-over, and time to say so."""
        return self.hand_over + self.request
