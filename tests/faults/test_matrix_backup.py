"""F14: a backup of a running installation, restored into an empty folder; I1 to I5 hold for what was answered before it."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.acceptance.test_backup import BACK_UP_RUNNING, PUT_ASIDE, RESTORE_RUNNING, operate, proven

from .conftest import loaded
from .gate import SETTLE_SECONDS
from .invariants import (
    Books,
    Figures,
    check_acknowledged,
    check_audit,
    check_boxes,
    check_bytes,
    check_events,
    check_order,
    check_verification,
)
from .ledger import create_ledger
from .one_process import OneProcess
from .settling import settle

pytestmark = pytest.mark.faults
ROOT = Path(__file__).parents[2]
LOAD_SECONDS = 8


@pytest.fixture
def shape(data_folder: Path):
    """Give an installation in the folder of an operator, as the documentation has it."""
    shape = OneProcess(data_folder, {"LEDGER": "1"})
    (data_folder / ".venv").symlink_to(ROOT / ".venv")
    shape.start()
    for service in ("audit", "cases", "documents", "scans"):
        create_ledger(shape.database_url(service))
    yield shape
    shape.stop()


def test_f14_what_was_answered_before_a_backup_is_there_after_its_restore(
    shape: OneProcess, data_folder: Path, tmp_path: Path, measured: Callable[[str], None]
) -> None:
    with loaded(shape, tmp_path / "before", 1) as before:
        time.sleep(LOAD_SECONDS)
    assert settle(shape, SETTLE_SECONDS)
    with loaded(shape, tmp_path / "meanwhile", 2):
        began = time.monotonic()
        operate(data_folder, BACK_UP_RUNNING)
        backed_up = time.monotonic() - began
    shape.targets["both"].kill()
    lost = time.monotonic()
    (data_folder / "data").rename(data_folder / "lost")
    operate(data_folder, RESTORE_RUNNING)
    shape.start()
    operate(data_folder, PUT_ASIDE)
    ready = time.monotonic() - lost
    assert settle(shape, SETTLE_SECONDS)
    figures = Figures()
    books = Books(shape)
    check_bytes(shape, books, before.record, figures)
    check_verification(shape, figures)
    assert settle(shape, SETTLE_SECONDS)
    check_acknowledged(books, before.record, figures)
    check_boxes(books, before.record, figures)
    check_events(books, figures)
    check_order(books, figures)
    check_audit(books, before.record, figures, alone=shape.alone)
    measured(f"F14: {before.record.acked} answers kept; RPO {backed_up:.1f} s (the backup itself), RTO {ready:.1f} s")
    assert figures.told == []
    assert re.search("The audit log is sound", proven(data_folder))
