"""The schema of `audit`."""
