"""Payments by Permit2, for any ERC-20 token: the SDK's own verifying and settling, and whether the nonce is free.

Permit2 counts nonces as bits, 256 to a word. The SDK learns of a used one when the settlement reverts;
asking first keeps a spent signature from being called valid.
"""

from __future__ import annotations

from typing import Any

from x402.schemas import PaymentPayload, PaymentRequirements, SettleResponse, VerifyResponse

from harness.chain.abi import Interface
from harness.chain.interface import Chain
from harness.chain.records import Call
from harness.protocol import reasons
from harness.protocol.permit2 import PERMIT2, SPENDERS, SignedPermit

_BITMAP = Interface.of(
    "function nonceBitmap(address owner, uint256 wordPos) view returns (uint256)"
).functions[0]


def schemes_on(chain: Chain) -> frozenset[str]:
    """The schemes whose spender the chain has, beside Permit2 itself."""
    if not chain.code(PERMIT2):
        return frozenset()
    return frozenset(scheme for scheme, spender in SPENDERS.items() if chain.code(spender))


class Permit2Scheme:
    """The SDK's facilitator protocol over its own `exact` or `upto`."""

    caip_family = "eip155:*"

    def __init__(self, official: Any, chain: Chain) -> None:
        self.scheme = str(official.scheme)
        self._official = official
        self._chain = chain

    def get_extra(self, network: str) -> dict[str, Any]:
        return {"spender": SPENDERS[self.scheme]}

    def get_signers(self, network: str) -> list[str]:
        return list(self._official.get_signers(network))

    def verify(
        self, payload: PaymentPayload, requirements: PaymentRequirements, context: Any = None
    ) -> VerifyResponse:
        permit = SignedPermit.from_wire(payload.payload)
        if self._used(permit):
            return VerifyResponse(
                is_valid=False,
                invalid_reason=reasons.NONCE_USED,
                invalid_message="this nonce of Permit2 is used",
                payer=permit.authorization.payer,
            )
        answer: VerifyResponse = self._official.verify(payload, requirements, context)
        return answer

    def settle(
        self, payload: PaymentPayload, requirements: PaymentRequirements, context: Any = None
    ) -> SettleResponse:
        answer: SettleResponse = self._official.settle(payload, requirements, context)
        return answer

    def _used(self, permit: SignedPermit) -> bool:
        word, bit = divmod(int.from_bytes(permit.authorization.nonce), 256)
        data = _BITMAP.encode(permit.authorization.payer, word)
        return bool(int.from_bytes(self._chain.call(Call(PERMIT2, data))) >> bit & 1)
