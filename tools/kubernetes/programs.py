"""The programs of the cluster: unpacked where somebody built them before, else built from their published sources."""

import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from tools.chart.programs import module
from tools.servers.cache import cached, ready_built, run, unpack

KUBERNETES = "v1.37.2"
LIBRARIES = "v0.37.2"
"""The version under which the parts of Kubernetes are published as modules of their own."""
COREDNS = "v1.15.0"
TRAEFIK = "v3.6.7"
GATEWAY_API = "v1.6.3"
NETWORK_POLICIES = "v0.8.0"
SOURCES = Path(__file__).parent / "sources"
STATIC = {"CGO_ENABLED": "0"}
STRIPPED = ("-trimpath", "-ldflags", "-s -w")


def kubebox() -> Path:
    """Return all programs of Kubernetes as one; to build it takes a quarter of an hour on two cores."""
    return program("kubebox", KUBERNETES, build_kubebox)


def coredns() -> Path:
    """Return the name server of the cluster."""

    def build(folder: Path) -> None:
        run("go", "install", *STRIPPED, f"github.com/coredns/coredns@{COREDNS}", environment=into(folder))

    return program("coredns", COREDNS, build)


def pause() -> Path:
    """Return the program that holds the network of a pod."""
    return program("pause", "1", lambda folder: go_build(SOURCES / "pause", folder / "pause"))


def traefik() -> Path:
    """Return the controller of the Gateway API."""
    return program("traefik", TRAEFIK, build_traefik)


def network_policies() -> Path:
    """Return what decides for each connection whether the NetworkPolicies let it be."""

    def build(folder: Path) -> None:
        package = f"sigs.k8s.io/kube-network-policies/cmd@{NETWORK_POLICIES}"
        run("go", "install", *STRIPPED, package, environment=into(folder))
        (folder / "cmd").rename(folder / "kube-network-policies")

    return program("kube-network-policies", NETWORK_POLICIES, build)


def gateway_definitions() -> Path:
    """Return the folder with the definitions of the Gateway API."""
    return module(f"sigs.k8s.io/gateway-api@{GATEWAY_API}") / "config" / "crd" / "standard"


def program(name: str, version: str, build: Callable[[Path], None]) -> Path:
    def make(folder: Path) -> None:
        if packed := ready_built(name):
            unpack(packed, folder / name)
        else:
            build(folder)

    return cached(f"{name}-{version}", make) / name


def into(folder: Path) -> dict[str, str]:
    return {**STATIC, "GOBIN": str(folder)}


def go_build(source: Path, target: Path, package: str = ".", *flags: str) -> None:
    run("go", "build", "-C", source, *(flags or STRIPPED), "-o", target, package, environment=STATIC)


def build_kubebox(folder: Path) -> None:
    versions = f"-X k8s.io/component-base/version.gitVersion={KUBERNETES}"
    with tempfile.TemporaryDirectory() as source:
        shutil.copytree(SOURCES / "kubebox", source, dirs_exist_ok=True)
        kubernetes = module(f"k8s.io/kubernetes@{KUBERNETES}")
        Path(source, "go.mod").write_text(kubebox_module((kubernetes / "go.mod").read_text()))
        run("go", "mod", "tidy", "-C", source, "-e")
        go_build(Path(source), folder / "kubebox", ".", "-trimpath", "-ldflags", f"-s -w {versions}")


def kubebox_module(kubernetes: str) -> str:
    """Return the go.mod of kubebox: the parts that Kubernetes' own takes from its tree are taken as they are published."""
    language = re.findall(r"^(?:go|godebug) .*$", kubernetes, re.MULTILINE)
    parts = re.findall(r"^\s+(k8s\.io/[\w.-]+) => \./staging", kubernetes, re.MULTILINE)
    replaced = [f"replace {part} => {part} {LIBRARIES}" for part in parts]
    return "\n".join(["module kubebox", *language, f"require k8s.io/kubernetes {KUBERNETES}", *replaced, ""])


def build_traefik(folder: Path) -> None:
    """Build it in a copy of its module: a main package whose module replaces others cannot be installed by name."""
    with tempfile.TemporaryDirectory() as source:
        shutil.copytree(
            module(f"github.com/traefik/traefik/v3@{TRAEFIK}"),
            source,
            copy_function=shutil.copyfile,
            dirs_exist_ok=True,
        )
        go_build(Path(source), folder / "traefik", "./cmd/traefik")
