"""Pages for people lead somewhere."""

import re

import pytest

LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


@pytest.fixture(scope="session")
def pages(root):
    return [
        root / "README.md",
        *root.glob("deploy/helm/*/README.md"),
        *(root / "docs").rglob("*.md"),
        *root.glob("libs/*/*.md"),
        *root.glob("services/*/*.md"),
    ]


def test_every_link_inside_the_project_leads_somewhere(pages, root):
    broken = [
        f"{page.relative_to(root)}: {target}"
        for page in pages
        for target in LINK.findall(page.read_text())
        if not (page.parent / target).exists()
    ]

    assert broken == []


def test_every_member_says_what_it_is(root):
    silent = [page for page in root.glob("*/*/README.md") if len(page.read_text().splitlines()) < 3]

    assert silent == []


def test_every_target_of_the_makefile_is_helped_with(root):
    makefile = (root / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[1].split()

    helped = re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)
    assert sorted(phony) == sorted(helped)
