"""The next release, as far as schemas go: the migrations of this one and a further one on top."""

import shutil
from importlib.resources import as_file, files
from pathlib import Path

HEADER = '''"""What the next release does."""

from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute({statement!r})
'''
GROW = """
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
                AND relname NOT LIKE 'procrastinate%' AND relname <> 'alembic_version' LOOP
        EXECUTE format('ALTER TABLE %I ADD COLUMN later_note text, ADD COLUMN later_count integer NOT NULL DEFAULT 7', name);
        EXECUTE format('CREATE INDEX %I ON %I (later_note)', 'ix_later_' || name, name);
    END LOOP;
END $$;
CREATE TABLE later_thing (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text NOT NULL);
"""
"""More in every table, as far as a release may go."""


def next_release(package: str, folder: Path, statement: str = GROW) -> Path:
    """Write the migrations of the next release into `folder` and return it; `statement` is what its migration does."""
    with as_file(files(package)) as source:
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"))
    before = max(file.name for file in (folder / "versions").glob("*.py")).partition("_")[0]
    revision = f"{int(before) + 1:04}"
    text = HEADER.format(revision=revision, before=before, statement=statement)
    (folder / "versions" / f"{revision}_next.py").write_text(text)
    return folder
