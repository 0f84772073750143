"""What can be done with contents and documents, one verb per file."""
