"""The images of a release that was recorded, built from its own tree by its own tools, and kept: nothing of it changes any more."""

import shutil
import sys
from functools import partial
from pathlib import Path

from tools.servers import ServerError
from tools.servers.cache import make, run
from tools.servers.process import locked

from .store import ROOT, folder

KEPT = 2
"""How many releases stay: as many as are recorded."""


def released(code: str) -> Path | None:
    """Return the folder of a release: its `tree`, and its images in `images`; None where this clone does not have its commit.

    The first call builds it. Raises ServerError where a build fails.
    """
    commit = commit_of(code)
    if commit is None:
        return None
    place = folder() / "releases" / commit
    place.parent.mkdir(exist_ok=True)
    with locked(place.parent / ".lock"):
        if not place.exists():
            make(place, partial(build, commit))
            forget_older(place.parent)
    return place


def commit_of(code: str) -> str | None:
    try:
        return run("git", "-C", ROOT, "rev-parse", "--verify", "--quiet", f"{code}^{{commit}}").strip()
    except ServerError:
        return None


def build(commit: str, made: Path) -> None:
    tree, images = made / "tree", made / "images"
    run("git", "clone", "--quiet", "--shared", "--no-checkout", ROOT, tree)
    run("git", "-C", tree, "checkout", "--quiet", "--detach", commit)
    tool = ("env", f"--chdir={tree}", sys.executable, "-m", "tools.images")
    run(*tool, "build")
    images.mkdir()
    for line in run(*tool, "list").splitlines():
        archive = Path(line.split()[-1])
        (images / f"{archive.parents[1].name}.tar").hardlink_to(archive)
    shutil.rmtree(tree / ".git")  # it leads into this clone, which may go


def forget_older(places: Path) -> None:
    """Remove what builds that were killed have left, and all but the newest releases."""
    found = sorted((place for place in places.iterdir() if place.is_dir()), key=lambda place: place.stat().st_mtime)
    unfinished = [place for place in found if place.name.startswith(".")]
    whole = [place for place in found if place not in unfinished]
    for place in (*unfinished, *whole[:-KEPT]):
        shutil.rmtree(place)
