"""Tells at the start what the object store was seen to do."""

from dataclasses import asdict

import structlog
from prometheus_client import CollectorRegistry, Gauge

from ..errors import ServiceUnavailableError
from ..objects.object_store import ObjectStore
from ..objects.s3_errors import StoreRefusedError

log = structlog.get_logger("objects")


async def report_store(store: ObjectStore, registry: CollectorRegistry) -> None:
    """Try what the store can do, log it and show it as a metric.

    Raises NotPreparedError and StoreRefusedError, which an operator mends. A store that does not answer is no reason
    not to start: what needs no contents works, and the rest as soon as the store is back.
    """
    capability = Gauge(
        "object_store_capability", "1 where the store was seen to do it at the start", ["capability"], registry=registry
    )
    try:
        seen = await store.probe()
    except StoreRefusedError:
        raise
    except ServiceUnavailableError as problem:
        log.warning("object store does not answer yet", reason=problem.detail)
        return
    log.info("object store", versioning=seen.versioning, object_lock=seen.object_lock, lock_enforced=seen.lock_enforced)
    for name, value in asdict(seen).items():
        if value is not None:
            capability.labels(name).set(value)
