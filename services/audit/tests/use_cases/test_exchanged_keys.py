"""A log that several keys signed, one after the other, is verified like any other; a key that is missing is named."""

import pytest

from aktenfluss.audit.adapters.signer import KeySigner, new_private_key
from aktenfluss.audit.domain.errors import AuditLogDamagedError
from aktenfluss.audit.domain.finding import Rule
from aktenfluss.servicekit import KeyBundle

OLD, NEW, STRANGE = (KeyBundle.of_pem(new_private_key(), "audit.pem") for _ in range(3))
STEPS = {
    "old": OLD,
    "old, new": KeyBundle.of(OLD.private_key, *NEW.public_keys.values()),
    "new, old": KeyBundle.of(NEW.private_key, *OLD.public_keys.values()),
    "new": NEW,
}


@pytest.fixture
async def exchanged(log):
    """Give a log that the old key signed up to record 9, the new one from then on, and what knows both."""
    for step in ("old", "old, new", "old", "new, old", "old, new", "new, old"):
        log.signer = KeySigner(STEPS[step])
        await log.fill(checkpoints=1, records=3)
    return log


async def test_it_verifies_with_both_keys_in_any_order(exchanged):
    for step in ("old, new", "new, old"):
        exchanged.signer = KeySigner(STEPS[step])
        report = await exchanged.verify()
        assert (report.findings, report.records, report.checkpoints) == ((), 18, 6)


@pytest.mark.parametrize(("known", "missing", "position"), [("new", OLD, 1), ("old", NEW, 10)])
async def test_a_missing_key_is_named_at_the_first_place_that_needs_it(exchanged, known, missing, position):
    exchanged.signer = KeySigner(STEPS[known])
    bad = (await exchanged.verify()).first_bad
    assert (bad.rule, bad.position, bad.missing_key) == (Rule.KEY_MISSING, position, missing.key_id)


@pytest.mark.parametrize("position", [1, 9, 10, 18])
async def test_a_change_is_found_whichever_key_signed_it(exchanged, intruder, position):
    await intruder.execute("UPDATE audit_record SET actor = 'user-8' WHERE position = $1", position)
    bad = (await exchanged.verify()).first_bad
    assert (bad.rule, bad.position, bad.missing_key) == (Rule.RECORD_CHANGED, position, None)


async def test_a_checkpoint_signed_anew_with_a_key_of_nobody_is_not_taken_for_one_whose_key_is_missing(
    exchanged, intruder
):
    statement = await intruder.fetchval("SELECT signature FROM audit_checkpoint WHERE number = 2")
    forged = KeySigner(STRANGE).sign(exchanged.signer.statement_of(statement))
    await intruder.execute("UPDATE audit_checkpoint SET signature = $1 WHERE number = 2", forged)
    bad = (await exchanged.verify()).first_bad
    assert (bad.rule, bad.position, bad.missing_key) == (Rule.CHECKPOINT_FORGED, 4, None)


async def test_nothing_is_sealed_behind_a_checkpoint_whose_key_is_missing(exchanged):
    await exchanged.record("file-1")
    exchanged.signer = KeySigner(STEPS["old"])
    with pytest.raises(AuditLogDamagedError, match=f"the key {NEW.key_id} that signed the checkpoint of size 18"):
        await exchanged.seal()
    exchanged.signer = KeySigner(STEPS["new, old"])
    assert await exchanged.seal() == 1
    assert (await exchanged.verify()).unsealed == 0
