"""The x402 scheme `vault`: pay out of a reservation, settle by a commitment that a later receipt covers.

A payload names the consumer, the cycle and the newest receipt; verify answers whether the reservation and
the operator's credit window bear another request. Settle moves nothing: it adds what was served to what
the cycle owes and answers with the sum that the consumer is to sign next.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from eth_utils.crypto import keccak
from x402.schemas import PaymentPayload, PaymentRequirements, SettleResponse, VerifyResponse

from harness.diamond.vault import Pair
from harness.protocol import reasons
from harness.protocol.addresses import ZERO_ADDRESS, Address, address_bytes
from harness.protocol.vault import DOMAIN_NAME, DOMAIN_VERSION, Receipt, Reservation
from harness.services.facilitator import vault_request as wire
from harness.services.facilitator.desk import RateLimited
from harness.services.facilitator.request import (
    Malformed,
    Refused,
    Terms,
    check_accepted,
    check_network,
    identifier_of,
    required_of,
)
from harness.services.facilitator.vault import VaultDesk, VaultRefused
from harness.services.facilitator.vault_request import ReserveRequest

SCHEME = "vault"
UNSIGNED_SECONDS = 600.0  # how long served work that nobody signed for narrows the credit window

_EXTRAS = ("vault", "domain", "sessionScheme", "creditWindow", "minReservation")


@dataclass(frozen=True)
class VaultPayment:
    """A payload with its requirements; `amount` in base units, for settling the measured one."""

    consumer: Address
    operator: Address
    cycle: int
    key_epoch: int
    cumulative: int  # of the receipt; 0 without one
    signature: bytes | None
    reserve: ReserveRequest | None
    ceiling: int
    amount: int
    credit_window: int | None
    network: str
    request: str  # its name: the same payment again is the same commitment

    def receipt(self, cumulative: int) -> Receipt:
        return Receipt(self.consumer, self.operator, cumulative, self.key_epoch, self.cycle)


class VaultScheme:
    """Implements the SDK's facilitator protocol. `clock` in seconds since the epoch."""

    scheme = SCHEME
    caip_family = "eip155:*"

    def __init__(
        self,
        desk: VaultDesk,
        terms: Terms,
        allow: Callable[[str, str], bool],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._desk = desk
        self._terms = terms
        self._allow = allow
        self._clock = clock

    def get_extra(self, network: str) -> dict[str, Any]:
        """What a server copies into `extra`; `creditWindow` is its own to add."""
        return {
            "vault": self._desk.address,
            "domain": {"name": DOMAIN_NAME, "version": DOMAIN_VERSION},
            "asset": self._desk.terms.token,
            "facilitator": self._desk.lanes.first.address,
        }

    def get_signers(self, network: str) -> list[str]:
        return self._desk.lanes.addresses

    def verify(
        self, payload: PaymentPayload, requirements: PaymentRequirements, context: Any = None
    ) -> VerifyResponse:
        payer = None
        try:
            payment = self._parse(payload, requirements, settling=False)
            payer = payment.consumer
            self._check(payment)
            if not self._allow("verify", payer):
                raise RateLimited
        except Refused as refusal:
            return VerifyResponse(
                is_valid=False,
                invalid_reason=refusal.reason,
                invalid_message=refusal.message,
                payer=payer,
            )
        return VerifyResponse(is_valid=True, payer=payer)

    def settle(
        self, payload: PaymentPayload, requirements: PaymentRequirements, context: Any = None
    ) -> SettleResponse:
        payer = None
        try:
            payment = self._parse(payload, requirements, settling=True)
            payer = payment.consumer
            return self._commit(payment)
        except Refused as refusal:
            return SettleResponse(
                success=False,
                error_reason=refusal.reason,
                error_message=refusal.message,
                transaction="",
                network=str(requirements.network),
                payer=payer,
            )

    def _commit(self, payment: VaultPayment) -> SettleResponse:
        ledger = self._desk.ledger
        present = ledger.commitment(payment.request)
        if present is None:
            pair = self._check(payment)
            if not self._allow("settle", payment.consumer):
                raise RateLimited
            if payment.reserve is not None:
                self._reserve(payment.reserve)
            base = max(payment.cumulative, pair.redeemed)
            present, _ = ledger.commit(
                payment.receipt(base),
                payment.request,
                base,
                payment.amount,
                lambda cumulative: self._name(payment, cumulative),
            )
        if present.amount != payment.amount:
            raise Refused(
                reasons.INVALID_REQUIREMENTS,
                f"this payment was settled before for {present.amount}",
            )
        return SettleResponse(
            success=True,
            transaction="",
            network=payment.network,
            payer=payment.consumer,
            amount=str(payment.amount),
            extra={
                "mode": "vault",
                "cumulative": str(present.cumulative),
                "cycle": str(payment.cycle),
                "commitment": present.id,
            },
        )

    def _reserve(self, request: ReserveRequest) -> None:
        try:
            answer = self._desk.reserve(request, wait=True)
        except VaultRefused as refusal:
            raise Refused(reasons.VAULT_RESERVATION, f"{refusal.code}: {refusal.message}") from None
        if answer["status"] != "confirmed":
            raise Refused(reasons.SETTLEMENT_PENDING, "the reservation is not mined yet; ask again")

    # -- judging -------------------------------------------------------------------------------

    def _check(self, payment: VaultPayment) -> Pair:
        """Refused with the first reason why the reservation does not bear this; else what it is."""
        vault = self._desk.vault
        key, epoch = vault.session_key(payment.consumer), vault.key_epoch(payment.consumer)
        if key == ZERO_ADDRESS or payment.key_epoch != epoch:
            raise Refused(reasons.VAULT_SESSION_KEY, f"the consumer's key epoch is {epoch}")
        pair = self._reserved(payment, vault.ops(payment.consumer, payment.operator))
        if pair.cycle != payment.cycle:
            raise Refused(reasons.VAULT_CYCLE, f"the present cycle is {pair.cycle}")
        if pair.expiry <= self._desk.chain.block().timestamp:
            raise Refused(reasons.VAULT_RESERVATION, "the reservation has expired")
        if payment.signature is not None:
            receipt = payment.receipt(payment.cumulative)
            if not self._desk.check_receipt(receipt, payment.signature, key):
                raise Refused(reasons.VAULT_SESSION_KEY, "the receipt is not the session key's")
        self._bear(payment, pair)
        return pair

    def _reserved(self, payment: VaultPayment, pair: Pair) -> Pair:
        """The pair as it is once the reservation that came along is on chain."""
        if payment.reserve is None:
            return pair
        reservation = payment.reserve.reservation
        if self._desk.is_reserved(payment.reserve):
            return pair
        try:
            self._desk.try_reserve(payment.reserve)
        except VaultRefused as refusal:
            raise Refused(reasons.VAULT_RESERVATION, f"{refusal.code}: {refusal.message}") from None
        fresh = pair.locked == 0
        return Pair(
            locked=pair.locked + reservation.amount,
            redeemed=0 if fresh else pair.redeemed,
            expiry=max(reservation.expiry, 0 if fresh else pair.expiry),
            created=pair.created,
            cycle=pair.cycle + fresh,
        )

    def _bear(self, payment: VaultPayment, pair: Pair) -> None:
        signed = max(payment.cumulative, pair.redeemed)
        since = self._clock() - UNSIGNED_SECONDS
        owed = max(self._desk.ledger.committed(payment.receipt(0), since), signed)
        left = pair.redeemed + pair.locked - owed
        if left < payment.ceiling:
            raise Refused(
                reasons.VAULT_RESERVATION,
                f"{left} base units are left in the reservation, {payment.ceiling} are needed",
            )
        unsigned = owed - signed
        window = payment.credit_window
        if window is not None and unsigned and unsigned + payment.ceiling > window:
            raise Refused(
                reasons.VAULT_CREDIT_WINDOW,
                f"{unsigned} base units are served and not signed for; sign a receipt first",
            )

    # -- reading -------------------------------------------------------------------------------

    def _parse(
        self, payload: PaymentPayload, requirements: PaymentRequirements, *, settling: bool
    ) -> VaultPayment:
        check_network(payload, requirements, self._terms)
        asset, payee, amount = required_of(requirements)
        check_accepted(payload.accepted, requirements, upto=settling, extras=_EXTRAS)
        extra, inner = requirements.extra or {}, payload.payload
        self._check_identity(asset, extra)
        try:
            consumer, operator = wire.address(inner, "consumer"), wire.address(inner, "operator")
            receipt, reserve = _member(inner, "receipt"), _member(inner, "reserve")
            cumulative = 0 if receipt is None else wire.number(receipt, "cumulative", least=1)
            payment = VaultPayment(
                consumer=consumer,
                operator=operator,
                cycle=wire.number(inner, "cycle", least=1, most=2**32),
                key_epoch=wire.number(inner, "keyEpoch"),
                cumulative=cumulative,
                signature=None if receipt is None else wire.signature(receipt),
                reserve=None if reserve is None else _reservation(reserve, consumer, operator),
                ceiling=int(payload.accepted.amount),
                amount=amount,
                credit_window=(
                    wire.number(extra, "creditWindow") if "creditWindow" in extra else None
                ),
                network=str(requirements.network),
                request=_name_of(payload),
            )
        except Malformed as bad:
            raise Refused(reasons.INVALID_PAYLOAD, str(bad)) from None
        if payee != operator:
            raise Refused(reasons.INVALID_REQUIREMENTS, "payTo is not the operator of the payload")
        return payment

    def _check_identity(self, asset: Address, extra: Mapping[str, Any]) -> None:
        named = extra.get("vault")
        if not isinstance(named, str) or named.lower() != self._desk.address.lower():
            raise Refused(reasons.VAULT_IDENTITY, f"extra.vault is not {self._desk.address}")
        if extra.get("domain") != {"name": DOMAIN_NAME, "version": DOMAIN_VERSION}:
            raise Refused(
                reasons.VAULT_IDENTITY, f"extra.domain is not {DOMAIN_NAME} {DOMAIN_VERSION}"
            )
        if asset != self._desk.terms.token:
            raise Refused(reasons.VAULT_IDENTITY, f"the vault pays {self._desk.terms.token}")

    def _name(self, payment: VaultPayment, cumulative: int) -> str:
        """keccak(vault, consumer, operator, cycle, cumulative): addresses, then 32-byte numbers."""
        content = b"".join(
            address_bytes(each) for each in (self._desk.address, payment.consumer, payment.operator)
        )
        content += payment.cycle.to_bytes(32, "big") + cumulative.to_bytes(32, "big")
        return "0x" + keccak(content).hex()


def _member(inner: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    value = inner.get(name)
    if value is not None and not isinstance(value, Mapping):
        raise Malformed(f"{name} must be an object or null")
    return value


def _reservation(body: Mapping[str, Any], consumer: Address, operator: Address) -> ReserveRequest:
    reservation = Reservation(
        consumer,
        operator,
        wire.number(body, "amount", least=1),
        wire.number(body, "expiry"),
        wire.number(body, "nonce"),
        0,
    )
    return ReserveRequest(reservation, wire.signature(body))


def _name_of(payload: PaymentPayload) -> str:
    """The client's payment identifier, else the payload itself. Concurrent payments with one receipt
    need identifiers: without them they are one payment, asked for several times."""
    accepted = payload.accepted.model_dump(by_alias=True)
    content = [identifier_of(payload), accepted["payTo"], payload.payload.get("consumer")]
    if content[0] is None:
        content = [payload.payload, accepted]
    text = json.dumps(content, sort_keys=True, default=str)
    return "0x" + keccak(text=text).hex()
