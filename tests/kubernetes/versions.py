"""The release before this one: built from its commit, where this clone has it."""

from pathlib import Path

from scripts.schemas import releases
from tools.chart.renderings import CHART
from tools.images.released import released
from tools.servers.cache import ROOT

from .release import VALUES, Version

SUBSTITUTE = "before"
"""The tag under which this release stands in for the one before."""


def release_before(this: Version, *, own_images: bool) -> tuple[Version, str]:
    """Return the last release that was recorded and what it is, or this one under another tag and why."""
    version, release = list(releases().items())[-1]
    if not own_images:
        return substitute(this), "the release before: NOT TRIED, images are given; this one under another tag instead"
    if folder := released(release.code):
        return version_in(folder), f"the release before: {version}, commit {release.code}"
    return substitute(this), f"the release before: NOT TRIED, {release.code} is not here; this one under another tag"


def substitute(this: Version) -> Version:
    return Version(this.images, tag=SUBSTITUTE)


def version_in(folder: Path) -> Version:
    """Return a release as it was, with its chart, and the values that it was tried with."""
    chart, values = (folder / "tree" / path.relative_to(ROOT) for path in (CHART, VALUES))
    images = [image for image in sorted((folder / "images").glob("*.tar")) if image.stem != "delivery"]
    return Version(images, chart, values)
