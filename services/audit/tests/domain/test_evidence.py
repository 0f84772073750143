"""A checkpoint is judged by what its row and its copy say, and by what was signed."""

from dataclasses import replace

import pytest

from aktenfluss.audit.domain.checkpoint import CheckpointCopy, SignedCheckpoint, Trail
from aktenfluss.audit.domain.evidence import Evidence
from aktenfluss.audit.domain.finding import Finding, Report, Rule
from aktenfluss.audit.domain.record import instant

TRAIL = Trail("offenbach")
LEAVES = (b"\x01" * 32, b"\x02" * 32)
CHECKPOINT = TRAIL.seal(LEAVES, 1)
ROW = SignedCheckpoint(CHECKPOINT, "signature")
COPY = CheckpointCopy("signature", LEAVES)
SOUND = Evidence(ROW, CHECKPOINT, COPY, CHECKPOINT)
SECOND = TRAIL.after(ROW).seal(LEAVES, 2)


def test_row_and_copy_that_agree_are_sound():
    assert SOUND.broken_rule(TRAIL) is None
    assert SOUND.sealed_leaves(TRAIL) == LEAVES


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"row": None}, Rule.CHECKPOINT_MISSING),
        ({"row": SignedCheckpoint(SECOND, "signature")}, Rule.CHECKPOINT_MISSING),
        ({"row_states": None}, Rule.CHECKPOINT_FORGED),
        ({"row_states": None, "copy_states": None}, Rule.CHECKPOINT_FORGED),
        ({"row_states": None, "copy_states": None, "missing_key": "ab"}, Rule.KEY_MISSING),
        ({"row_states": None, "missing_key": "ab"}, Rule.CHECKPOINT_FORGED),
        ({"row": SignedCheckpoint(replace(CHECKPOINT, root=b""), "signature")}, Rule.CHECKPOINT_CHANGED),
        ({"row_states": SECOND}, Rule.CHECKPOINT_CHANGED),
        ({"copy": None}, Rule.COPY_MISSING),
        ({"copy": replace(COPY, signature="another")}, Rule.COPY_CHANGED),
        ({"copy": replace(COPY, leaves=LEAVES[:1])}, Rule.COPY_CHANGED),
        ({"copy_states": None}, Rule.COPY_CHANGED),
    ],
)
def test_what_is_wrong_is_said(change, rule):
    assert replace(SOUND, **change).broken_rule(TRAIL) is rule


@pytest.mark.parametrize("change", [{"row": None}, {"row_states": None}])
def test_a_copy_proves_its_leaves_without_the_row(change):
    assert replace(SOUND, **change).sealed_leaves(TRAIL) == LEAVES


@pytest.mark.parametrize("change", [{"copy": None}, {"copy_states": None}, {"copy_states": SECOND}])
def test_without_a_signed_copy_no_leaf_is_proven(change):
    assert replace(SOUND, **change).sealed_leaves(TRAIL) is None


def test_reports_of_tenants_add_up():
    bad = Finding("hanau", Rule.RECORD_MISSING, 3)
    total = Report(2, 1, 0, instant(5), (bad,)) + Report(10, 4, 3, instant(9)) + Report()
    assert (total.records, total.checkpoints, total.unsealed) == (12, 5, 3)
    assert (total.sealed_until, total.first_bad, total.ok) == (instant(9), bad, False)
