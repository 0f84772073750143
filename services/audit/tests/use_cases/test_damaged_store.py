"""Random damage of the objects: each is found, at the checkpoint whose object it is."""

from random import Random, SystemRandom

from aktenfluss.audit.domain.finding import Rule

TRIALS = 200
CHECKPOINTS, EACH = 4, 5


async def content_of(store, key):
    return b"".join([chunk async for chunk in store.read(key)])


async def put(store, key, content):
    async def chunks():
        yield content

    if content is None:
        await store.delete(key)
    else:
        await store.write(key, chunks())


def damaged(random, keys, contents):
    """Return the objects after one act of damage: contents by key, None for one that is gone."""
    key, other = random.sample(keys, 2)
    content = contents[key]
    place = random.randrange(len(content))
    return random.choice((
        {key: None},
        {key: content[:place]},
        {key: content + random.randbytes(3)},
        {key: content[:place] + bytes([content[place] ^ 1 << random.randrange(8)]) + content[place + 1 :]},
        {key: contents[other]},
        {key: contents[other], other: content},
    ))  # fmt: skip


async def test_every_damage_of_an_object_is_found(log):
    await log.fill(checkpoints=CHECKPOINTS, records=EACH)
    keys = sorted([key async for key in log.store.list("audit/checkpoints/")])
    contents = {key: await content_of(log.store, key) for key in keys}
    seed = SystemRandom().getrandbits(32)
    for trial in range(TRIALS):
        changes = damaged(Random(f"{seed}/{trial}"), keys, contents)
        for key, content in changes.items():
            await put(log.store, key, content)
        bad = (await log.verify()).first_bad
        first = min(keys.index(key) for key in changes)
        assert bad, f"not found: seed {seed}, trial {trial}"
        assert bad.rule in (Rule.COPY_MISSING, Rule.COPY_CHANGED), f"seed {seed}, trial {trial}: {bad}"
        assert bad.position == first * EACH + 1, f"seed {seed}, trial {trial}: {bad}"
        for key in changes:
            await put(log.store, key, contents[key])
    assert (await log.verify()).ok
