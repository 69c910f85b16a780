"""Facetworks off-chain library: chain access, Diamond clients, services and commands."""
