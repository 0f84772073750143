"""Objects of bytes: the port to the store, and the store in a folder."""
