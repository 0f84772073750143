"""The words of the domain are the words of the glossary."""

import ast
import re

import pytest

# What a class is for technique's sake; the word before it still has to be a word of the glossary, or stand alone.
TECHNICAL = re.compile(r"(Error|UnitOfWork|Transaction|Queries|Repository|Protocol|Port)$")


@pytest.fixture(scope="session")
def words(root):
    text = (root / "docs" / "glossary.md").read_text()
    return set(re.findall(r"`([a-z][a-z_]*)`", text))


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def singular(word):
    return re.sub(r"s$", "", re.sub(r"ies$", "y", word))


def is_told(name, words):
    """Tell whether a word of the glossary stands in `name` (a plural counts)."""
    parts = snake(name).split("_")
    spans = {"_".join(parts[start:end]) for start in range(len(parts)) for end in range(start + 1, len(parts) + 1)}
    return not words.isdisjoint(spans | {singular(span) for span in spans})


def test_every_class_of_a_domain_is_in_the_glossary(production, words):
    missing = [
        f"{path}: {node.name}"
        for path, tree in production.items()
        if path.startswith("services/") and "/domain/" in path
        for node in tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
        if not TECHNICAL.search(node.name) and not is_told(node.name, words)
    ]

    assert missing == []


def test_every_service_event_is_told_with_words_of_the_glossary(production, words):
    events = [
        node.name
        for path, tree in production.items()
        if path.startswith("libs/contracts/")
        for node in tree.body
        if isinstance(node, ast.ClassDef) and any(getattr(base, "id", "") == "EventData" for base in node.bases)
    ]

    assert [name for name in events if not is_told(name, words)] == []
