"""The version of the tree, that of the release which comes next: `python -m scripts.version 0.3.0` writes another one."""

import re
import sys
import tomllib

from tools.images.store import ROOT, uv
from tools.servers.cache import run

MEMBERS = ("pyproject.toml", "libs/*/pyproject.toml", "services/*/pyproject.toml")
CHART = "deploy/helm/aktenfluss/Chart.yaml"
RESTORE = "deploy/backup/restore.yaml"


def version() -> str:
    """Return the version of the tree."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def places() -> dict[str, str]:
    """Return where a version stands, with the end of the line that tells it."""
    members = (str(file.relative_to(ROOT)) for pattern in MEMBERS for file in sorted(ROOT.glob(pattern)))
    return {**dict.fromkeys(members, 'version = "{}"'), CHART: "ersion: {}", RESTORE: "aktenfluss-standalone:{}"}


def change(to: str) -> None:
    """Write another version, and what is made of it: the lock file and the manifests."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", to):
        sys.exit(f"{to} is no version: three numbers, as 0.3.0")
    before = version()
    for name, line in places().items():
        file = ROOT / name
        ending = re.compile(rf"{re.escape(line.format(before))}$", re.MULTILINE)
        file.write_text(ending.sub(line.format(to), file.read_text()))
    run(uv(), "lock", "--quiet", "--directory", ROOT)
    run("env", f"--chdir={ROOT}", sys.executable, "-m", "tools.chart", "write")


if __name__ == "__main__":
    change(*sys.argv[1:])
