"""Migrations of the database of the postgres bus."""
