"""Checks that may be killed."""

import pytest

from aktenfluss.scans.adapters.peers import DocumentsPeer
from aktenfluss.scans.adapters.unit_of_work import SqlScansUnitOfWork
from aktenfluss.scans.use_cases.check_delivery import CheckDelivery
from aktenfluss.scans.use_cases.decide_item import DecideItem

from ..mortals import Lifetime, MortalDocuments, TrustingInspector


@pytest.fixture
def check(scans):
    def check(box, bad, steps):
        documents = MortalDocuments(DocumentsPeer(scans.resources.peers), Lifetime(steps))
        units = SqlScansUnitOfWork(scans.database)
        return CheckDelivery(units, documents, TrustingInspector(box, bad), DecideItem(units, documents))

    return check
