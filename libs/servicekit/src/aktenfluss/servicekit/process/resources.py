"""What a service is handed to work with."""

from dataclasses import dataclass
from pathlib import Path

import procrastinate
from prometheus_client import CollectorRegistry

from aktenfluss.kernel import Clock

from ..database.database import Database
from ..events.read_log import ReadLog
from ..http import Cursors
from ..identity import Grants, TokenVerifier
from ..objects.object_store import ObjectStore
from ..peers import Peers
from ..tracing import UNTRACED, Tracing


@dataclass(frozen=True, slots=True)
class Resources:
    """Opened for one service; what is not its own (store, verifier, …) it shares with its process.

    `key_folder` holds the secrets of the installation, readable by its user only.
    """

    name: str
    database: Database
    reads: ReadLog
    jobs: procrastinate.App
    store: ObjectStore
    verifier: TokenVerifier
    grants: Grants
    cursors: Cursors
    peers: Peers
    clock: Clock
    registry: CollectorRegistry
    key_folder: Path
    tracing: Tracing = UNTRACED
