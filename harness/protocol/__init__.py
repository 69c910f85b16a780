"""Pure values and rules of payments: no clock, no network, no files."""
