"""The measures of `make numbers` see what they are for."""

import pytest
from scripts.style_gates import measures, python_files

SOURCE = '''"""A module."""


class Box:
    """A box."""

    def count(self, item: str) -> int:
        """Return how many."""
        return len(item)
'''
TEST = '''"""Tests."""


def test_a_box_counts():
    expected = 4
    assert len("four") == expected
'''


@pytest.fixture
def measured(tmp_path):
    """Measure a small tree that holds every gate, after something was put into it."""

    def measure(text="", name="libs/box/src/aktenfluss/box/planted.py"):
        files = {"libs/box/src/aktenfluss/box/__init__.py": SOURCE, "libs/box/tests/test_box.py": TEST, name: text}
        for path, content in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(content)
        return {gate: (value, least, greatest) for gate, value, least, greatest in measures(python_files(tmp_path))}

    return measure


def broken(measured):
    return {gate for gate, (value, least, greatest) in measured.items() if not least <= value <= greatest}


def lines(count, indent="    "):
    return f"{indent}x = 1\n" * count


def test_a_tidy_tree_holds_every_gate(measured):
    assert broken(measured()) == set()


@pytest.mark.parametrize(
    ("text", "gate"),
    [
        ('"""M."""\ndef f() -> None:\n' + lines(51), "function lines, longest"),
        ('"""M."""\n' + lines(501, ""), "file lines, longest"),
        ('"""M."""\ndef f(x) -> None:\n    pass\n', "functions typed, %"),
        ('"""M."""\ndef f(x: int):\n    pass\n', "functions typed, %"),
        ("x = 1\n", "modules with a docstring, %"),
        ('"""M."""\nclass C:\n    x = 1\n', "classes with a docstring, %"),
        ('"""M."""\nx = 1  # noqa: E501 - because\n', "suppressions per 1000 lines"),
        ('"""M."""\ntry:\n    x = 1\nexcept Exception:\n    pass\n', "broad excepts per 1000 lines"),
        ('"""M."""\n' + lines(99, ""), "test lines per source line"),
    ],
)
def test_what_breaks_a_gate_is_seen(measured, text, gate):
    assert gate in broken(measured(text))


@pytest.mark.parametrize("text", ["def f() -> None:\n    from .other import x", "if T:\n    from . import other"])
def test_a_cycle_over_two_modules_is_seen_however_it_hides(measured, text):
    measured(f'"""M."""\n{text}\n')
    seen = measured('"""M."""\nfrom .planted import f\n', name="libs/box/src/aktenfluss/box/other.py")

    assert seen["modules in an import cycle"][0] == 2


def test_a_module_without_a_purpose_in_its_name_is_seen(measured):
    assert "modules named after no purpose" in broken(measured('"""M."""\n', "libs/box/src/aktenfluss/box/utils.py"))


def test_a_test_that_mocks_is_seen(measured):
    assert "test files that mock, %" in broken(measured("from unittest import mock\n", "libs/box/tests/test_mock.py"))


@pytest.mark.parametrize(
    ("body", "depth"),
    [
        ("x = 1", 0),
        ("if x:\n        y = 1\n    elif y:\n        x = 1\n    else:\n        z = 1", 1),
        ("for a in b:\n        if a:\n            with a:\n                pass", 3),
        ("try:\n        pass\n    except ValueError:\n        if x:\n            pass", 2),
        ("match x:\n        case 1:\n            pass", 1),
    ],
)
def test_nesting_counts_blocks_inside_blocks(measured, body, depth):
    functions = "".join(f"def f{number}() -> None:\n    {body}\n\n\n" for number in range(30))

    assert measured(f'"""M."""\n{functions}')["nesting, 90th percentile"][0] == depth


def test_docstrings_and_blank_lines_are_no_code(measured):
    tree = measured('"""M.\n\nOver\nmany\nlines.\n"""\n\n# A comment.\n')

    assert tree["test lines per source line"][0] == pytest.approx(1)
