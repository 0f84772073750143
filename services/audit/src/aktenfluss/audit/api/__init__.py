"""The ways in: HTTP, events, jobs."""
