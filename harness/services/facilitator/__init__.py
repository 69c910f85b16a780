"""The facilitator: verifies x402 payments, puts them on chain once, pays the gas."""
