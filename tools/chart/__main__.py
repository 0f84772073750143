"""The command line of the chart: check everything about it, or write what is generated."""

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import typer
import yaml
from tools.servers import ServerError
from tools.servers.cache import ROOT, run

from . import alerts, manifests, programs, renderings, values_table

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
NOT_ASKED = {
    "CKV_K8S_11": "a limit of CPU makes a service slow while the node is idle; memory is limited",
    "CKV_K8S_15": "images are named by version or digest: the node's copy is the right one",
    "CKV_K8S_21": "the namespace is told to Helm, not to the chart",
    "CKV_K8S_35": "settings are environment variables; those that are secret come out of Secrets",
    "CKV_K8S_43": "digests are a value: those of your registry are not known here",
}
"""Checks of checkov that are not ours, with the reason."""


@app.command()
def check() -> None:
    """Lint, test and render the chart, and check what it renders; exits 1 where something is wrong."""
    steps: list[tuple[str, Callable[[], Iterator[str]]]] = [
        ("helm lint", lint),
        ("helm unittest", unittest),
        ("renderings", drift),
        ("Helm 3 makes the same", same_by_helm_3),
        ("manifests", manifest_faults),
        ("alerts", alerts.faults),
        ("checkov", policies),
        ("README", readme_drift),
    ]
    failed = [name for name, step in steps if not passes(name, step)]
    raise typer.Exit(1 if failed else 0)


@app.command()
def write() -> None:
    """Write the renderings and the table of the values."""
    renderings.write(programs.helm_4())
    values_table.README.write_text(values_table.page())


def passes(name: str, step: Callable[[], Iterator[str]]) -> bool:
    """Do a step and tell what is wrong, and how long it took."""
    begin = time.monotonic()
    try:
        faults = list(step())
    except ServerError as exc:
        faults = [str(exc)]
    for fault in faults:
        typer.echo(fault, err=True)
    typer.echo(f"{time.monotonic() - begin:6.1f} s  {name}: {'as it should be' if not faults else len(faults)}")
    return not faults


def lint() -> Iterator[str]:
    for example in renderings.examples():
        where = ("--kube-version", renderings.KUBERNETES)
        run(programs.helm_4(), "lint", "--strict", "--quiet", renderings.CHART, "--values", example, *where)
    yield from ()


def unittest() -> Iterator[str]:
    run(programs.helm_unittest(), "--strict", renderings.CHART)
    yield from ()


def drift() -> Iterator[str]:
    yield from renderings.drifts(programs.helm_4())


def same_by_helm_3() -> Iterator[str]:
    """Tell of which example the Helm before makes something else; the order of the objects does not count."""
    for example in renderings.examples():
        made = objects(renderings.render(programs.helm_3(), example))
        if made != objects(renderings.rendered(example).read_text()):
            yield f"{example.stem}: Helm {programs.HELM_3} makes other objects"


def objects(text: str) -> dict[str, manifests.Manifest]:
    return {manifests.name_of(found): found for found in yaml.load_all(text, yaml.CSafeLoader) if found}


def manifest_faults() -> Iterator[str]:
    schemas = manifests.schemas_of(programs.definitions())
    for example in renderings.examples():
        found = manifests.read(renderings.rendered(example))
        faults = chain(manifests.own_faults(found, renderings.KUBERNETES), manifests.extended_faults(found, schemas))
        yield from (f"{example.stem}: {fault}" for fault in faults)


def policies() -> Iterator[str]:
    """Ask checkov, which lives outside of the project's environment: it brings a hundred packages."""
    uv = shutil.which("uv") or ROOT / ".uv" / "bin" / "uv"  # as scripts/setup finds it
    checkov = (uv, "tool", "run", "--quiet", "--python", sys.executable, "--constraints", programs.CHECKOV)
    options = ("--directory", renderings.RENDERED, "--framework", "kubernetes", "--compact", "--quiet")
    asked = ("--skip-check", ",".join(NOT_ASKED), "--skip-download")
    run(*checkov, "checkov", *options, *asked)
    yield from ()


def readme_drift() -> Iterator[str]:
    path = Path(values_table.README)
    if path.read_text() != values_table.page():
        yield f"{path.relative_to(ROOT)} is not that of the values: `python -m tools.chart write`"


app()
