"""Where the gateway gets from what it tells."""
