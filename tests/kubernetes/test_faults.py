"""Pods die at random, workers come and go: nothing is lost, doubled, spoilt, reordered or unaudited."""

import os
import random
import sys
from collections import Counter

import pytest

from .faults import kill_at_random, under_load
from .installation import Installation
from .waiting import wait_for

pytestmark = pytest.mark.kubernetes
WORKER = "cases-worker"


@pytest.fixture
def seed() -> int:
    return int(os.environ.get("FAULTS_SEED") or random.SystemRandom().randrange(10_000))


def scale(installation: Installation, count: int) -> None:
    installation.kubectl("scale", f"deployment/aktenfluss-{WORKER}", f"--replicas={count}")
    wait_for(f"{count} workers", lambda: [pod.ready for pod in installation.pods.of(workload=WORKER)] == [True] * count)


def test_pods_that_die_at_random_lose_nothing(installation: Installation, seed: int, capsys) -> None:
    seconds = float(os.environ.get("KUBERNETES_SECONDS", "120"))
    outcome = under_load(installation, seed, lambda: kill_at_random(installation, random.Random(seed), seconds))

    with capsys.disabled():
        sys.stdout.write(f"\n{outcome.line()}\n")
    assert outcome.figures.told == []
    assert outcome.acked > 0
    assert outcome.kills.total() > 0


def test_workers_that_come_and_go_lose_and_reorder_no_event(installation: Installation, seed: int) -> None:
    def come_and_go() -> Counter[str]:
        scale(installation, 3)
        scale(installation, 1)
        return Counter()

    outcome = under_load(installation, seed, come_and_go)

    assert outcome.figures.told == []
    assert outcome.acked > 0
