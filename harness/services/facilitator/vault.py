"""Reservations and receipts for one vault: checked, journaled, sent once, accounted for.

Called from several threads. What is sent is first simulated; what the chain would refuse costs no gas.
Receipts wait until they are worth their gas and go out together, one transaction for an operator.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from harness import faults
from harness.chain.errors import (
    ChainError,
    ContractError,
    ReceiptTimeout,
    TransactionDisplaced,
    TransactionRejected,
)
from harness.chain.interface import Chain
from harness.chain.journal import Entry
from harness.chain.outbox import Outbox
from harness.chain.records import Call
from harness.chain.records import Receipt as Mined
from harness.diamond.client import explain
from harness.diamond.vault import Pair, Vault
from harness.diamond.vault_admin import VaultAdmin
from harness.protocol.addresses import ZERO_ADDRESS, Address
from harness.protocol.recovery import recover_signer
from harness.protocol.vault import DOMAIN_NAME, DOMAIN_VERSION, RECEIPT, Receipt, SignedReceipt
from harness.services.facilitator.lanes import Lanes
from harness.services.facilitator.vault_batch import Gas, choose
from harness.services.facilitator.vault_request import RedeemRequest, ReserveRequest
from harness.store.vault_ledger import (
    Intent,
    IntentState,
    KeptReceipt,
    VaultLedger,
    receipts_of,
)

RELEASE_ATTEMPTS = 3  # per cycle
RELEASE_COOLDOWN = 60.0
REORG_BLOCKS = 12
GLANCE_SECONDS = 0.05  # a look at a transaction on its way; enough for a fee bump that is due

_log = logging.getLogger(__name__)


class VaultRefused(Exception):
    """A request that is not done: an HTTP status, the contract's error name or a word of ours, why."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status = status
        self.code = code
        self.message = message
        super().__init__(f"{code}: {message}")


@dataclass(frozen=True)
class VaultTermsSeen:
    """What the vault was initialised with; times in seconds."""

    token: Address
    redeem_grace: int
    max_reserve_ttl: int
    withdraw_timelock: int


class VaultDesk:
    """`native_usd` weighs gas against receipts, dollars per 10^18 wei; 0 pays without weighing."""

    def __init__(
        self,
        chain: Chain,
        vault: Address,
        lanes: Lanes,
        ledger: VaultLedger,
        *,
        receipt_seconds: float = 25.0,
        min_float_wei: int = 0,
        native_usd: Decimal = Decimal(0),
        allow: Callable[[str, str], bool] = lambda kind, payer: True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.chain = chain
        self.vault = Vault(chain, vault)
        self.ledger = ledger
        self.lanes = lanes
        self._admin = VaultAdmin(chain, vault)
        self._receipt_seconds = receipt_seconds
        self._min_float_wei = min_float_wei
        self._native_usd = native_usd
        self._allow = allow
        self._clock = clock
        self._separator = self.vault.vault_domain_separator()
        self.terms = VaultTermsSeen(
            self._admin.vault_token(),
            self._admin.redeem_grace(),
            self._admin.max_reserve_ttl(),
            self._admin.withdraw_timelock(),
        )

    @property
    def address(self) -> Address:
        return self.vault.address

    # -- reading -------------------------------------------------------------------------------

    def info(self) -> dict[str, Any]:
        """`GET /vault/info`."""
        return {
            "vault": self.address,
            "chainId": self.chain.chain_id,
            "token": self.terms.token,
            "domain": {"name": DOMAIN_NAME, "version": DOMAIN_VERSION},
            "redeemGrace": self.terms.redeem_grace,
            "maxReserveTtl": self.terms.max_reserve_ttl,
            "withdrawTimelock": self.terms.withdraw_timelock,
            "feeBps": self._admin.fee_bps(),
        }

    def state(self, consumer: Address) -> dict[str, str]:
        """`POST /vault/state`."""
        vault = self.vault
        return {
            "balance": str(vault.balance(consumer)),
            "lockedTotal": str(vault.locked_total(consumer)),
            "withdrawable": str(vault.withdrawable(consumer)),
            "sessionKey": vault.session_key(consumer),
            "reserveNonce": str(vault.reserve_nonce(consumer)),
            "keyEpoch": str(vault.key_epoch(consumer)),
            "withdrawRequestedAt": str(vault.withdraw_requested_at(consumer)),
            "withdrawAuthorized": str(vault.withdraw_authorized(consumer)),
        }

    def ops(self, consumer: Address, operator: Address) -> dict[str, str]:
        """`POST /vault/ops`."""
        pair = self.vault.ops(consumer, operator)
        return {name: str(value) for name, value in vars(pair).items()}

    def check_receipt(self, receipt: Receipt, signature: bytes, key: Address) -> bool:
        """Whether a session key signed these numbers."""
        values = (
            receipt.consumer, receipt.operator, receipt.cumulative, receipt.key_epoch,
            receipt.cycle,
        )  # fmt: skip
        try:
            return recover_signer(RECEIPT.digest(self._separator, values), signature) == key
        except ValueError:
            return False

    # -- reserving -----------------------------------------------------------------------------

    def reserve(self, request: ReserveRequest, wait: bool) -> dict[str, str]:
        """Put a reservation on chain once, however often it is asked for. Raises VaultRefused."""
        r = request.reservation
        content, subject = _content(request), f"{r.consumer}:{r.nonce}"
        present = self._begun("reserve", subject)
        if present is None:
            self._check_float()
            try:
                self._try("reserve", self._reserve_call(content))
            except VaultRefused:
                present = self._begun("reserve", subject)  # by another thread, this moment
                if present is None:
                    raise
        if present is None:
            self._take("reserve", r.consumer)
            faults.reach("facilitator.reserve_checked")
            present = self.ledger.intend("reserve", subject, content)
            faults.reach("facilitator.reserve_intent")
        if present.content != content:
            raise VaultRefused(
                409, "nonce_conflict",
                "another reservation with this nonce was submitted; sign with the next reserveNonce",
            )  # fmt: skip
        return self._reserved(self._go_on(present, self._receipt_seconds if wait else 0.0))

    def is_reserved(self, request: ReserveRequest) -> bool:
        """Whether this very reservation is on chain by our doing."""
        r = request.reservation
        present = self._begun("reserve", f"{r.consumer}:{r.nonce}")
        done = present is not None and present.state is IntentState.CONFIRMED
        return done and present is not None and present.content == _content(request)

    def try_reserve(self, request: ReserveRequest) -> None:
        """VaultRefused when the reservation would fail now. Moves nothing."""
        self._try("reserve", self._reserve_call(_content(request)))

    def _begun(self, kind: str, subject: str) -> Intent | None:
        """The last attempt, unless it came to nothing."""
        last = self.ledger.newest(kind, subject)
        failed = (IntentState.REVERTED, IntentState.ABANDONED)
        return None if last is None or last.state in failed else last

    def _reserved(self, intent: Intent) -> dict[str, str]:
        answer = {"hash": _shown(intent.transaction), "status": "broadcast"}
        if intent.state is IntentState.REVERTED:
            raise VaultRefused(
                400, "reverted",
                f"transaction {answer['hash']} reverted; read the state and reserve again",
            )  # fmt: skip
        if intent.state is IntentState.CONFIRMED and intent.transaction is not None:
            mined = self.chain.receipt(intent.transaction)
            found = self.vault.INTERFACE.event("Reserved").find(
                mined.logs if mined else (), self.address
            )
            if found:
                answer |= {
                    "status": "confirmed",
                    "cycle": str(found[0]["cycle"]),
                    "expiry": str(found[0]["expiry"]),
                }
        return answer

    # -- redeeming -----------------------------------------------------------------------------

    def receive(self, request: RedeemRequest) -> dict[str, Any] | None:
        """Judge a receipt and keep it; the answer when there is one already, None when it waits now."""
        pair = self.vault.ops(request.consumer, request.operator)
        epoch = self.vault.key_epoch(request.consumer)
        receipt = Receipt(
            request.consumer, request.operator, request.cumulative, epoch, request.cycle
        )
        settled = self._settled(receipt, pair)
        if settled is not None:
            return settled
        if request.cycle > pair.cycle:
            return _rejected("unavailable", "the chain does not show this cycle yet; ask again")
        if request.cycle < pair.cycle:
            return _rejected("cycle-mismatch", f"the present cycle is {pair.cycle}; it is over")
        key = self.vault.session_key(request.consumer)
        if key == ZERO_ADDRESS or not self.check_receipt(receipt, request.signature, key):
            return _rejected("invalid-receipt", "the signature is not the session key's")
        if pair.locked == 0:
            return _rejected("invalid-receipt", "nothing is locked in this cycle any more")
        self.ledger.keep(SignedReceipt(receipt, request.signature))
        faults.reach("facilitator.receipt_kept")
        return None

    def answer(self, request: RedeemRequest) -> dict[str, Any]:
        """How it stands with a receipt that was kept."""
        receipt = Receipt(request.consumer, request.operator, request.cumulative, 0, request.cycle)
        settled = self._settled(receipt, None)
        if settled is not None:
            return settled
        kept = self.ledger.kept(receipt)
        assert kept is not None
        if not kept.waiting:
            return _rejected("invalid-receipt", kept.reason or "it cannot be paid any more")
        intent = self.ledger.get(kept.intent) if kept.intent else None
        about = {"cumulative": str(kept.receipt.cumulative), "cycle": str(request.cycle)}
        if intent is not None and intent.state is IntentState.REVERTED:
            return {"status": "reverted", "transaction": _shown(intent.transaction), **about}
        if intent is not None and intent.state is IntentState.CONFIRMED:
            if kept.signed in receipts_of(intent):  # less was locked than it says
                about["cumulative"] = str(kept.paid)
                return {"status": "confirmed", "transaction": _shown(intent.transaction), **about}
        sent = intent is not None and intent.state is IntentState.SENT
        transaction = _shown(intent.transaction) if intent is not None and sent else ""
        return {"status": "pending", "transaction": transaction, **about, "coalesced": not sent}

    def _settled(self, receipt: Receipt, pair: Pair | None) -> dict[str, Any] | None:
        """The answer for what is paid: by us, with the transaction, or by somebody."""
        kept = self.ledger.kept(receipt)
        if kept is not None and kept.paid >= receipt.cumulative and kept.transaction is not None:
            return {
                "status": "confirmed",
                "transaction": _shown(kept.transaction),
                "cumulative": str(kept.paid),
                "cycle": str(receipt.cycle),
            }
        seen = pair or self.vault.ops(receipt.consumer, receipt.operator)
        if seen.cycle == receipt.cycle and seen.redeemed >= receipt.cumulative:
            return {
                "status": "already-redeemed",
                "redeemed": str(seen.redeemed),
                "cycle": str(seen.cycle),
            }
        return None

    def pay_out(self, operator: Address) -> None:
        """Redeem what waits for an operator and is worth it, in one transaction."""
        open_one = self.ledger.newest("redeem", operator)
        if open_one is not None and open_one.state.open:
            self._go_on(open_one, self._receipt_seconds)
        batch = self._worthwhile(operator)
        if not batch:
            return
        self._check_float()
        intent = self.ledger.intend_redeem(operator, batch)
        faults.reach("facilitator.redeem_intent")
        self._go_on(intent, self._receipt_seconds)

    def _worthwhile(self, operator: Address) -> list[KeptReceipt]:
        """The receipts to redeem now; those that can never be paid are given up on the way."""
        payable = []
        for kept in self.ledger.waiting(operator):
            receipt = kept.receipt
            pair = self.vault.ops(receipt.consumer, operator)
            if pair.cycle == receipt.cycle and pair.redeemed >= receipt.cumulative:
                self.ledger.settle(receipt, pair.redeemed)
            elif pair.cycle > receipt.cycle:
                self.ledger.give_up(receipt, f"the present cycle is {pair.cycle}; it is over")
            elif pair.cycle == receipt.cycle and pair.locked == 0:
                self.ledger.give_up(receipt, "nothing is locked in this cycle any more")
            elif pair.cycle == receipt.cycle:
                payable.append((kept, pair))
        fees = self.chain.fees()
        gas = Gas(fees.base_fee + fees.priority_fee, self._native_usd)
        chosen = choose(
            payable,
            gas,
            now=self._clock(),
            chain_now=self.chain.block().timestamp,
            grace=self.terms.redeem_grace,
        )
        return self._simulated(operator, chosen)

    def _simulated(self, operator: Address, batch: list[KeptReceipt]) -> list[KeptReceipt]:
        """Those that a batch would pay; a wrong signature is given up."""
        if not batch:
            return []
        vault = Vault(self.chain, self.address, self.lanes.first)
        try:
            _, verdicts = vault.simulate_redeem_batch(operator, [kept.signed for kept in batch])
        except ContractError as error:
            if error.name == "NothingRedeemed":
                return []
            raise
        for kept, verdict in zip(batch, verdicts, strict=True):
            if verdict in (1, 2):
                self.ledger.give_up(kept.receipt, "the signature is not the session key's")
        return [kept for kept, verdict in zip(batch, verdicts, strict=True) if verdict == 0]

    # -- releasing -----------------------------------------------------------------------------

    def release(self, consumer: Address, operator: Address) -> dict[str, str]:
        """Free what expired; at most three attempts per cycle, a minute apart. Raises VaultRefused."""
        pair = self.vault.ops(consumer, operator)
        subject = f"{consumer}:{operator}:{pair.cycle}"
        present = self._begun("release", subject)
        if present is None:
            content = {"consumer": consumer, "operator": operator, "cycle": pair.cycle}
            if pair.locked == 0:
                raise VaultRefused(400, "NothingLocked", "nothing is locked; nothing to release")
            self._check_float()
            self._try("releaseExpired", self._release_call(content))
            self._bound(self.ledger.newest("release", subject))
            self._take("release", consumer)
            present = self.ledger.intend("release", subject, content)
            faults.reach("facilitator.release_intent")
        return {"hash": _shown(self._go_on(present, 0.0).transaction)}

    def _bound(self, last: Intent | None) -> None:
        if last is None:
            return
        if last.attempt >= RELEASE_ATTEMPTS:
            raise VaultRefused(
                429, "release_attempts_exhausted",
                "this cycle's release was tried often enough; call releaseExpired yourself",
            )  # fmt: skip
        if self._clock() - last.created_at < RELEASE_COOLDOWN:
            raise VaultRefused(429, "release_cooldown", "wait a minute between two attempts")

    # -- sending -------------------------------------------------------------------------------

    def reconcile(self) -> int:
        """Go on with every open transaction, whoever began it; how many are still open."""
        self._reopen_reorganised()
        left = 0
        waiting = self.ledger.open_intents()
        if waiting:
            self.lanes.recover()
        for intent in waiting:
            try:
                left += self._go_on(intent, GLANCE_SECONDS).state.open
            except (ChainError, VaultRefused) as reason:
                _log.warning("not done yet", extra={"intent": intent.id, "reason": str(reason)})
                left += 1
        return left

    def due(self) -> list[Address]:
        """Operators for whom receipts wait."""
        return self.ledger.operators_waiting()

    def _reopen_reorganised(self) -> None:
        for intent in self.ledger.mined_since(self.chain.block().number - REORG_BLOCKS):
            transaction = intent.transaction
            if transaction is None or self.chain.receipt(transaction) is not None:
                continue
            _log.warning("a block left the chain", extra={"intent": intent.id})
            outbox = self.lanes.for_key(intent.id)
            entry = outbox.journal.by_hash(transaction)
            if entry is not None:
                outbox.journal.reopen(entry.id)
            self.ledger.reopen(intent.id)

    def _go_on(self, intent: Intent, patience: float) -> Intent:
        """Do the next step of an open intent, and wait up to `patience` seconds for the last one."""
        if not intent.state.open:
            return intent
        outbox = self.lanes.for_key(intent.id)
        entry = self._sent(outbox, intent)
        if entry is None:
            return self._now(intent)
        try:
            mined = outbox.wait(entry, patience)
        except ReceiptTimeout:
            return self._now(intent)
        except TransactionDisplaced:
            return self._go_on(self._now(intent), patience)
        faults.reach("facilitator.vault_mined")
        self._close(intent, mined)
        return self._now(intent)

    def _sent(self, outbox: Outbox, intent: Intent) -> Entry | None:
        """Journaled and handed to the node; None when the chain would refuse it now."""
        call = self._call(intent)
        try:
            entry = outbox.send(call, key=intent.id)
        except ContractError as error:
            known = explain(error)
            self.ledger.abandon(intent.id, known.name or str(known))
            if intent.kind == "redeem":
                return None
            raise VaultRefused(400, known.name or "reverted", str(known)) from None
        except TransactionRejected as rejection:
            _log.error("refused", extra={"intent": intent.id, "reason": str(rejection)})
            raise
        if intent.transaction != entry.hash:
            self.ledger.sent(intent.id, entry.hash)
        faults.reach("facilitator.vault_sent")
        return entry

    def _close(self, intent: Intent, mined: Mined) -> None:
        paid = {
            (str(found["consumer"]), str(found["operator"])): int(found["cumulative"])
            for found in self.vault.INTERFACE.event("Redeemed").find(mined.logs, self.address)
        }
        self.ledger.close(intent.id, mined.succeeded, mined.transaction, mined.block_number, paid)
        _log.info(
            "vault %s %s", intent.kind, "confirmed" if mined.succeeded else "reverted",
            extra={"intent": intent.id, "tx_hash": "0x" + mined.transaction.hex(),
                   "gas": mined.gas_used, "receipts": len(paid)},
        )  # fmt: skip

    def _now(self, intent: Intent) -> Intent:
        found = self.ledger.get(intent.id)
        assert found is not None
        return found

    def _call(self, intent: Intent) -> Call:
        if intent.kind == "reserve":
            return self._reserve_call(intent.content)
        if intent.kind == "release":
            return self._release_call(intent.content)
        return self._redeem_call(intent)

    def _reserve_call(self, content: Mapping[str, Any]) -> Call:
        data = self.vault.calldata(
            "reserve",
            content["consumer"],
            content["operator"],
            int(content["amount"]),
            int(content["expiry"]),
            int(content["nonce"]),
            bytes.fromhex(content["signature"]),
        )
        return Call(self.address, data)

    def _release_call(self, content: Mapping[str, Any]) -> Call:
        pair = content["consumer"], content["operator"]
        return Call(self.address, self.vault.calldata("releaseExpired", *pair))

    def _redeem_call(self, intent: Intent) -> Call:
        batch = receipts_of(intent)
        if len(batch) == 1:
            r = batch[0].receipt
            values = (r.consumer, r.operator, r.cumulative, batch[0].signature)
            return Call(self.address, self.vault.calldata("redeem", *values))
        return Call(self.address, self.vault.redeem_batch_calldata(intent.subject, batch))

    def _try(self, function: str, call: Call) -> None:
        """VaultRefused with the contract's word when it would revert now."""
        try:
            self.chain.call(replace(call, sender=self.lanes.first.address))
        except ContractError as error:
            known = explain(error)
            raise VaultRefused(
                400, known.name or "reverted", f"{function} would fail: {known}"
            ) from None

    def _take(self, kind: str, payer: Address) -> None:
        """Counted only for what would succeed: nobody can use up another's share."""
        if not self._allow(kind, payer):
            raise VaultRefused(429, "rate_limited", f"too many: {kind}; wait a minute")

    def _check_float(self) -> None:
        for outbox in self.lanes:
            if self.chain.balance(outbox.address) < self._min_float_wei:
                raise VaultRefused(
                    503, "out_of_gas_money", "the facilitator is out of gas money; ask another one"
                )


def _content(request: ReserveRequest) -> dict[str, str]:
    r = request.reservation
    return {
        "consumer": r.consumer,
        "operator": r.operator,
        "amount": str(r.amount),
        "expiry": str(r.expiry),
        "nonce": str(r.nonce),
        "signature": request.signature.hex(),
    }


def _rejected(reason: str, error: str) -> dict[str, Any]:
    return {"status": "rejected", "reason": reason, "error": error}


def _shown(transaction: bytes | None) -> str:
    return "" if transaction is None else "0x" + transaction.hex()
