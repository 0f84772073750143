"""HTTP of the public door."""
