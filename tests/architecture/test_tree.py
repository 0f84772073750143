"""The shape of the tree: one namespace, and every tool knows every member."""

import configparser
import tomllib

import pytest


@pytest.fixture(scope="session")
def settings(root):
    return tomllib.loads((root / "pyproject.toml").read_text())["tool"]


def test_the_namespace_has_no_init_file(root):
    assert list(root.glob("*/*/src/aktenfluss/__init__.py")) == []


def test_a_member_is_named_by_one_word_everywhere(root, portions):
    for word, portion in portions.items():
        member = portion.parents[2]
        project = tomllib.loads((member / "pyproject.toml").read_text())["project"]
        assert (member.name, project["name"]) == (word, f"aktenfluss-{word}")


@pytest.mark.parametrize("name", ["README.md", "pyproject.toml", "tests"])
def test_a_member_is_complete(portions, name):
    assert [word for word, portion in portions.items() if not (portion.parents[2] / name).exists()] == []


def test_a_member_ships_its_types(portions):
    assert [word for word, portion in portions.items() if not (portion / "py.typed").exists()] == []


def test_import_linter_knows_every_portion(root, portions):
    contracts = configparser.ConfigParser()
    contracts.read(root / ".importlinter")

    listed = contracts["importlinter"]["root_packages"].split()
    assert sorted(listed) == sorted(f"aktenfluss.{word}" for word in portions)


def test_the_type_checker_knows_every_portion(settings, root, portions):
    paths = settings["mypy"]["mypy_path"].split(":")

    expected = [portion.parents[1].relative_to(root).as_posix() for portion in portions.values()]
    assert sorted(path.removeprefix("$MYPY_CONFIG_FILE_DIR/") for path in paths) == sorted(expected)


def test_coverage_counts_every_portion_but_the_test_kit(settings, portions):
    counted = settings["coverage"]["run"]["source_pkgs"]

    assert sorted(counted) == sorted(f"aktenfluss.{word}" for word in portions if word != "testkit")
