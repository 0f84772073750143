"""What callers without an account can ask the public door."""
