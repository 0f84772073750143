"""Workers take up the image with a model, and the text of what was filed before is recognised."""

from dataclasses import replace

import psycopg
import pytest

from .installation import Installation
from .release import Version
from .waiting import wait_for

pytestmark = pytest.mark.kubernetes
READ = "SELECT count(*) FROM page_text WHERE state = 'recognised'"
"""The oldest come first: which pages these are depends on the tests before."""


def test_text_is_recognised_once_it_is_asked_for(installation: Installation, this: Version) -> None:
    installation.release.upgrade(replace(this, settings=("services.documents.ocr.enabled=true",)))

    assert any("/aktenfluss-documents-ocr:" in pod.image for pod in installation.pods.of())
    with psycopg.connect(installation.database_url("documents"), autocommit=True) as connection:
        wait_for("text of a page", lambda: connection.execute(READ).fetchone()[0] > 0)
