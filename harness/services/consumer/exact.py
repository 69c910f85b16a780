"""The exact rail: a quote that never sees the prompt, one signature, one request, one settlement.

    probe -> check -> journal: signed -> journal: sent -> request -> journal: settled
                                                              `--> unknown: the watcher asks the chain

A signature that left this process may be used until it expires, whatever the operator answers. So the hold
ends only when the chain says how it went.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from x402.http.utils import encode_payment_signature_header
from x402.schemas import PaymentPayload

from harness import faults
from harness.protocol.authorization import TRANSFER, DigestSigner, SignedAuthorization, sign
from harness.protocol.spending import Rail, RequestState
from harness.protocol.typed_data import Domain
from harness.services.consumer.ask import Ask
from harness.services.consumer.budget import Hold, OverBudget
from harness.services.consumer.delivery import Bill, Delivered
from harness.services.consumer.directory import Directory, Offer
from harness.services.consumer.enclaves import Sealed
from harness.services.consumer.envelope import Letter
from harness.services.consumer.metering import read_usage
from harness.services.consumer.quote import Quote, read_quote
from harness.services.consumer.refusals import Refusal
from harness.services.consumer.relay import Broken, RelayClient, RelayReply
from harness.services.consumer.settings import ConsumerSettings
from harness.services.consumer.upstream import (
    OLD_KEY,
    ClientGone,
    deprecation,
    failure_of,
    insufficient_funds,
    until_gone,
)
from harness.services.consumer.watcher import Watcher
from harness.services.consumer.workers import Workers
from harness.store.consumer import ConsumerJournal, NewRequest, PaidRequest

PROBE_SECONDS = 30.0
REPLAYED = "replayed_payment"
_BEFORE = 60  # clocks differ
_UNDER_WAY = ("settlement_pending", "in_progress")  # it may be paid yet: not to be bought anew
_NO_MONEY = ("insufficient", "transfer amount exceeds balance")


@dataclass
class _Paid:
    """A payment on its way; `repeated` when it was on its way before."""

    request: str
    header: str
    amount: int
    payee: str
    hold: Hold
    repeated: bool = False


class ExactRail:
    """Pays each request by an EIP-3009 authorisation."""

    def __init__(
        self,
        settings: ConsumerSettings,
        signer: DigestSigner,
        relay: RelayClient,
        directory: Directory,
        journal: ConsumerJournal,
        workers: Workers,
        watcher: Watcher,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._signer = signer
        self._relay = relay
        self._directory = directory
        self._journal = journal
        self._workers = workers
        self._watcher = watcher
        self._clock = clock
        self._separator = Domain(
            settings.usdc_name, settings.usdc_version, settings.chain_id, settings.usdc
        ).separator

    async def deliver(
        self, ask: Ask, offer: Offer, hold: Hold, run: int, enclave: Sealed | None
    ) -> Delivered:
        """One completion, paid for. Raises Refusal; the hold is ended, or the watcher's."""
        probe = await self._probe(ask, offer)
        body = {**ask.body, "stream": False}
        letter = Letter(body, offer, e2e=self._settings.e2e, enclave=enclave)
        if probe.status == 204:
            hold.release()
            return await self._free(ask, offer, letter)
        cap = ask.permission.cap(offer.operator, offer.model)
        quote = read_quote(probe, offer.operator, self._signer.address, self._settings, cap)
        try:
            hold.resize(quote.amount)
        except OverBudget:
            raise Refusal("over_budget", "The quote does not fit into what is left.") from None
        paid = await self._sign(ask, offer, quote, hold, run)
        return await self._send(ask, offer, letter, paid)

    async def again(self, ask: Ask, offer: Offer, row: PaidRequest, hold: Hold) -> Delivered:
        """Send the payment of an earlier attempt once more: the same signature can pay only once.

        An operator that has settled it already gives the reply it kept. The watcher has handed it over.
        """
        assert row.payment is not None and row.payee is not None
        letter = Letter({**ask.body, "stream": False}, offer, e2e=self._settings.e2e)
        try:
            await self._workers.journal(
                self._journal.advance, row.id, RequestState.SENT, "sent again"
            )
        except BaseException:
            self._watcher.set_busy(row.id, False)
            raise
        paid = _Paid(row.id, row.payment.decode(), row.hold, row.payee, hold, repeated=True)
        return await self._send(ask, offer, letter, paid)

    async def fetch(self, ask: Ask, offer: Offer, row: PaidRequest) -> Delivered | None:
        """The reply of a payment that the chain has and whose answer was lost; None when it is gone.

        The used signature moves nothing more: it only names the reply that the operator kept.
        """
        assert row.payment is not None
        letter = Letter({**ask.body, "stream": False}, offer, e2e=self._settings.e2e)
        headers = {"PAYMENT-SIGNATURE": row.payment.decode(), "X-Halo-Operator": offer.operator}
        try:
            reply = await until_gone(ask, self._relay.post(letter.body, headers))
        except Broken:
            return None
        if reply.status != 200:
            return None
        bill = Bill(row.id, Rail.EXACT, offer.operator, letter.sealed, row.charged)
        return Delivered(letter.open(reply), bill)

    # -- quote ---------------------------------------------------------------------------------

    async def _probe(self, ask: Ask, offer: Offer) -> RelayReply:
        """Ask for the price. The prompt never travels unpaid."""
        body = {"model": offer.model, "max_tokens": ask.completion_tokens, "stream": False}
        headers = {"X-Halo-Probe": "1", "X-Halo-Operator": offer.operator}
        try:
            reply = await until_gone(ask, self._relay.post(body, headers, PROBE_SECONDS))
        except Broken as failure:
            raise Refusal(
                "upstream_error", f"The relay did not answer a quote: {failure}."
            ) from None
        free = reply.status == 204 and reply.headers.get("x-halo-free", "").lower() == "true"
        if reply.status != 402 and not free:
            raise failure_of(reply, offer, paid=False)
        return reply

    # -- signing -------------------------------------------------------------------------------

    async def _sign(self, ask: Ask, offer: Offer, quote: Quote, hold: Hold, run: int) -> _Paid:
        now = int(self._clock())
        faults.reach("consumer.held")
        signed = sign(
            self._signer,
            TRANSFER,
            self._separator,
            payee=quote.payee,
            value=quote.amount,
            valid_after=now - _BEFORE,
            valid_before=now + quote.lifetime,
        )
        header = _header(quote, signed)
        authorization = signed.authorization
        new = NewRequest(
            id=ask.id,
            run=run,
            rail=Rail.EXACT,
            state=RequestState.SIGNED,
            model=ask.model,
            operator=offer.operator,
            hold=quote.amount,
            idempotency=ask.idempotency,
            fingerprint=ask.fingerprint,
            digest=authorization.digest(TRANSFER, self._separator),
            nonce=authorization.nonce,
            payee=quote.payee,
            valid_before=authorization.valid_before,
            payment=header.encode(),
        )
        await self._workers.journal(self._journal.begin, new)
        faults.reach("consumer.signed")
        self._watcher.watch(new, hold, busy=True)
        try:
            await self._workers.journal(self._journal.advance, ask.id, RequestState.SENT)
        except BaseException:
            self._watcher.set_busy(ask.id, False)
            raise
        faults.reach("consumer.sent")
        return _Paid(ask.id, header, quote.amount, quote.payee, hold)

    # -- sending -------------------------------------------------------------------------------

    async def _send(self, ask: Ask, offer: Offer, letter: Letter, paid: _Paid) -> Delivered:
        try:
            return await self._sent(ask, offer, letter, paid)
        finally:
            self._watcher.set_busy(paid.request, False)

    async def _sent(
        self, ask: Ask, offer: Offer, letter: Letter, paid: _Paid, again: bool = False
    ) -> Delivered:
        headers = {
            **letter.headers,
            "PAYMENT-SIGNATURE": paid.header,
            "X-Halo-Operator": offer.operator,
        }
        try:
            reply = await until_gone(ask, self._relay.post(letter.body, headers))
        except Broken as failure:
            await self._unknown(paid, f"the relay broke off: {failure}")
            raise self._died(paid, str(failure)) from None
        except ClientGone:
            await self._unknown(paid, "the client left")
            raise
        faults.reach("consumer.replied")
        if reply.status == 400 and reply.error_code == OLD_KEY and not again:
            # It was restarted, and its key with it. The payment is untouched: the same one goes again.
            offer = await self._directory.renewed(offer)
            return await self._sent(ask, offer, letter.sealed_to(offer), paid, again=True)
        if reply.status != 200:
            raise await self._refused(reply, offer, paid)
        bill = Bill(
            ask.id, Rail.EXACT, offer.operator, letter.sealed, deprecation=deprecation(reply)
        )
        await self._settled(reply, paid, bill, keyed=ask.idempotency is not None)
        return await self._opened(reply, letter, paid, bill)

    async def _settled(self, reply: RelayReply, paid: _Paid, bill: Bill, *, keyed: bool) -> None:
        """Book what the operator says about the payment, to be compared with the chain later."""
        told = reply.settlement or {}
        pending = told.get("errorReason") == "settlement_pending"
        if told.get("success") is not True and not pending:
            # It answered without being paid, or hides it. Who knows is the chain.
            await self._unknown(paid, "delivered without a settlement")
            bill.note = "the settlement is not known yet"
            bill.charged = paid.amount
            return
        mismatch = self._mismatch(told, paid)
        transaction = str(told.get("transaction") or "")
        faults.reach("consumer.settling")
        self._watcher.named(paid.request, transaction)
        state = RequestState.UNKNOWN if pending else RequestState.SETTLED
        values: dict[str, Any] = {} if pending else {"charged": paid.amount}
        if not pending and not keyed:
            values["payment"] = None  # with a key it names the reply, should ours not be kept
        if len(transaction) == 66:
            values["transaction"] = transaction
            bill.transaction = transaction
        await self._workers.journal(
            self._journal.advance, paid.request, state, mismatch or "", **values
        )
        faults.reach("consumer.settled")
        bill.charged = paid.amount
        bill.settlement = reply.headers.get("payment-response", "")
        if not pending:
            paid.hold.charge(paid.amount)
        if mismatch:
            await self._workers.journal(
                self._journal.advance, paid.request, RequestState.DISPUTED, mismatch
            )
            bill.note = mismatch

    def _mismatch(self, told: dict[str, Any], paid: _Paid) -> str:
        """A settlement that says something else than what was signed."""
        expected = {
            "network": self._settings.network,
            "payer": self._signer.address.lower(),
            "amount": str(paid.amount),
        }
        for name, value in expected.items():
            said = told.get(name)
            if said is not None and str(said).lower() != value:
                return f"settlement_mismatch: {name}"
        return ""

    async def _opened(
        self, reply: RelayReply, letter: Letter, paid: _Paid, bill: Bill
    ) -> Delivered:
        try:
            completion = letter.open(reply)
        except Refusal as refusal:
            await self._dispute(paid, refusal.code)
            refusal.headers = {**bill.final_headers(), **refusal.headers}
            raise
        if letter.enclave is not None:
            bill.confidential, bill.tee_verified = True, letter.enclave.verified
        usage = read_usage(completion)
        bill.tokens = usage.total if usage is not None else None
        return Delivered(completion, bill)

    async def _free(self, ask: Ask, offer: Offer, letter: Letter) -> Delivered:
        headers = {**letter.headers, "X-Halo-Operator": offer.operator}
        try:
            reply = await until_gone(ask, self._relay.post(letter.body, headers))
        except Broken as failure:
            raise Refusal("upstream_timeout", f"The relay broke off: {failure}.") from None
        if reply.status != 200:
            raise failure_of(reply, offer, paid=False)
        completion = letter.open(reply)
        bill = Bill(
            ask.id, Rail.FREE, offer.operator, letter.sealed, deprecation=deprecation(reply)
        )
        if letter.enclave is not None:
            bill.confidential, bill.tee_verified = True, letter.enclave.verified
        return Delivered(completion, bill)

    # -- what went wrong -----------------------------------------------------------------------

    async def _refused(self, reply: RelayReply, offer: Offer, paid: _Paid) -> Refusal:
        """Nothing was delivered. The signature is still out there until it expires."""
        await self._unknown(paid, f"status {reply.status} {reply.error_code}")
        if reply.status == 504:
            return self._died(paid, reply.error_code or "the operator did not answer in time")
        if reply.error_code in _UNDER_WAY:
            return self._died(paid, reply.error_code)
        if paid.repeated and reply.error_code == REPLAYED:
            return self._died(paid, "its first sending is still under way")
        if reply.status == 402:
            said = f"{reply.error_code} {(reply.settlement or {}).get('errorReason', '')}".lower()
            if any(word in said for word in _NO_MONEY):
                return insufficient_funds(
                    self._signer.address, self._settings, "has too little USDC for this payment"
                )
            return Refusal(
                "payment_failed",
                f"The operator could not settle the payment ({reply.error_code or 'no reason'}).",
                paymentDigest=self._watcher.digest(paid.request),
            )
        return failure_of(reply, offer, paid=True)

    def _died(self, paid: _Paid, why: str) -> Refusal:
        return Refusal(
            "payment_unknown",
            f"The paid request died in flight ({why}); whether it was paid is being found out.",
            paymentDigest=self._watcher.digest(paid.request),
            requestId=paid.request,
        )

    async def _unknown(self, paid: _Paid, reason: str) -> None:
        await self._workers.journal(
            self._journal.advance, paid.request, RequestState.UNKNOWN, reason
        )

    async def _dispute(self, paid: _Paid, reason: str) -> None:
        row = await self._workers.journal(self._journal.find, paid.request)
        if row is not None and row.state in (RequestState.SETTLED, RequestState.UNKNOWN):
            await self._workers.journal(
                self._journal.advance,
                paid.request,
                RequestState.DISPUTED,
                reason,
                charged=paid.amount,
            )
            paid.hold.charge(paid.amount)
            self._watcher.forget(paid.request)


def _header(quote: Quote, signed: SignedAuthorization) -> str:
    payload = PaymentPayload(
        x402_version=2,
        payload=signed.to_wire(),
        accepted=quote.accepted,
        resource=quote.required.resource,
        extensions=quote.required.extensions,
    )
    return encode_payment_signature_header(payload)
