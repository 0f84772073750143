"""A thousand random tamperings, done past every right: all are found, each at the first place that was touched."""

from dataclasses import fields, replace
from itertools import count
from random import Random, SystemRandom
from uuid import UUID

from aktenfluss.audit.adapters.rows import checkpoint_values, record_values
from aktenfluss.audit.domain.checkpoint import Checkpoint
from aktenfluss.audit.domain.record import AuditRecord

TRIALS = 1000
RECORDS, EACH = 24, 6  # all sealed, so many by each checkpoint
TEXTS = ("type", "actor", "correlation_id", "subject", "payload", "chain_key")
BLOBS = ("previous_hash", "hash", "root")


def made_anew(records):
    """Give positions, sequences and hashes to `records` as the service would: what an intruder does who knows how."""
    chains, result = {}, []
    for position, record in enumerate(records, start=1):
        chain_seq, previous = chains.get(record.chain_key, (0, bytes(32)))
        new = replace(record, position=position, chain_seq=chain_seq + 1, previous_hash=previous)
        new = replace(new, hash=new.computed_hash())
        chains[new.chain_key] = (new.chain_seq, new.hash)
        result.append(new)
    return result


def renumbered(records):
    return [replace(record, position=position) for position, record in enumerate(records, start=1)]


def other_value(random, name, value):
    """Return a value for the field `name` that no row has."""
    if name in BLOBS:
        return random.randbytes(random.choice((0, 32, 33)))
    if name == "event_id":
        return UUID(bytes=random.randbytes(16))
    if name == "frontier":
        return (random.randbytes(32), *value)
    if name in TEXTS or isinstance(value, str):
        return f"{value}{random.randrange(10)}"
    return value + random.choice((-1, 1)) * random.randrange(1000, 2000)


def changed(random, row, cls, *fixed):
    name = random.choice([field.name for field in fields(cls) if field.name not in ("tenant_id", *fixed)])
    return replace(row, **{name: other_value(random, name, getattr(row, name))})


def alter(random, records, checkpoints):
    place = random.randrange(len(records))
    return [*records[:place], changed(random, records[place], AuditRecord), *records[place + 1 :]], checkpoints


def delete(random, records, checkpoints):
    gone = set(random.sample(range(len(records)), random.randint(1, 4)))
    left = [record for place, record in enumerate(records) if place not in gone]
    return random.choice((list, renumbered, made_anew))(left), checkpoints


def reorder(random, records, checkpoints):
    first, last = sorted(random.sample(range(len(records)), 2))
    middle = random.choice((reversed, lambda part: random.sample(part, len(part))))(records[first : last + 1])
    moved = [*records[:first], *middle, *records[last + 1 :]]
    return random.choice((renumbered, made_anew))(moved), checkpoints


def insert(random, records, checkpoints):
    forged = replace(
        random.choice(records), event_id=UUID(bytes=random.randbytes(16)), chain_seq=random.randrange(500, 900)
    )
    place = random.randrange(len(records))
    if random.random() < 0.5:
        moved = [*records[:place], forged, *records[place:]]
        return random.choice((renumbered, made_anew))(moved), checkpoints
    outside = replace(forged, position=random.choice((-3, 0, RECORDS + 1, RECORDS + 9)))
    return [*records, random.choice((outside, replace(outside, hash=outside.computed_hash())))], checkpoints


def truncate(random, records, checkpoints):
    cut = random.randrange(RECORDS)
    left = [row for row in checkpoints if row.checkpoint.size <= cut]
    return records[:cut], random.choice((checkpoints, left))


def tamper_with_checkpoints(random, records, checkpoints):
    place = random.randrange(len(checkpoints))
    row = checkpoints[place]
    forged = random.choice((
        [],
        [replace(row, checkpoint=changed(random, row.checkpoint, Checkpoint))],
        [replace(row, signature=random.choice(("", "x.y.z", row.signature[:-4], checkpoints[place - 1].signature)))],
    ))  # fmt: skip
    return records, [*checkpoints[:place], *forged, *checkpoints[place + 1 :]]


KINDS = (alter, delete, reorder, insert, truncate, tamper_with_checkpoints)


def first_touched(before, after):
    """Say where the log differs first, seen without any hash: by comparing the rows."""
    old, new = ({record.position: record for record in state[0]} for state in (before, after))
    record = min((place for place in old.keys() | new.keys() if old.get(place) != new.get(place)), default=None)
    old, new = ({row.checkpoint.number: row for row in state[1]} for state in (before, after))
    number = min((number for number in old.keys() | new.keys() if old.get(number) != new.get(number)), default=None)
    if number is None or (record is not None and record <= number * EACH):
        return min(record, RECORDS + 1)  # far behind the end, the gap comes first
    return max(number - 1, 0) * EACH + 1


async def write(intruder, records, checkpoints):
    async with intruder.transaction():
        await intruder.execute("DELETE FROM audit_record; DELETE FROM audit_checkpoint")
        for table, rows in (
            ("audit_record", [record_values(record) for record in records]),
            ("audit_checkpoint", [checkpoint_values(row) for row in checkpoints]),
        ):
            values = [tuple(row.values()) for row in rows]
            columns = list(rows[0]) if rows else None
            await intruder.copy_records_to_table(table, records=values, columns=columns)


async def test_a_thousand_random_tamperings_are_all_found(log, intruder, capsys):
    await log.fill(checkpoints=RECORDS // EACH, records=EACH)
    records = [linked.record for linked in await log.inventory.records("offenbach", None, 1000)]
    checkpoints = await log.inventory.checkpoints("offenbach", None, 1000)
    before = records, checkpoints
    seed, done = SystemRandom().getrandbits(32), {kind.__name__: 0 for kind in KINDS}
    for trial in count():
        random = Random(f"{seed}/{trial}")
        kind = random.choice(KINDS)
        after = kind(random, records, checkpoints)
        if after == before:
            continue
        await write(intruder, *after)
        bad = (await log.verify()).first_bad
        assert bad, f"not found: {kind.__name__}, seed {seed}, trial {trial}"
        assert bad.position == first_touched(before, after), f"{kind.__name__}, seed {seed}, trial {trial}: {bad}"
        done[kind.__name__] += 1
        if sum(done.values()) == TRIALS:
            break
    await write(intruder, *before)
    assert (await log.verify()).ok
    with capsys.disabled():
        print(f"\nfound all of {done} with seed {seed}")  # noqa: T201 - so that the run can be repeated
