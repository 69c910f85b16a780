"""Gas per operation and code size per contract; `.gas-snapshot` at the root is the record."""
