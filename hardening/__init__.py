"""Programs that hurt the service on purpose, on loopback, bounded, and count what was lost."""
