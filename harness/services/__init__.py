"""Long-running programs. A service is wiring, routes and rules; the rest is in the rooms below."""
