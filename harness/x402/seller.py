"""A server scheme for the SDK that can ask for the x402 facet beside EIP-3009.

server.register(network, SellerScheme("exact"))
price = facet_price(diamond, credits, 10**16)
"""

from __future__ import annotations

from typing import Any

from x402.mechanisms.evm.exact.server import ExactEvmScheme

from harness.protocol.addresses import Address
from harness.protocol.authorization import FACET_DOMAIN_NAME, FACET_DOMAIN_VERSION

_FLOWS: dict[str, Any] = {
    "supported": ("authorization", "upfront"),
    "default": "authorization",
}


class SellerScheme(ExactEvmScheme):
    """The SDK's scheme, which also knows the transfer method `x402facet`, for `exact` and `upto`."""

    def __init__(self, scheme: str = "exact") -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.scheme = scheme
        self.payment_flows = {**ExactEvmScheme.payment_flows, "x402facet": _FLOWS}
        if scheme == "upto":
            self.default_asset_transfer_method = "x402facet"
            self.payment_flows = {"x402facet": _FLOWS}


def facet_price(diamond: Address, credits: Address, amount_wei: int) -> dict[str, Any]:
    """A price in wei of $LH, paid through a Diamond."""
    return {
        "amount": str(amount_wei),
        "asset": credits,
        "extra": {
            "assetTransferMethod": "x402facet",
            "name": FACET_DOMAIN_NAME,
            "version": FACET_DOMAIN_VERSION,
            "verifyingContract": diamond,
        },
    }
