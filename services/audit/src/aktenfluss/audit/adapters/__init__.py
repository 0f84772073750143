"""The ports of the domain on PostgreSQL, the object store and a key file."""
