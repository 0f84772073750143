"""Patches from outside: a function of the product is put aside, and another one takes its place."""

from typing import Any


def replace(owner: Any, name: str, function: Any) -> None:
    """Put `function` in the place of the product's; raises AttributeError where there is none any more."""
    getattr(owner, name)
    setattr(owner, name, function)
