"""A whole market on one machine: a chain, contracts, and every service, for trying and for tests."""
