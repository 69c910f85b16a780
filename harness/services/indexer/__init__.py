"""The indexer: events attached to value on chain, the League's points, pairing of wallets."""
