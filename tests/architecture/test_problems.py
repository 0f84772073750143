"""Every problem says what happened and the way out, and has its page."""

import re

import pytest
from scripts.reference.members import paragraphs
from scripts.reference.problem_pages import named_problems

from aktenfluss.kernel import Kind


@pytest.fixture(scope="module")
def problems():
    return named_problems()


def kebab(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def test_a_slug_is_the_name_of_the_class(problems):
    other = [problem for problem in problems if problem.slug != kebab(problem.__name__.removesuffix("Error"))]

    # An "internal" would tell nobody that it is an error.
    assert [problem.slug for problem in other] == ["internal-error"]


def test_a_slug_names_one_problem(problems):
    slugs = [problem.slug for problem in problems]

    assert sorted(slugs) == sorted(set(slugs))


def test_a_problem_has_a_title_and_a_kind(problems):
    assert all(problem.title and isinstance(problem.kind, Kind) for problem in problems)


def test_a_problem_says_what_happened_and_the_way_out(problems):
    silent = [problem for problem in problems if not any(part.startswith("Way out:") for part in paragraphs(problem))]

    assert silent == []


def test_a_problem_has_its_page(problems, root):
    pages = {page.stem for page in (root / "docs" / "problems").glob("*.md")}

    assert pages == {problem.slug for problem in problems} | {"index"}
