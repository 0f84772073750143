"""The programs that the chart is rendered and checked with, and the definitions of the objects that are not Kubernetes' own."""

import json
from pathlib import Path

from tools.servers.cache import cached, patiently, ready_built, run, unpack

HELM_4 = "v4.3.1"
HELM_3 = "v3.22.0"
HELM_UNITTEST = "v1.1.2"
CHECKOV = Path(__file__).with_name("checkov.txt")
"""The versions of checkov and of all that it needs: a new one of something else would decide what the check says."""
PROMTOOL = "v0.316.0"
"""Prometheus 3.16; a module of Go counts its versions below 1."""
DEFINITIONS = (
    ("sigs.k8s.io/gateway-api@v1.6.3", "config/crd/standard/*_*s.yaml"),
    ("github.com/envoyproxy/gateway@v1.9.1", "charts/gateway-helm/charts/crds/crds/generated/*policies.yaml"),
    ("github.com/kedacore/keda/v2@v2.18.1", "config/crd/bases/keda.sh_scaledobjects.yaml"),
    ("github.com/prometheus-operator/prometheus-operator@v0.85.0", "jsonnet/prometheus-operator/*-crd.json"),
)
"""Modules of Go, each with the files of definitions in it."""


def helm_4() -> Path:
    """Return Helm, with which the chart is installed."""

    def build(folder: Path) -> None:
        if packed := ready_built("helm"):
            unpack(packed, folder / "helm")
        else:
            install("helm.sh/helm/v4/cmd/helm", HELM_4, folder)

    return cached(f"helm-{HELM_4}", build) / "helm"


def helm_3() -> Path:
    """Return the Helm before it, which is still in use."""
    return cached(f"helm-{HELM_3}", lambda folder: install("helm.sh/helm/v3/cmd/helm", HELM_3, folder)) / "helm"


def helm_unittest() -> Path:
    """Return helm-unittest; its module replaces another one, so it is built in place."""

    def build(folder: Path) -> None:
        source = module(f"github.com/helm-unittest/helm-unittest@{HELM_UNITTEST}")
        program = folder / "helm-unittest"
        run("go", "build", "-C", source, "-o", program, "./cmd/helm-unittest", environment={"CGO_ENABLED": "0"})

    return cached(f"helm-unittest-{HELM_UNITTEST}", build) / "helm-unittest"


def promtool() -> Path:
    """Return the tool that reads alerts as Prometheus does; without the discovery of targets it builds in some minutes."""

    def build(folder: Path) -> None:
        package = f"github.com/prometheus/prometheus/cmd/promtool@{PROMTOOL}"
        variables = {"GOBIN": str(folder), "CGO_ENABLED": "0"}
        run("go", "install", "-tags", "remove_all_sd", package, environment=variables)

    return cached(f"promtool-{PROMTOOL}", build) / "promtool"


def definitions() -> list[Path]:
    """Return the files that define the objects of the Gateway API, Envoy Gateway, KEDA and the Prometheus operator."""
    return [file for name, pattern in DEFINITIONS for file in sorted(module(name).glob(pattern))]


def install(package: str, version: str, folder: Path) -> None:
    run("go", "install", f"{package}@{version}", environment={"GOBIN": str(folder), "CGO_ENABLED": "0"})


def module(name: str) -> Path:
    """Return the folder of a module of Go; it is fetched where it is missing."""
    return Path(json.loads(patiently(run, "go", "mod", "download", "-json", name))["Dir"])
