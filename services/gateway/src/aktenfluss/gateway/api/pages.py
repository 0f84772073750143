"""Pages for people: small, without scripts, readable in any browser."""

import re
from collections.abc import Iterable
from html import escape

from starlette.responses import HTMLResponse

from ..domain.problem_type import ProblemType

STYLE = "body{font:1rem/1.6 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem}code{background:#eee}"
HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "X-Robots-Tag": "noindex"}


def page(title: str, body: str) -> HTMLResponse:
    """Return a page around `body`, which is HTML already."""
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    content = f'<!doctype html><html lang="en"><head>{head}</head><body><h1>{escape(title)}</h1>{body}</body></html>'
    return HTMLResponse(content, headers=HEADERS)


def paragraph(text: str) -> str:
    """Return `text` as HTML; words between backticks are code."""
    return f"<p>{re.sub('`([^`]+)`', r'<code>\1</code>', escape(text))}</p>"


def problem_page(problem: ProblemType) -> HTMLResponse:
    facts = f"<p><code>{escape(problem.slug)}</code>, HTTP status {problem.status}</p>"
    text = "".join(paragraph(part) for part in problem.paragraphs)
    return page(problem.title, f'{facts}{text}<p><a href="/problems">All problems</a></p>')


def problem_index(problems: Iterable[ProblemType]) -> HTMLResponse:
    rows = "".join(
        f'<li><a href="/problems/{escape(found.slug)}">{escape(found.title)}</a> ({found.status})</li>'
        for found in problems
    )
    return page("Problems", f"<p>What an error answer of this API can mean.</p><ul>{rows}</ul>")


def start_page() -> HTMLResponse:
    links = {
        "/openapi.json": "Description of the API (OpenAPI)",
        "/.well-known/api-catalog": "Catalogue of the APIs",
        "/problems": "What errors mean",
    }
    rows = "".join(f'<li><a href="{path}">{text}</a></li>' for path, text in links.items())
    return page("Aktenfluss", f"<p>The electronic case file of an immigration office.</p><ul>{rows}</ul>")
