"""What the service does by itself: the scrub, the sweep of uploads that nobody goes on with, and texts."""

import procrastinate
import structlog

from aktenfluss.kernel import Principal
from aktenfluss.servicekit import retry_passing, until_next_time

from ..domain.errors import ContentsUnreadableError
from ..domain.page_text import TEXT_JOB, TEXT_QUEUE, TextUnit
from ..domain.scrub import ScrubReport
from ..use_cases.order_texts import OrderTexts
from ..use_cases.recognise_text import RecogniseText
from ..use_cases.scrub_contents import ScrubContents
from ..use_cases.sweep_uploads import SweepUploads

MOST_UNITS = 64
"""So many units wait in the queue at most: what waits longer waits with its document, in the order of their age."""

log = structlog.get_logger("jobs")


def add_jobs(app: procrastinate.App, scrub: ScrubContents, sweep: SweepUploads, scrub_cron: str) -> None:
    """Register the periodic jobs."""

    @app.periodic(cron=scrub_cron)
    @app.task(name="scrub_contents", queue="upkeep", queueing_lock="scrub_contents", retry=retry_passing())
    async def scrub_contents(timestamp: int) -> None:
        tell_unreadable(await scrub())

    @app.periodic(cron="23 * * * *")
    @app.task(name="sweep_uploads", queue="upkeep", queueing_lock="sweep_uploads")
    async def sweep_uploads(timestamp: int) -> None:
        with until_next_time():
            await sweep()


def tell_unreadable(report: ScrubReport) -> None:
    """Let the job fail where the store did not give all contents: so somebody looks, and it is not begun anew at once.

    Raises ContentsUnreadableError.
    """
    for key in report.unread:
        log.error("content unreadable", key=key)
    if report.unreadable:
        raise ContentsUnreadableError(f"{report.unreadable} of {report.checked} contents could not be read")


def add_text_jobs(app: procrastinate.App, order: OrderTexts, recognise: RecogniseText) -> None:
    """Register what recognises texts."""

    @app.periodic(cron="* * * * *")
    @app.task(name="order_texts", queue=TEXT_QUEUE, queueing_lock="order_texts", priority=1)
    async def order_texts(timestamp: int) -> None:
        with until_next_time():
            waiting = await app.job_manager.list_jobs_async(queue=TEXT_QUEUE, status="todo")
            await order(max(0, MOST_UNITS - len(list(waiting))))

    @app.task(name=TEXT_JOB, queue=TEXT_QUEUE, retry=retry_passing())
    async def recognise_text(tenant_id: str, content: str, first: int, last: int) -> None:
        await recognise(Principal.service("documents", tenant_id), TextUnit(content, first, last))
