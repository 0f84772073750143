"""A real Kubernetes of one node on this machine, without registry, service manager or Docker; see docs/operations/kubernetes.md."""

from .cluster import Cluster, running
from .machine import UNAVAILABLE, UnavailableError

__all__ = ["UNAVAILABLE", "Cluster", "UnavailableError", "running"]
