"""Slither over all contracts and halmos over what money depends on; both in an environment of their own."""
