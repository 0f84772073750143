"""Alembic migrations of the database of scans."""
