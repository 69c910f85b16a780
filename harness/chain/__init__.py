"""Chains: an EVM in this process, anvil, or any JSON-RPC node behind one interface."""
