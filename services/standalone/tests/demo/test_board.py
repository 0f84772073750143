"""The board: where no terminal is, the last state of everything is still told."""

from io import StringIO

import pytest
from rich.console import Console

from aktenfluss.delivery import Finding
from aktenfluss.standalone.demo.board import Board
from aktenfluss.standalone.demo.figures import Figure
from aktenfluss.standalone.demo.office import Balance


@pytest.fixture
def board():
    return Board(Console(record=True, width=160, file=StringIO()))


def told(board: Board) -> str:
    return board.console.export_text()


def test_a_push_ends_with_its_balance(board):
    with board.pushing("box-2") as view:
        view.expect(2, 1_000)
        view.advance(1_000)
        view.show(Balance(listed=60, filed=58, accepted=0, rejected=2, missing=0))
    text = told(board)
    assert "box-2" in text
    assert "58" in text
    assert "under way" in text


def test_findings_say_what_to_do(board):
    board.findings([Finding("pdf-unreadable", "data/1/02.pdf", "0000000199", "it is cut off", "Export it again.")])
    text = told(board)
    assert "0000000199" in text
    assert "Export it again." in text


def test_a_figure_that_is_not_as_planned_stands_out(board):
    board.figures([Figure("pages", 1_751, 1_750), Figure("audit log verified", planned=True, found=True)])
    text = told(board)
    assert "1,751" in text
    assert "NOT as planned" in text
    assert "True" in text


def test_pages_are_counted(board):
    with board.counting("pages scanned", 10) as done:
        done(4)
        done(6)
    assert "10/10" in told(board)
