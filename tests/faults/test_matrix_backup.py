"""F14: a backup of a running installation, restored into an empty folder: I2 to I5 hold for what was answered before it."""

import re
import sys
import time
from pathlib import Path

import pytest
from tests.acceptance.test_backup import BACK_UP_RUNNING, PUT_ASIDE, RESTORE_RUNNING, operate, proven

from .gate import SETTLE_SECONDS
from .invariants import Books, Figures, check_acknowledged, check_boxes, check_bytes, check_order, check_verification
from .ledger import create_ledger
from .load import Load
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


def loaded(shape: OneProcess, folder: Path, seed: int) -> Load:
    load = Load(shape.base_url, shape.token, folder, seed)
    load.start()
    return load


def test_f14_what_was_answered_before_a_backup_is_there_after_its_restore(
    shape: OneProcess, data_folder: Path, tmp_path: Path
) -> None:
    before = loaded(shape, tmp_path / "before", 1)
    time.sleep(LOAD_SECONDS)
    before.end(SETTLE_SECONDS)
    assert settle(shape, SETTLE_SECONDS)
    meanwhile = loaded(shape, tmp_path / "meanwhile", 2)
    began = time.monotonic()
    operate(data_folder, BACK_UP_RUNNING)
    backed_up = time.monotonic() - began
    shape.targets["both"].kill()
    meanwhile.ending.set()
    lost = time.monotonic()
    (data_folder / "data").rename(data_folder / "lost")
    operate(data_folder, RESTORE_RUNNING)
    shape.start()
    operate(data_folder, PUT_ASIDE)
    ready = time.monotonic() - lost
    assert settle(shape, SETTLE_SECONDS)
    figures = Figures()
    check_bytes(shape, Books(shape), before.record, figures)
    check_verification(shape, figures)
    check_acknowledged(Books(shape), before.record, figures)
    check_boxes(Books(shape), before.record, figures)
    check_order(Books(shape), figures)
    sys.stdout.write(f"\nF14: {before.record.acked} answers kept; RPO {backed_up:.1f} s (the backup itself), ")
    sys.stdout.write(f"RTO {ready:.1f} s\n")
    assert figures.told == []
    assert re.search("The audit log is sound", proven(data_folder))
