"""The database of a service: transactions of one tenant, statements, the outbox, the embedded server."""
