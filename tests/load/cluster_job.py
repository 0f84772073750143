"""The main job on the cluster, in turn with the same job in one process on the same machine."""

import asyncio
from pathlib import Path

from tests.cluster.installation import Cluster

from aktenfluss.kernel import SystemClock
from aktenfluss.servicekit import EmbeddedIssuer
from aktenfluss.standalone.commands.demonstration import demo_tokens

from .figures import Figure
from .main_job import Load, MainJob, measure_main_job
from .processes import product, server

ROUNDS = 2
WARM_UP = Load(items=8)


def measure(cluster: Cluster, folder: Path) -> list[Figure]:
    """Measure in turn; the best of each counts, the machine is shared."""
    with server(*product(folder / "one")) as one:
        shapes = {"cluster": (cluster.base_url, cluster.folder), "one": (one.base_url, folder / "one")}
        for name, (base_url, data) in shapes.items():
            push(base_url, data, folder / f"{name}-warm-up", WARM_UP)
        rounds = [
            {name: push(*shape, folder / f"{name}-{number}") for name, shape in shapes.items()}
            for number in range(ROUNDS)
        ]
    cluster_rate, one_rate = (max(jobs[name].documents_per_second for jobs in rounds) for name in ("cluster", "one"))
    control = max(jobs["cluster"].control_per_second for jobs in rounds)
    return [
        Figure(
            "main job, pushed to filed",
            cluster_rate,
            "documents/s",
            f"hash and fsync alone {control:.0f}/s",
            ">= 35",
            ">= 80",
        ),
        Figure(
            "main job ÷ the same in one process",
            cluster_rate / one_rate,
            "times one process",
            f"{cluster_rate:.0f} ÷ {one_rate:.0f} documents/s",
            ">= 0.5",
            ">= 0.7",
        ),
    ]


def push(base_url: str, data: Path, folder: Path, load: Load | None = None) -> MainJob:
    """Push a load to a server whose keys lie below `data`."""
    folder.mkdir(parents=True)
    tokens = demo_tokens(EmbeddedIssuer.open(data.absolute() / "keys", SystemClock()))
    return asyncio.run(measure_main_job(base_url, tokens, folder, load))
