"""Writing, sealing and verifying at the same time: a verification never raises a false alarm."""

import asyncio
from dataclasses import replace

import pytest


async def write(log, tenant_id, count):
    for number in range(count):
        await log.record(f"file-{number % 5}", tenant_id=tenant_id)


async def seal_until(log, done):
    while not done.is_set():
        await log.seal()
        await asyncio.sleep(0)


async def verify_until(log, done):
    reports = []
    while not done.is_set():
        reports.append(await log.verify(batch=7))
    return reports


async def test_a_verification_beside_writers_and_sealers_finds_nothing(log):
    done = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        writers = [group.create_task(write(log, tenant_id, 60)) for tenant_id in ("hanau", "offenbach", "offenbach")]
        sealers = [group.create_task(seal_until(log, done)) for _ in range(2)]
        verifier = group.create_task(verify_until(log, done))
        await asyncio.gather(*writers)
        done.set()
    await log.seal()
    report = await log.verify()
    assert all(report.ok for report in verifier.result())
    assert (report.ok, report.records, report.unsealed, len(sealers)) == (True, 180, 0, 2)


class KilledError(Exception):
    """Ends a run where a kill -9 would."""


class MortalArchive:
    """The archive of a process that dies at its `last` step, before or after having done it."""

    def __init__(self, archive, last, *, done):
        self._archive, self._left, self._done = archive, last, done

    def __getattr__(self, name):
        step = getattr(self._archive, name)
        return step if name == "prepared" else lambda *arguments: self._take(step, *arguments)

    async def _take(self, step, *arguments):
        self._left -= 1
        if self._left < 0 and not self._done:
            raise KilledError
        result = await step(*arguments)
        if self._left < 0:
            raise KilledError
        return result


@pytest.mark.parametrize("done", [False, True])
async def test_sealers_killed_at_every_step_leave_a_sound_log(log, done):
    steps, killed = 0, 0
    for last in (0, 1, 2, 3, 0, 2, 2, 1):  # a run that follows a killed one has to finish that first
        await log.record("file-1", "file-2")
        steps += 2
        try:
            await replace(log.seal, archive=MortalArchive(log.archive, last, done=done))()
        except KilledError:
            killed += 1
        report = await log.verify()
        assert (report.ok, report.records) == (True, steps)
    await log.seal()
    report = await log.verify()
    assert (report.ok, report.unsealed) == (True, 0)
    assert killed >= 6
    assert not [waiting async for waiting in log.archive.prepared()]
