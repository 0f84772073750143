"""The chart as Kubernetes gets it with each of the example values: committed, and compared with what Helm makes today."""

from pathlib import Path

from tools.servers.cache import ROOT, run

CHART = ROOT / "deploy" / "helm" / "aktenfluss"
RENDERED = ROOT / "deploy" / "rendered"
KUBERNETES = "1.37.0"
NAMESPACE = "aktenfluss"
"""The namespace that the examples are rendered for."""


def examples() -> list[Path]:
    """Return the files of values, from the smallest installation to the largest."""
    return [CHART / "examples" / f"{name}.yaml" for name in ("small-town", "city", "data-centre")]


def rendered(example: Path) -> Path:
    """Return where the manifests of an example are kept."""
    return RENDERED / example.name


def render(helm: Path, values: Path, *more: str) -> str:
    """Return the manifests; raises ServerError, with Helm's words, for values that are refused."""
    where = ("--namespace", NAMESPACE, "--kube-version", KUBERNETES)
    return run(helm, "template", "aktenfluss", CHART, *where, "--values", values, *more)


def write(helm: Path) -> None:
    """Bring the committed manifests up to date."""
    RENDERED.mkdir(exist_ok=True)
    for example in examples():
        rendered(example).write_text(render(helm, example))


def drifts(helm: Path) -> list[str]:
    """Return what is not as it is committed."""
    return [
        f"{rendered(example).relative_to(ROOT)} is not what the chart makes: `python -m tools.chart write`, and read the diff"
        for example in examples()
        if not rendered(example).exists() or rendered(example).read_text() != render(helm, example)
    ]
