"""Jobs: seal what is new, every five seconds."""

import procrastinate

from aktenfluss.servicekit import until_next_time

from ..use_cases.seal_records import SealRecords

EVERY_FIVE_SECONDS = "* * * * * */5"
"""procrastinate reads cron lines with croniter, whose sixth field is seconds."""


def jobs(app: procrastinate.App, seal_records: SealRecords) -> None:
    # No `lock`: a worker that was killed would hold it until its job is revived, and nothing would be sealed. Two
    # runs at once do no harm, each tenant has one sealer.
    @app.periodic(cron=EVERY_FIVE_SECONDS)
    @app.task(name="seal_audit_records", queue="audit", queueing_lock="seal_audit_records")
    async def seal_audit_records(timestamp: int) -> None:
        with until_next_time():
            await seal_records()
