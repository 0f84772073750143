"""What can be done with case files, one verb per module."""
