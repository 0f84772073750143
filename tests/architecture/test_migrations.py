"""A process knows the newest revision by the names of the files, without the machinery of migrations."""

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from aktenfluss.servicekit.database.revision import newest_revision
from aktenfluss.servicekit.migrations import config_of
from aktenfluss.standalone.household import MIGRATIONS

PACKAGES = [*MIGRATIONS.values(), "aktenfluss.servicekit.events.bus_migrations"]


@pytest.mark.parametrize("package", PACKAGES)
def test_the_last_file_is_the_newest_revision(package):
    script = ScriptDirectory.from_config(config_of(package))

    assert newest_revision(package) == script.get_current_head()


@pytest.mark.parametrize("package", PACKAGES)
def test_a_file_begins_with_its_revision(package):
    found = ScriptDirectory.from_config(config_of(package)).walk_revisions()

    assert [one.revision for one in found if Path(one.path).name.partition("_")[0] != one.revision] == []
