"""Settling: each authorisation once, whatever happens to this process or to the node.

The ledger knows every authorisation that was verified, the transaction journal every byte signed for
it. A settle that meets an earlier one gets its answer; one that was interrupted is taken up where the
two records say it stopped.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace

from x402 import x402FacilitatorSync
from x402.schemas import PaymentPayload, PaymentRequirements, SettleResponse, VerifyResponse

from harness import faults
from harness.chain.errors import NodeError
from harness.chain.journal import Entry, State
from harness.chain.records import LogFilter
from harness.diamond.tokens import FwUsd
from harness.protocol import reasons
from harness.protocol.addresses import address_bytes
from harness.protocol.permit2 import SignedPermit
from harness.services.facilitator.facet import FacetRail
from harness.services.facilitator.request import (
    EIP3009_METHOD,
    FACET_METHOD,
    Malformed,
    PaymentRequest,
    Refused,
    Terms,
    parse,
    signed_of,
)
from harness.services.facilitator.signer import JournaledSigner, Settling
from harness.store.settlements import (
    NewSettlement,
    Result,
    Settlement,
    SettlementLedger,
    SettlementState,
)

REORG_BLOCKS = 12  # how deep a block may be and still leave the chain
SEARCHED_BLOCKS = 256  # how far back a payment settled by somebody else is looked for

_log = logging.getLogger(__name__)


class RateLimited(Exception):
    """This payer asks too often."""


class Desk:
    """Verify and settle. Called from several threads."""

    def __init__(
        self,
        terms: Terms,
        facilitator: x402FacilitatorSync,
        signer: JournaledSigner,
        ledger: SettlementLedger,
        rail: FacetRail | None,
        *,
        min_float_wei: int = 0,
        allow: Callable[[str, str], bool] = lambda kind, payer: True,
    ) -> None:
        self.terms = terms
        self.facilitator = facilitator
        self.signer = signer
        self.ledger = ledger
        self._rail = rail
        self._min_float_wei = min_float_wei
        self._allow = allow
        self._chain = signer.chain

    # -- verify --------------------------------------------------------------------------------

    def verify(self, request: PaymentRequest) -> VerifyResponse:
        """Whether settling now would succeed. Moves nothing, writes nothing.

        Raises RateLimited, NodeError.
        """
        row = self.ledger.find(request.identity)
        if row is not None and row.state is not SettlementState.REJECTED:
            return VerifyResponse(
                is_valid=False,
                invalid_reason=_nonce_used(request),
                invalid_message="this authorisation was settled or is being settled",
                payer=request.payer,
            )
        with self.signer.settling(_settling(request)):
            verdict = self.facilitator.verify(request.payload, request.requirements)
        if not verdict.is_valid:
            self._chain.block()  # raises when the reason was a node that does not answer
        elif not self._allow("verify", request.payer):
            raise RateLimited
        return verdict

    # -- settle --------------------------------------------------------------------------------

    def settle(self, request: PaymentRequest) -> SettleResponse:
        """Put the payment on chain, or answer how it went before.

        Raises RateLimited, IdentifierTaken (the client's idempotency key names another payment).
        """
        digest = request.digest(self._facet_separator(request))
        row = self.ledger.find(request.identity)
        if row is None or row.state is SettlementState.REJECTED:
            refusal = self._refuse(request)
            if refusal is not None:
                return refusal
            faults.reach("facilitator.verified")
            row, mine = self.ledger.claim(self._new_row(request, digest))
            faults.reach("facilitator.intent")
            if mine:
                return self.finish(row, request)
        if row.digest != digest or not _same_payload(row, request):
            return _failure(
                request, _nonce_used(request), "another payment with this nonce is known"
            )
        if row.state.final:
            return _recorded(request, row)
        return self.finish(row, self._claimed(row))

    def finish(self, row: Settlement, request: PaymentRequest) -> SettleResponse:
        """Do, or go on with, what a row intends, and record how it ended."""
        with self.signer.settling(_settling(request)):
            answer = self.facilitator.settle(request.payload, request.requirements)
        result = self._result(request, answer)
        if result.state in (SettlementState.FAILED, SettlementState.REJECTED):
            result = self._settled_elsewhere(request) or result
        row = self.ledger.record(row.id, result)
        _log.info(
            "settlement %s",
            row.state.value,
            extra={
                "settlement": row.id,
                "digest": row.digest,
                "tx_hash": row.transaction,
                "payer": row.payer,
                "payee": row.payee,
                "asset": row.asset,
                "amount": str(row.amount),
                "reason": row.reason,
            },
        )
        return _recorded(request, row, first=True)

    def take_back(self) -> None:
        """Reopen what was settled by a block that has left the chain, and send the same bytes again.

        The authorisation pays once, in whichever block: its answer stays the same. Raises ChainError.
        """
        gone = []
        for row in self.ledger.settled_since(self._chain.block().number - REORG_BLOCKS):
            if row.transaction is None or self._chain.receipt(row.transaction) is not None:
                continue
            _log.warning("a block left the chain", extra={"settlement": row.id})
            gone.append(row)
            pending = Result(
                SettlementState.PENDING,
                row.transaction,
                None,
                reasons.SETTLEMENT_PENDING,
                "its block left the chain",
            )
            self.ledger.record(row.id, pending, reopen=True)
        if gone:
            self.signer.lanes.recover()

    def unfinished(self) -> list[tuple[Settlement, PaymentRequest]]:
        """What an earlier life of this process left open, whatever is served now."""
        found = []
        for row in self.ledger.open():
            try:
                found.append((row, self._claimed(row)))
            except (Refused, Malformed) as reason:
                _log.error(
                    "an open settlement cannot be taken up; its rail is not configured any more",
                    extra={"settlement": row.id, "reason": str(reason)},
                )
        return found

    # -- how -----------------------------------------------------------------------------------

    def _claimed(self, row: Settlement) -> PaymentRequest:
        """The request that a row was opened for: whoever finishes it moves that amount, and no other that was measured
        for the same payment since. Raises Refused, Malformed when its rail is not configured any more."""
        lenient = replace(self.terms, assets=frozenset(), minimum=0)
        return parse(json.loads(row.request), lenient, settling=True)

    def _refuse(self, request: PaymentRequest) -> SettleResponse | None:
        with self.signer.settling(_settling(request)):
            gas_money = self._chain.balance(self.signer.outbox.address)
            if gas_money < self._min_float_wei:
                return _failure(
                    request, reasons.UNEXPECTED_SETTLE, "the facilitator is out of gas money"
                )
            verdict = self.facilitator.verify(*_largest(request))
        if not verdict.is_valid:
            self._chain.block()
            return _failure(
                request,
                verdict.invalid_reason or reasons.UNEXPECTED_VERIFY,
                verdict.invalid_message or "",
            )
        if not self._allow("settle", request.payer):
            raise RateLimited
        return None

    def _facet_separator(self, request: PaymentRequest) -> bytes | None:
        if request.method != FACET_METHOD or self._rail is None:
            return None
        return self._rail.separator()

    def _new_row(self, request: PaymentRequest, digest: bytes) -> NewSettlement:
        body = {
            "x402Version": 2,
            "paymentPayload": request.payload.model_dump(by_alias=True, exclude_none=True),
            "paymentRequirements": request.requirements.model_dump(
                by_alias=True, exclude_none=True
            ),
        }
        return NewSettlement(
            id=request.identity,
            digest=digest,
            scheme=f"{request.scheme}/{request.method}",
            network=request.network,
            asset=request.asset,
            payer=request.payer,
            payee=request.payee,
            amount=request.amount,
            valid_before=request.signed.authorization.valid_before,
            request=json.dumps(body).encode(),
            identifier=request.identifier,
        )

    def _result(self, request: PaymentRequest, answer: SettleResponse) -> Result:
        """What an answer of the SDK means, given what the journal knows about bytes signed."""
        entry = self._entry(request)
        if answer.success:
            mined = entry.hash if entry is not None else None
            block = entry.block_number if entry is not None else None
            return Result(SettlementState.SETTLED, mined, block)
        reason, message = answer.error_reason, answer.error_message
        if entry is None:
            # Nothing was signed, or what was signed can never be mined: it may be tried again.
            return Result(SettlementState.REJECTED, None, None, reason, message)
        if entry.state is State.REVERTED or (
            entry.state is State.CONFIRMED and reason == reasons.EVENT_MISMATCH
        ):
            return Result(SettlementState.FAILED, entry.hash, entry.block_number, reason, message)
        return Result(
            SettlementState.PENDING, entry.hash, None, reasons.SETTLEMENT_PENDING, message
        )

    def _entry(self, request: PaymentRequest) -> Entry | None:
        transaction = self.signer.transaction_of(_settling(request))
        return self.signer.outbox.journal.by_hash(transaction) if transaction else None

    def _settled_elsewhere(self, request: PaymentRequest) -> Result | None:
        """Anybody may carry an EIP-3009 authorisation to the token; then ours reverts, yet it is paid.

        Asked only for a row that was claimed while the nonce was unused, so an old payment can never
        be shown as a fresh one. Permit2 leaves no event that names its nonce, so there is nothing to ask.
        """
        if request.method != EIP3009_METHOD:
            return None
        authorization = request.signed.authorization
        token = FwUsd(self._chain, request.asset)
        newest = self._chain.block().number
        try:
            used = self._chain.logs(
                LogFilter(
                    max(0, newest - SEARCHED_BLOCKS),
                    newest,
                    (request.asset,),
                    (
                        token.INTERFACE.event("AuthorizationUsed").topic,
                        address_bytes(authorization.payer).rjust(32, b"\0"),
                        authorization.nonce,
                    ),
                )
            )
        except NodeError:
            return None
        wanted = {
            "from": authorization.payer, "to": authorization.payee, "value": authorization.value,
        }  # fmt: skip
        for log in used:
            receipt = self._chain.receipt(log.transaction)
            transfers = token.INTERFACE.event("Transfer").find(
                receipt.logs if receipt else (), request.asset
            )
            if wanted in transfers:
                return Result(SettlementState.SETTLED, log.transaction, log.block_number)
        return None


def _settling(request: PaymentRequest) -> Settling:
    """By whom: a permit for `upto` names the one account that its spender will listen to."""
    signed = request.signed
    return Settling(
        request.identity, signed.facilitator if isinstance(signed, SignedPermit) else None
    )


def _same_payload(row: Settlement, request: PaymentRequest) -> bool:
    """Whether these are the very bytes that were settled: only they are answered with the receipt."""
    kept = json.loads(row.request)["paymentPayload"]["payload"]
    return signed_of(kept, request.scheme, request.method) == request.signed


def _largest(request: PaymentRequest) -> tuple[PaymentPayload, PaymentRequirements]:
    """For `upto`, verify judges the accepted maximum; the measured amount is only moved."""
    if request.scheme == "upto":
        return request.payload, request.payload.accepted
    return request.payload, request.requirements


def _nonce_used(request: PaymentRequest) -> str:
    return reasons.FACET_NONCE_USED if request.method == FACET_METHOD else reasons.NONCE_USED


def _failure(request: PaymentRequest, reason: str, message: str) -> SettleResponse:
    return SettleResponse(
        success=False,
        error_reason=reason,
        error_message=message or None,
        transaction="",
        network=request.network,
        payer=request.payer,
    )


def _recorded(request: PaymentRequest, row: Settlement, first: bool = False) -> SettleResponse:
    """The answer that a row stands for; a repeated one says so."""
    extra = None if first else {"replayed": True}
    transaction = "0x" + row.transaction.hex() if row.transaction else ""
    if row.state is SettlementState.SETTLED:
        moved = row.amount if request.scheme == "upto" else request.signed.authorization.value
        return SettleResponse(
            success=True,
            transaction=transaction,
            network=row.network,
            payer=row.payer,
            amount=str(moved),
            extra=extra,
        )
    return SettleResponse(
        success=False,
        error_reason=row.reason or reasons.UNEXPECTED_SETTLE,
        error_message=row.message,
        transaction=transaction,
        network=row.network,
        payer=row.payer,
        extra=extra,
    )
