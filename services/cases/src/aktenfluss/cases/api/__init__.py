"""How `cases` is spoken to: HTTP and events."""
