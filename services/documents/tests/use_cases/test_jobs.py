"""The periodic jobs do their work."""

from aktenfluss.testkit.house import named


async def test_the_jobs_run(documents, put, flip):
    flip(await put(b"a sheet"))
    async with documents.service.jobs.open_async():
        await documents.service.jobs.configure_task("scrub_contents", queue="upkeep").defer_async(timestamp=0)
        await documents.service.jobs.configure_task("sweep_uploads", queue="upkeep").defer_async(timestamp=0)
    await documents.drain()
    assert named(await documents.events()) == ["content-damaged"]
