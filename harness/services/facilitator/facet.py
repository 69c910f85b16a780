"""The x402facet way of paying $LH: the payer signs a PaymentAuthorization, the Diamond moves the money.

Speaks the SDK's facilitator protocol for `exact` (the signed value, which may exceed the price by at
most a tenth: the price lock) and `upto` (any amount up to the signed value).
"""

from __future__ import annotations

from harness.chain.abi import Interface
from harness.chain.errors import ContractError
from harness.chain.interface import Chain
from harness.chain.records import Call, LogRecord
from harness.diamond.client import explain
from harness.diamond.tokens import FwCredits
from harness.diamond.x402 import X402
from harness.protocol import reasons
from harness.protocol.addresses import Address
from harness.protocol.authorization import (
    FACET_DOMAIN_NAME,
    FACET_DOMAIN_VERSION,
    PAYMENT,
    Authorization,
    SignedAuthorization,
)
from harness.protocol.recovery import recover_signer
from harness.services.facilitator.request import PaymentRequest, Refused

PRICE_LOCK_BPS = 1_000
SAFETY_SECONDS = 6

_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
_TRANSFER = Interface.of("event Transfer(address indexed from, address indexed to, uint256 value)")
_REASONS = {
    "AuthAlreadyUsed": reasons.FACET_NONCE_USED,
    "AuthNotYetValid": reasons.NOT_YET_VALID,
    "AuthExpired": reasons.EXPIRED,
    "BadSignature": reasons.FACET_BAD_SIGNATURE,
    "BadPayee": reasons.FACET_RECIPIENT_MISMATCH,
    "AmountExceedsMax": reasons.AMOUNT_EXCEEDED,
    "InsufficientBalance": reasons.INSUFFICIENT_BALANCE,
    "InsufficientAllowance": reasons.FACET_ALLOWANCE,
}


class FacetRail:
    """Rules and calls of the facet for one Diamond and its $LH token."""

    def __init__(self, chain: Chain, diamond: Address, credits: Address) -> None:
        self._chain = chain
        self.facet = X402(chain, diamond)
        self.token = FwCredits(chain, credits)

    @property
    def extra(self) -> dict[str, str]:
        """What a server puts in `extra` to ask for this rail."""
        return {
            "assetTransferMethod": "x402facet",
            "name": FACET_DOMAIN_NAME,
            "version": FACET_DOMAIN_VERSION,
            "verifyingContract": self.facet.address,
        }

    def separator(self) -> bytes:
        """Read live: a redeployed facet or a forked chain must not be signed for by memory."""
        return self.facet.x402_domain_separator()

    def verify(self, request: PaymentRequest, sender: Address) -> None:
        """Raises Refused with the first reason why settling would fail or pay the wrong amount."""
        signed = request.signed
        authorization = signed.authorization
        self._check_domain(request)
        if authorization.payee != request.payee:
            raise Refused(reasons.FACET_RECIPIENT_MISMATCH, "the signed payee is not payTo")
        self._check_amount(request)
        self._check_window(authorization)
        self._check_signature(signed)
        if self.facet.authorization_state(authorization.payer, authorization.nonce):
            raise Refused(reasons.FACET_NONCE_USED, "the nonce is used or cancelled")
        moved = self._moved(request)
        if self.token.balance_of(authorization.payer) < moved:
            raise Refused(reasons.INSUFFICIENT_BALANCE, "the payer has less than the amount")
        if self.token.allowance(authorization.payer, self.facet.address) < moved:
            raise Refused(
                reasons.FACET_ALLOWANCE, f"the payer must approve {self.facet.address} first"
            )
        self._simulate(request, sender)

    def call(self, request: PaymentRequest) -> Call:
        """The transaction that settles."""
        signed = request.signed
        if request.scheme == "exact":
            values = (*signed.authorization.values, signed.signature)
            return Call(self.facet.address, self.facet.calldata("settle", *values))
        payer, payee, maximum, *window = signed.authorization.values
        data = self.facet.calldata(
            "settleUpto", payer, payee, maximum, request.amount, *window, signed.signature
        )
        return Call(self.facet.address, data)

    def moved_as_promised(self, request: PaymentRequest, logs: list[LogRecord]) -> bool:
        """Whether a receipt shows this payment, by the facet's word and by the token's."""
        a = request.signed.authorization
        moved = self._moved(request)
        settled = {"from": a.payer, "to": a.payee, "value": moved, "nonce": a.nonce}
        transfer = {"from": a.payer, "to": a.payee, "value": moved}
        facet_says = self.facet.INTERFACE.event("PaymentSettled").find(logs, self.facet.address)
        token_says = _TRANSFER.event("Transfer").find(logs, self.token.address)
        return settled in facet_says and transfer in token_says

    def _moved(self, request: PaymentRequest) -> int:
        return request.signed.authorization.value if request.scheme == "exact" else request.amount

    def _check_domain(self, request: PaymentRequest) -> None:
        for name, wanted in self.extra.items():
            found = request.extra.get(name, wanted)
            if str(found).lower() != wanted.lower():
                raise Refused(
                    reasons.FACET_DOMAIN_MISMATCH, f"extra.{name} is {found!r}, not {wanted!r}"
                )
        if request.asset != self.token.address:
            raise Refused(reasons.INVALID_REQUIREMENTS, f"x402facet pays {self.token.address}")

    def _check_amount(self, request: PaymentRequest) -> None:
        signed = request.signed.authorization.value
        if signed < request.amount:
            raise Refused(reasons.FACET_UNDERPAY, f"signed {signed}, the price is {request.amount}")
        ceiling = request.amount + request.amount * PRICE_LOCK_BPS // 10_000
        if request.scheme == "exact" and signed > ceiling:
            raise Refused(
                reasons.FACET_OVERPAY, f"signed {signed}, the price lock allows at most {ceiling}"
            )

    def _check_window(self, authorization: Authorization) -> None:
        now = self._chain.block().timestamp
        if authorization.valid_after >= now:
            raise Refused(reasons.NOT_YET_VALID, f"valid after {authorization.valid_after}")
        if authorization.valid_before < now + SAFETY_SECONDS:
            raise Refused(reasons.EXPIRED, f"valid before {authorization.valid_before}")

    def _check_signature(self, signed: SignedAuthorization) -> None:
        """Accounts with code, or with code to come, are for the simulation to judge."""
        payer, signature = signed.authorization.payer, signed.signature
        if len(signature) != 65 or self._chain.code(payer):
            return
        digest = signed.authorization.digest(PAYMENT, self.separator())
        try:
            recovered = recover_signer(digest, signature)
        except ValueError as reason:
            raise Refused(reasons.FACET_BAD_SIGNATURE, str(reason)) from None
        if recovered != payer or int.from_bytes(signature[32:64], "big") > _HALF_ORDER:
            raise Refused(reasons.FACET_BAD_SIGNATURE, "the signature is not the payer's")

    def _simulate(self, request: PaymentRequest, sender: Address) -> None:
        call = self.call(request)
        try:
            self._chain.call(Call(call.to, call.data, sender=sender))
        except ContractError as error:
            known = explain(error)
            reason = _REASONS.get(known.name or "", reasons.SIMULATION_FAILED)
            raise Refused(reason, str(known)) from None
