"""What a delivery still lacks, given what is stored."""

from collections.abc import Mapping

from aktenfluss.delivery import Delivery as Bag
from aktenfluss.delivery import Finding
from aktenfluss.kernel import Digest

from .views import MissingContent


def missing_contents(bag: Bag, sizes: Mapping[Digest, int]) -> list[MissingContent]:
    """Return each content that has no size, once, with the first path that needs it."""
    paths: dict[Digest, str] = {}
    for path, content in bag.contents.items():
        if content not in sizes:
            paths.setdefault(content, path)
    return [MissingContent(content, path) for content, path in paths.items()]


def size_findings(bag: Bag, sizes: Mapping[Digest, int]) -> list[Finding]:
    """Return whether the stored contents add up to Payload-Oxum; call it when nothing is missing."""
    return bag.size_findings({path: sizes[content] for path, content in bag.contents.items()})
