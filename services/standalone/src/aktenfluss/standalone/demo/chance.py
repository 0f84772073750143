"""Chance that repeats itself: the same seed and names always give the same dice."""

from random import Random


def dice(seed: int, *names: object) -> Random:
    """Return dice of their own for what `names` name, so that one more throw elsewhere changes nothing here."""
    return Random(":".join(str(part) for part in (seed, *names)))  # noqa: S311 - made-up letters, nothing secret
