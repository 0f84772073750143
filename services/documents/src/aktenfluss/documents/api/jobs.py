"""What the service does by itself: the scrub, and the sweep of uploads that nobody goes on with."""

import procrastinate

from aktenfluss.servicekit import retry_passing, until_next_time

from ..use_cases.scrub_contents import ScrubContents
from ..use_cases.sweep_uploads import SweepUploads


def add_jobs(app: procrastinate.App, scrub: ScrubContents, sweep: SweepUploads, scrub_cron: str) -> None:
    """Register the periodic jobs."""

    @app.periodic(cron=scrub_cron)
    @app.task(name="scrub_contents", queue="upkeep", queueing_lock="scrub_contents", retry=retry_passing())
    async def scrub_contents(timestamp: int) -> None:
        await scrub()

    @app.periodic(cron="23 * * * *")
    @app.task(name="sweep_uploads", queue="upkeep", queueing_lock="sweep_uploads")
    async def sweep_uploads(timestamp: int) -> None:
        with until_next_time():
            await sweep()
