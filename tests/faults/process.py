"""Runs a module of the product with what the environment plants in it: `python -m tests.faults.process MODULE ARGUMENTS`.

`FAIL_AT=name:n` kills the process at the n-th pass of a failpoint, `PLANT=name` plants a bug, `DISTURB=name,…` makes life
hard, `LEDGER=1` keeps the ledger of effects.
"""

import os
import runpy
import sys
from pathlib import Path

from .disturbances import DISTURBANCES
from .failpoints import FAILPOINTS, arm
from .ledger import keep_ledger
from .planted import PLANTED


def prepare() -> None:
    """Do what the environment says; failpoints come last, so that they lie outside of everything else."""
    for name in filter(None, os.environ.get("DISTURB", "").split(",")):
        DISTURBANCES[name]()
    if bug := os.environ.get("PLANT"):
        PLANTED[bug].plant()
    if os.environ.get("LEDGER"):
        keep_ledger()
    if fail_at := os.environ.get("FAIL_AT"):
        name, _, passes = fail_at.partition(":")
        note = os.environ.get("FAIL_NOTE")
        arm(FAILPOINTS[name], int(passes or 1), Path(note) if note else None)


if __name__ == "__main__":
    prepare()
    module = sys.argv[1]
    sys.argv = sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
