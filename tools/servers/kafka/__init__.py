"""Apache Kafka: one node that is broker and controller."""

from .broker import Kafka, Security

__all__ = ["Kafka", "Security"]
