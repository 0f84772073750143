"""The product as a release of Helm: installed, upgraded, rolled back, tested."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.chart.programs import helm_4
from tools.chart.renderings import CHART
from tools.kubernetes import Cluster
from tools.servers import ServerError
from tools.servers.cache import run

NAMESPACE = "aktenfluss"
NAME = "aktenfluss"
VALUES = Path(__file__).with_name("values.yaml")
TIMEOUT = "15m"
"""As the pages for operators have it."""


@dataclass(frozen=True, slots=True)
class Version:
    """The product of one version: its images, and what Helm is given; the tag of the images is the chart's unless named."""

    images: Sequence[Path]
    chart: Path = CHART
    values: Path = VALUES
    tag: str = ""
    settings: Sequence[str] = ()
    """Values on top of the file, as `--set` takes them."""

    def arguments(self) -> list[str | Path]:
        tag = [f"--set-string=image.tag={self.tag}"] if self.tag else []
        return [self.chart, "--values", self.values, *tag, *(f"--set={one}" for one in self.settings)]


class Release:
    """The one release of the tests; every step returns once the pods are ready, and fails with what they say."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def install(self, version: Version) -> None:
        self._run("install", NAME, *version.arguments(), "--wait", "--timeout", TIMEOUT)

    def upgrade(self, version: Version) -> None:
        self._run("upgrade", NAME, *version.arguments(), "--wait", "--timeout", TIMEOUT)

    def roll_back(self) -> None:
        self._run("rollback", NAME, "--wait", "--timeout", TIMEOUT)

    def uninstall(self) -> None:
        self._run("uninstall", NAME, "--wait", "--timeout", TIMEOUT)

    def test(self) -> str:
        """Run `helm test` and return what it tells, with the log of the pod."""
        return self._run("test", NAME, "--logs", "--timeout", TIMEOUT)

    @property
    def revision(self) -> int:
        return int(json.loads(self._run("status", NAME, "--output", "json"))["version"])

    def _run(self, *arguments: str | Path) -> str:
        where = (f"--kubeconfig={self._cluster.configuration}", f"--namespace={NAMESPACE}")
        try:
            return run(helm_4(), *where, *arguments)
        except ServerError as exc:
            raise AssertionError(f"{exc}\n{self._told()}") from exc

    def _told(self) -> str:
        """Return what the cluster tells of a release that does not come up."""
        asked = (["get", "pods", "--output=wide"], ["get", "events", "--sort-by=.lastTimestamp"])
        pages = [self._cluster.kubectl(f"--namespace={NAMESPACE}", *arguments) for arguments in asked]
        logs = f"--selector=app.kubernetes.io/instance={NAME}"
        pages.append(
            self._cluster.kubectl(f"--namespace={NAMESPACE}", "logs", logs, "--tail=15", "--prefix", "--ignore-errors")
        )
        return "\n".join(pages)
