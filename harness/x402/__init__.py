"""Plugs for the official x402 SDK: pay and sell in $LH through the Diamond beside EIP-3009 tokens."""
