"""What the service does: one verb per file."""
