"""A box that becomes case files through the door of the cluster, and what a clerk finds of it."""

from pathlib import Path

import httpx
from tests.acceptance.contractor import Order
from tests.acceptance.door import Door
from tests.acceptance.test_backup import contents_of
from tests.acceptance.test_main_job import open_order, push_now
from tests.acceptance.test_main_job import wait_for as wait_for_order

from .installation import Installation
from .waiting import wait_for

PLACES = ("/v1/audit-records", "/v1/case-files", "/v1/contents/any", "/v1/scan-orders")
"""One of each service."""


def open_door(installation: Installation) -> Door:
    """Return the door once it knows the pods of every service: those that have just come refuse who has no token."""
    wait_for("an open door", lambda: is_open(installation))
    return Door(installation.folder, installation.base_url)


def is_open(installation: Installation) -> bool:
    if not installation.is_ready():
        return False
    answers = [httpx.get(installation.base_url + place, timeout=30) for place in PLACES]
    return {answer.status_code for answer in answers} == {401}


def file_a_box(door: Door, folder: Path) -> tuple[Order, dict[str, object]]:
    """Bring two case files from the stock list to the screen, and return what a clerk finds."""
    order = open_order(door, 2)
    order.pack(folder, {item: [2, 1] for item in order.items})
    push_now(door, folder)
    wait_for_order(door, order, filed=2)
    return order, contents_of(door, order)
