"""Figures of the requests served, by route template."""

from weakref import WeakKeyDictionary

from prometheus_client import CollectorRegistry, Histogram

BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)


class HttpMetrics:
    """The duration of requests, with their number; one for all services that share a registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._durations = Histogram(
            "http_request_duration_seconds",
            "Time from the first byte of a request to the last of its answer",
            ("service", "method", "route", "status"),
            registry=registry,
            buckets=BUCKETS,
        )
        # Looking a child up by its labels costs three times what observing does.
        self._children: dict[tuple[str, str, str, int], Histogram] = {}

    def observe(self, service: str, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; all labels come from closed sets."""
        key = (service, method, route, status)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._durations.labels(service, method, route, str(status))
        child.observe(seconds)


def http_metrics(registry: CollectorRegistry) -> HttpMetrics:
    """Return the metrics of `registry`: services in one process share it, and a name may be registered once."""
    if registry not in METRICS:
        METRICS[registry] = HttpMetrics(registry)
    return METRICS[registry]


METRICS: WeakKeyDictionary[CollectorRegistry, HttpMetrics] = WeakKeyDictionary()
