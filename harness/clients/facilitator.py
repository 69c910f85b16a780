"""A facilitator over HTTP: x402 payments, and the vault's reservations and receipts.

Several URLs may be named; the next one is asked when one does not answer. Everything here may be asked
again with the same content: the facilitator knows each intent by what it says, not by when it came.
Amounts in base units of the vault's token (six decimals), times in seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from harness.clients import members
from harness.clients.caller import Caller
from harness.clients.errors import NoSuchRoute, Unreachable
from harness.clients.redeeming import RedeemAnswer, Rejected, redeem_answer
from harness.protocol.addresses import Address
from harness.protocol.vault import Reservation, SignedReceipt

PENDING = "settlement_pending"
CLIENT_VERSION_HEADER = "X-Halo-Client-Version"


@dataclass(frozen=True)
class Verdict:
    """Whether a payment would settle now, and if not, the standard's reason code."""

    valid: bool
    payer: Address | None
    reason: str | None = None
    message: str | None = None


@dataclass(frozen=True)
class Settled:
    """How settling went. `transaction` is "" while nothing was signed; `extra` is the scheme's own."""

    success: bool
    transaction: str
    network: str
    payer: Address | None
    amount: str | None
    reason: str | None
    message: str | None
    extra: Mapping[str, Any]
    wire: Mapping[str, Any]  # as it was answered: a PAYMENT-RESPONSE is made of it

    @property
    def pending(self) -> bool:
        """Not decided yet: ask again with the same payment."""
        return not self.success and self.reason == PENDING


@dataclass(frozen=True)
class VaultInfo:
    """The vault a facilitator works with: compare it with the one you were configured for."""

    vault: Address
    chain_id: int
    token: Address
    domain_name: str
    domain_version: str
    redeem_grace: int
    max_reserve_ttl: int
    withdraw_timelock: int
    fee_bps: int


@dataclass(frozen=True)
class VaultState:
    """A consumer. The zero address as session key means that there is none."""

    balance: int
    locked_total: int
    withdrawable: int
    session_key: Address
    reserve_nonce: int
    key_epoch: int
    withdraw_requested_at: int
    withdraw_authorized: int


@dataclass(frozen=True)
class VaultPair:
    """A consumer's reservation for one operator; `redeemed` is of the present cycle."""

    locked: int
    redeemed: int
    expiry: int
    created: int
    cycle: int


@dataclass(frozen=True)
class Reserved:
    """`confirmed` once the reservation was seen on chain; then `cycle` and `expiry` are known."""

    transaction: str
    confirmed: bool
    cycle: int | None = None
    expiry: int | None = None


class FacilitatorClient:
    """Raises Refused for answers that say no, Unreachable when there is none."""

    def __init__(
        self,
        url: str | Sequence[str],
        http: httpx.AsyncClient | None = None,
        *,
        seconds: float = 30.0,
        client_version: str | None = None,
    ) -> None:
        headers = {CLIENT_VERSION_HEADER: client_version} if client_version else {}
        self._caller = Caller("facilitator", url, http, seconds, headers)

    async def close(self) -> None:
        await self._caller.close()

    # -- x402 ----------------------------------------------------------------------------------

    async def supported(self) -> dict[str, Any]:
        """The standard's SupportedResponse."""
        answer = await self._caller.get("/supported")
        if not isinstance(answer.get("kinds"), list):
            raise self._caller.nonsense("no kinds")
        return answer

    async def verify(self, payload: Mapping[str, Any], requirements: Mapping[str, Any]) -> Verdict:
        """Would this payment settle now? Moves nothing."""
        answer = await self._caller.post("/verify", _payment(payload, requirements))
        with self._caller.reading():
            return Verdict(
                members.flag(answer, "isValid"),
                _payer(answer),
                _optional(answer, "invalidReason"),
                _optional(answer, "invalidMessage"),
            )

    async def settle(self, payload: Mapping[str, Any], requirements: Mapping[str, Any]) -> Settled:
        """Put the payment on chain, or learn how it went before."""
        answer = await self._caller.post("/settle", _payment(payload, requirements))
        with self._caller.reading():
            transaction = members.text(answer, "transaction", "")
            extra = answer.get("extra")
            return Settled(
                success=members.flag(answer, "success"),
                transaction=members.transaction(answer, "transaction") if transaction else "",
                network=members.text(answer, "network", ""),
                payer=_payer(answer),
                amount=_optional(answer, "amount"),
                reason=_optional(answer, "errorReason"),
                message=_optional(answer, "errorMessage"),
                extra=extra if isinstance(extra, dict) else {},
                wire=answer,
            )

    async def settlement(self, digest: bytes | str) -> dict[str, Any] | None:
        """The journal's view `{state, transaction, blockNumber, errorReason}`, None when unknown: only by the
        facilitator's own word, as whoever reads None may give the payment up.

        `digest` is what the payer signed (EIP-712).
        """
        shown = digest if isinstance(digest, str) else "0x" + digest.hex()
        status, body = await self._caller.ask("GET", f"/settlements/{shown}")
        if status == 404:
            envelope = body.get("error")
            if isinstance(envelope, dict) and envelope.get("code") == "not_found":
                return None
            raise NoSuchRoute("facilitator", "answered 404, but not of the settlement")
        return self._caller.expect((status, body))

    # -- the vault -----------------------------------------------------------------------------

    async def vault_info(self) -> VaultInfo:
        answer = await self._caller.get("/vault/info")
        with self._caller.reading():
            domain = members.nested(answer, "domain")
            return VaultInfo(
                vault=members.address(answer, "vault"),
                chain_id=members.natural(answer, "chainId"),
                token=members.address(answer, "token"),
                domain_name=members.text(domain, "name"),
                domain_version=members.text(domain, "version"),
                redeem_grace=members.natural(answer, "redeemGrace"),
                max_reserve_ttl=members.natural(answer, "maxReserveTtl"),
                withdraw_timelock=members.natural(answer, "withdrawTimelock"),
                fee_bps=members.natural(answer, "feeBps"),
            )

    async def vault_state(self, consumer: Address) -> VaultState:
        answer = await self._caller.post("/vault/state", {"consumer": consumer})
        with self._caller.reading():
            return VaultState(
                balance=members.decimal(answer, "balance"),
                locked_total=members.decimal(answer, "lockedTotal"),
                withdrawable=members.decimal(answer, "withdrawable"),
                session_key=members.address(answer, "sessionKey"),
                reserve_nonce=members.decimal(answer, "reserveNonce"),
                key_epoch=members.decimal(answer, "keyEpoch"),
                withdraw_requested_at=members.decimal(answer, "withdrawRequestedAt"),
                withdraw_authorized=members.decimal(answer, "withdrawAuthorized"),
            )

    async def vault_ops(self, consumer: Address, operator: Address) -> VaultPair:
        answer = await self._caller.post("/vault/ops", {"consumer": consumer, "operator": operator})
        with self._caller.reading():
            names = ("locked", "redeemed", "expiry", "created", "cycle")
            return VaultPair(*(members.decimal(answer, name) for name in names))

    async def reserve(
        self, reservation: Reservation, signature: bytes, *, wait: bool = True
    ) -> Reserved:
        """Put a signed reservation on chain; with `wait` its receipt is waited for.

        Refused.code is the contract's error name (`BadNonce`, `InsufficientFree`, …) when it would revert.
        """
        answer = await self._caller.post(
            "/vault/reserve",
            {
                "consumer": reservation.consumer,
                "operator": reservation.operator,
                "amount": str(reservation.amount),
                "expiry": str(reservation.expiry),
                "nonce": str(reservation.nonce),
                "signature": "0x" + signature.hex(),
            },
            wait="1" if wait else "0",
        )
        with self._caller.reading():
            confirmed = members.text(answer, "status") == "confirmed"
            return Reserved(
                transaction=members.transaction(answer, "hash"),
                confirmed=confirmed,
                cycle=members.decimal(answer, "cycle") if confirmed else None,
                expiry=members.decimal(answer, "expiry") if confirmed else None,
            )

    async def redeem(self, signed: SignedReceipt) -> RedeemAnswer:
        """Ask to be paid for a receipt. Never raises ServiceError: no answer is Rejected("unavailable").

        What to do with the receipt then is the answer's `disposition`.
        """
        receipt = signed.receipt
        body = {
            "consumer": receipt.consumer,
            "operator": receipt.operator,
            "cumulative": str(receipt.cumulative),
            "cycle": str(receipt.cycle),
            "signature": "0x" + signed.signature.hex(),
        }
        try:
            status, answer = await self._caller.ask("POST", "/vault/redeem", body)
        except Unreachable as failure:
            return Rejected("unavailable", str(failure))
        return redeem_answer(status, answer)

    async def release(self, consumer: Address, operator: Address) -> str:
        """Free an expired reservation; the transaction's hash.

        Refused.code is `NotExpired`, `SequencerDown`, `GracePeriodNotOver` or `release_attempts_exhausted`.
        """
        body = {"consumer": consumer, "operator": operator}
        answer = await self._caller.post("/vault/release", body)
        with self._caller.reading():
            return members.transaction(answer, "hash")


def _payment(payload: Mapping[str, Any], requirements: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "x402Version": 2,
        "paymentPayload": dict(payload),
        "paymentRequirements": dict(requirements),
    }


def _payer(answer: Mapping[str, Any]) -> Address | None:
    return None if answer.get("payer") in (None, "") else members.address(answer, "payer")


def _optional(answer: Mapping[str, Any], name: str) -> str | None:
    return None if answer.get(name) is None else members.text(answer, name)
