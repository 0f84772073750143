"""How `cases` keeps its records in PostgreSQL."""
