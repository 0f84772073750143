"""The postgres bus keeps the contract of every event bus."""

from aktenfluss.testkit import EventBusContract


class TestPostgresEventBus(EventBusContract):
    """Runs on the `bus` fixture of the test kit."""
