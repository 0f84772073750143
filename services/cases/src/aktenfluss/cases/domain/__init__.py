"""The rules of case files in plain Python."""
