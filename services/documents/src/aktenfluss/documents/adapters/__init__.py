"""The ports on PostgreSQL, the object store and the sandbox."""
