"""The periodic jobs do their work."""

from aktenfluss.testkit.house import named


async def test_the_jobs_run(documents, put, flip):
    flip(await put(b"a sheet"))
    async with documents.service.jobs.open_async():
        await documents.service.jobs.configure_task("scrub_contents", queue="upkeep").defer_async(timestamp=0)
        await documents.service.jobs.configure_task("sweep_uploads", queue="upkeep").defer_async(timestamp=0)
    await documents.drain()
    assert named(await documents.events()) == ["content-damaged"]


async def test_a_scrub_that_could_not_read_all_is_a_failed_job(documents, put, block, flip):
    block(await put(b"a sheet"))
    flip(await put(b"another sheet"))
    jobs = documents.service.jobs
    async with jobs.open_async():
        await jobs.configure_task("scrub_contents", queue="upkeep").defer_async(timestamp=0)
    await documents.drain()
    assert named(await documents.events()) == ["content-damaged"]
    async with jobs.open_async():
        assert [job.status for job in await jobs.job_manager.list_jobs_async(task="scrub_contents")] == ["failed"]
