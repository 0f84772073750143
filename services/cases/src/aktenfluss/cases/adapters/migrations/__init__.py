"""The history of the schema of `cases`."""
