"""Every class of the house, found by importing every module of it."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import aktenfluss

NOT_FOR_IMPORT = ("__main__", "env")
TEST_KIT = "aktenfluss.testkit"


def modules() -> Iterator[ModuleType]:
    """Give every module but the test kit and what runs when it is imported."""
    for found in pkgutil.walk_packages(aktenfluss.__path__, "aktenfluss."):
        if not found.name.startswith(TEST_KIT) and found.name.rpartition(".")[2] not in NOT_FOR_IMPORT:
            yield importlib.import_module(found.name)


def classes[T](base: type[T]) -> list[type[T]]:
    """Return the classes below `base` that a module of the house defines, sorted by module and name."""
    found = {
        member
        for module in modules()
        for member in vars(module).values()
        if isinstance(member, type) and issubclass(member, base) and member.__module__ == module.__name__
    }
    return sorted(found - {base}, key=lambda member: (member.__module__, member.__name__))


def service_of(member: type) -> str:
    """Return the word of the library or service that defines `member`."""
    return member.__module__.split(".")[1]


def paragraphs(member: type) -> list[str]:
    """Return the paragraphs of the docstring, each on one line."""
    return [" ".join(part.split()) for part in (member.__doc__ or "").split("\n\n") if part.strip()]
