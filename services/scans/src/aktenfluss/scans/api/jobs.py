"""What the service does by itself."""

import procrastinate

from aktenfluss.kernel import Principal
from aktenfluss.servicekit import retry_passing

from ..domain.delivery import CHECK_JOB, CHECK_QUEUE
from ..use_cases.check_delivery import CheckDelivery


def add_jobs(app: procrastinate.App, check: CheckDelivery) -> None:
    """Register the jobs of the service."""

    @app.task(name=CHECK_JOB, queue=CHECK_QUEUE, retry=retry_passing())
    async def check_delivery(tenant_id: str, delivery: str, correlation_id: str) -> None:
        await check(Principal.service("scans", tenant_id, correlation_id), delivery)
