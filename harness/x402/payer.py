"""A client scheme for the SDK that signs what the seller asks for: EIP-3009, or the x402 facet's own.

    client = x402Client().register(network, PayerScheme("exact", signer, domains=[facet_domain(...)]))

The SDK keeps one scheme per network and name, so this one looks at `extra.assetTransferMethod` and
leaves everything but `x402facet` to the SDK's own scheme.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from x402.mechanisms.evm.default_assets import find_default_asset
from x402.mechanisms.evm.exact.client import ExactEvmScheme
from x402.schemas import PaymentRequirements

from harness.protocol.addresses import to_address
from harness.protocol.authorization import PAYMENT, DigestSigner, sign
from harness.protocol.typed_data import Domain

FACET_METHOD = "x402facet"


class UnknownDomain(ValueError):
    """The seller names a Diamond that this payer was not told to trust."""


class PayerScheme:
    """Implements the SDK's client protocol for `exact` or `upto`.

    `domains` are the only ones signed for: a seller must not be able to name another contract.
    `official` is an SDK signer for EIP-3009 payments; without it only the facet can be paid.
    """

    find_default_asset = staticmethod(find_default_asset)

    def __init__(
        self,
        scheme: str,
        signer: DigestSigner,
        domains: Iterable[Domain],
        official: Any = None,
    ) -> None:
        self.scheme = scheme
        self._signer = signer
        self._domains = {(d.chain_id, d.verifying_contract): d for d in domains}
        self._official = ExactEvmScheme(official) if official is not None else None

    def create_payment_payload(
        self, requirements: PaymentRequirements, extensions: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        extra = requirements.extra or {}
        if extra.get("assetTransferMethod") != FACET_METHOD:
            if self._official is None or self.scheme != "exact":
                raise ValueError(f"cannot pay {self.scheme} by {extra.get('assetTransferMethod')}")
            return self._official.create_payment_payload(requirements, extensions)
        domain = self._domain(requirements)
        signed = sign(
            self._signer,
            PAYMENT,
            domain.separator,
            payee=to_address(requirements.pay_to),
            value=int(requirements.amount),
            valid_before=int(time.time()) + requirements.max_timeout_seconds,
        )
        return signed.to_wire()

    def _domain(self, requirements: PaymentRequirements) -> Domain:
        chain_id = int(str(requirements.network).partition(":")[2])
        contract = str((requirements.extra or {}).get("verifyingContract", ""))
        try:
            return self._domains[chain_id, to_address(contract)]
        except (KeyError, ValueError):
            raise UnknownDomain(
                f"the seller asks to sign for {contract or 'no contract'} on chain {chain_id}"
            ) from None
