"""Backup and restore of a whole installation into a store of its own, running or not."""
