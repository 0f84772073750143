"""Events that are never lost: the bus, the relay to it, the inbox behind it, parked events, the read log."""
