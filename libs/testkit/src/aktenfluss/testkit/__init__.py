"""A pytest plugin: real databases, stores and buses for tests, and the contract suite of every port."""

from .clock import FixedClock
from .event_bus_contract import EventBusContract
from .fault_proxy import Direction, FaultProxy
from .house import House, Running, named
from .object_store_contract import ObjectStoreContract
from .patience import PATIENCE_SECONDS
from .postgres import PreparedServer
from .trace_collector import Step, TraceCollector

__all__ = [
    "PATIENCE_SECONDS",
    "Direction",
    "EventBusContract",
    "FaultProxy",
    "FixedClock",
    "House",
    "ObjectStoreContract",
    "PreparedServer",
    "Running",
    "Step",
    "TraceCollector",
    "named",
]
