"""What a facilitator did and intends to do for a vault: transactions, receipts that wait, commitments.

    intent -> sent -> confirmed | reverted      `abandoned`: never sent, the chain would refuse it

An intent is committed before anything is signed for it and is named after its content, so asking again
finds it. A receipt is kept from the moment it was believed until the chain has paid it or can never pay
it; of a cycle only the highest is kept, because it stands for all before it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from eth_utils.crypto import keccak
from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from harness.protocol.addresses import Address
from harness.protocol.vault import Receipt, SignedReceipt
from harness.store.audit import AuditLog
from harness.store.database import Database
from harness.store.vault_tables import commitments, intents, receipts

T = TypeVar("T")

_TRIES = 5


class IntentState(Enum):
    INTENT = "intent"
    SENT = "sent"
    CONFIRMED = "confirmed"
    REVERTED = "reverted"
    ABANDONED = "abandoned"

    @property
    def open(self) -> bool:
        return self in (IntentState.INTENT, IntentState.SENT)


@dataclass(frozen=True)
class Intent:
    """One transaction to be sent; `id` is also its key in the transaction journal."""

    id: str
    kind: str  # reserve, redeem, release
    subject: str
    attempt: int
    content: Mapping[str, Any]
    state: IntentState
    transaction: bytes | None
    block_number: int | None
    reason: str | None
    created_at: float


@dataclass(frozen=True)
class KeptReceipt:
    """The highest receipt of a cycle. `paid` is what the chain has paid of it, base units."""

    signed: SignedReceipt
    received_at: float
    waiting: bool
    paid: int
    transaction: bytes | None  # what paid it, when that was ours
    intent: str | None  # where it is being redeemed, or was last
    reason: str | None  # why it waits no more

    @property
    def receipt(self) -> Receipt:
        return self.signed.receipt


@dataclass(frozen=True)
class Commitment:
    """Work that was served on the vault rail; `cumulative` is owed in the cycle after it."""

    id: str
    cumulative: int
    amount: int


class VaultLedger:
    """In a Database with the schemas VAULT and AUDIT. `clock` in seconds since the epoch."""

    def __init__(
        self, database: Database, vault: Address, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._audit = AuditLog(database, clock)

    # -- intents -------------------------------------------------------------------------------

    def newest(self, kind: str, subject: str) -> Intent | None:
        """The last attempt for a subject."""
        query = (
            select(intents)
            .where(*self._where(kind, subject))
            .order_by(intents.c.attempt.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _intent(row)

    def get(self, intent: str) -> Intent | None:
        with self._database.read() as connection:
            row = connection.execute(select(intents).where(intents.c.id == intent)).one_or_none()
        return None if row is None else _intent(row)

    def intend(self, kind: str, subject: str, content: Mapping[str, Any]) -> Intent:
        """Open an intent; the present one when the last attempt for this subject is open or succeeded."""

        def work() -> Intent:
            with self._database.write() as connection:
                return self._intend(connection, kind, subject, content)

        return _again(work)

    def intend_redeem(self, operator: Address, batch: Sequence[KeptReceipt]) -> Intent:
        """Open the redemption of these receipts, or the operator's open one."""
        return _again(lambda: self._intend_redeem(operator, batch))

    def _intend_redeem(self, operator: Address, batch: Sequence[KeptReceipt]) -> Intent:
        items = [_item(kept.signed) for kept in batch]
        with self._database.write() as connection:
            found = self._intend(connection, "redeem", operator, {"items": items})
            for kept in batch:
                connection.execute(
                    update(receipts)
                    .where(
                        self._pair(kept.receipt),
                        receipts.c.cumulative == str(kept.receipt.cumulative),
                    )
                    .values(intent=found.id)
                )
            return found

    def _intend(
        self, connection: Connection, kind: str, subject: str, content: Mapping[str, Any]
    ) -> Intent:
        last = connection.execute(
            select(intents)
            .where(*self._where(kind, subject))
            .order_by(intents.c.attempt.desc())
            .limit(1)
            .with_for_update()
        ).one_or_none()
        if last is not None:
            state = IntentState(last.state)
            done = state is IntentState.CONFIRMED and kind != "redeem"
            if state.open or done:
                return _intent(last)
        attempt = 1 if last is None else last.attempt + 1
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        name = json.dumps([kind, self._vault, subject, attempt, text])
        now = self._clock()
        values = {
            "id": f"{kind}:{keccak(text=name).hex()}",
            "vault": self._vault,
            "kind": kind,
            "subject": subject,
            "attempt": attempt,
            "content": text,
            "state": IntentState.INTENT.value,
            "created_at": now,
            "updated_at": now,
        }
        connection.execute(insert(intents).values(**values))
        self._audit.append(connection, f"{kind}.intent", subject, {"intent": values["id"]})
        return _intent(connection.execute(_by_id(str(values["id"]))).one())

    def sent(self, intent: str, transaction: bytes) -> None:
        """Its bytes are in the journal and were handed to a node."""
        with self._database.write() as connection:
            self._move(connection, intent, IntentState.SENT, transaction=_hex(transaction))

    def abandon(self, intent: str, reason: str) -> None:
        """Nothing was sent and nothing will be."""
        with self._database.write() as connection:
            self._move(connection, intent, IntentState.ABANDONED, reason=reason[:200])

    def close(
        self,
        intent: str,
        succeeded: bool,
        transaction: bytes,
        block_number: int,
        paid: Mapping[tuple[Address, Address], int] | None = None,
    ) -> None:
        """It was mined. `paid`: by (consumer, operator), what the cycle has paid in all."""
        state = IntentState.CONFIRMED if succeeded else IntentState.REVERTED
        with self._database.write() as connection:
            row = self._move(
                connection,
                intent,
                state,
                transaction=_hex(transaction),
                block_number=block_number,
            )
            for item in json.loads(row.content).get("items", ()):
                total = (paid or {}).get((item["consumer"], item["operator"]))
                if total is not None:
                    self._paid(connection, _signed(item).receipt, total, transaction)

    def reopen(self, intent: str) -> None:
        """The block that held it left the chain; its receipts wait again."""
        with self._database.write() as connection:
            row = self._move(connection, intent, IntentState.SENT, block_number=None)
            for item in json.loads(row.content).get("items", ()):
                connection.execute(
                    update(receipts)
                    .where(self._pair(_signed(item).receipt))
                    .values(waiting=1, paid="0", transaction=None, reason=None)
                )

    def open_intents(self) -> list[Intent]:
        """Neither mined nor abandoned, oldest first."""
        states = (IntentState.INTENT.value, IntentState.SENT.value)
        return self._list(intents.c.state.in_(states))

    def mined_since(self, block_number: int) -> list[Intent]:
        """Mined at or after a block."""
        mined = (IntentState.CONFIRMED.value, IntentState.REVERTED.value)
        return self._list(intents.c.state.in_(mined) & (intents.c.block_number >= block_number))

    def _list(self, condition: Any) -> list[Intent]:
        query = (
            select(intents)
            .where(intents.c.vault == self._vault, condition)
            .order_by(intents.c.created_at)
        )
        with self._database.read() as connection:
            return [_intent(row) for row in connection.execute(query)]

    def _move(
        self, connection: Connection, intent: str, state: IntentState, **values: Any
    ) -> Row[Any]:
        connection.execute(
            update(intents)
            .where(intents.c.id == intent)
            .values(state=state.value, updated_at=self._clock(), **values)
        )
        row = connection.execute(_by_id(intent)).one()
        self._audit.append(
            connection,
            f"{row.kind}.{state.value}",
            row.subject,
            {"intent": intent, "transaction": row.transaction, "block": row.block_number},
        )
        return row

    # -- receipts ------------------------------------------------------------------------------

    def keep(self, signed: SignedReceipt) -> KeptReceipt:
        """Remember a receipt that was verified; what is kept of its cycle is the higher one."""
        return _again(lambda: self._keep(signed))

    def _keep(self, signed: SignedReceipt) -> KeptReceipt:
        receipt = signed.receipt
        with self._database.write() as connection:
            row = connection.execute(
                select(receipts).where(self._pair(receipt)).with_for_update()
            ).one_or_none()
            values = {
                "cumulative": str(receipt.cumulative),
                "key_epoch": str(receipt.key_epoch),
                "signature": signed.signature,
                "received_at": self._clock(),
                "waiting": 1,
                "reason": None,
            }
            if row is None:
                key = self._key(receipt)
                connection.execute(insert(receipts).values(**key, **values, paid="0"))
            elif receipt.cumulative > int(row.cumulative):
                if row.waiting:  # the wait began with the first receipt that is still unpaid
                    values["received_at"] = row.received_at
                connection.execute(update(receipts).where(self._pair(receipt)).values(**values))
            elif not row.waiting and int(row.paid) < int(row.cumulative):
                connection.execute(
                    update(receipts).where(self._pair(receipt)).values(waiting=1, reason=None)
                )
            return _kept(connection.execute(select(receipts).where(self._pair(receipt))).one())

    def kept(self, receipt: Receipt) -> KeptReceipt | None:
        """What is kept of a receipt's cycle."""
        with self._database.read() as connection:
            row = connection.execute(select(receipts).where(self._pair(receipt))).one_or_none()
        return None if row is None else _kept(row)

    def waiting(self, operator: Address) -> list[KeptReceipt]:
        """What an operator is to be paid, longest waiting first."""
        query = (
            select(receipts)
            .where(
                receipts.c.vault == self._vault,
                receipts.c.operator == operator,
                receipts.c.waiting == 1,
            )
            .order_by(receipts.c.received_at)
        )
        with self._database.read() as connection:
            return [_kept(row) for row in connection.execute(query)]

    def operators_waiting(self) -> list[Address]:
        query = (
            select(receipts.c.operator)
            .where(receipts.c.vault == self._vault, receipts.c.waiting == 1)
            .distinct()
        )
        with self._database.read() as connection:
            return [str(row.operator) for row in connection.execute(query)]

    def settle(self, receipt: Receipt, paid: int) -> None:
        """The chain says that the cycle has paid this much, by somebody's transaction."""
        with self._database.write() as connection:
            self._paid(connection, receipt, paid, None)

    def give_up(self, receipt: Receipt, reason: str) -> None:
        """It can never be paid."""
        with self._database.write() as connection:
            connection.execute(
                update(receipts).where(self._pair(receipt)).values(waiting=0, reason=reason[:200])
            )
            self._audit.append(
                connection, "receipt.uncollectable", _subject(receipt), {"reason": reason[:200]}
            )

    def _paid(
        self, connection: Connection, receipt: Receipt, paid: int, transaction: bytes | None
    ) -> None:
        here = self._pair(receipt)
        row = connection.execute(select(receipts).where(here).with_for_update()).one_or_none()
        if row is None or paid < int(row.paid):
            return
        values: dict[str, Any] = {"paid": str(paid), "waiting": int(paid < int(row.cumulative))}
        if transaction is not None:
            values["transaction"] = _hex(transaction)
        connection.execute(update(receipts).where(here).values(**values))

    # -- commitments (the x402 scheme `vault`) ---------------------------------------------------

    def commit(
        self,
        receipt: Receipt,
        request: str,
        base: int,
        amount: int,
        identify: Callable[[int], str],
    ) -> tuple[Commitment, bool]:
        """Add served work to a cycle; the present commitment when this request was committed before.

        `base` is what is owed or paid at least; `receipt` names the cycle; `identify` makes the
        commitment's name of the cumulative that results.
        """
        return _again(lambda: self._commit(receipt, request, base, amount, identify))

    def _commit(
        self,
        receipt: Receipt,
        request: str,
        base: int,
        amount: int,
        identify: Callable[[int], str],
    ) -> tuple[Commitment, bool]:
        cycle = [
            commitments.c.vault == self._vault,
            commitments.c.consumer == receipt.consumer,
            commitments.c.operator == receipt.operator,
            commitments.c.cycle == receipt.cycle,
        ]
        known = select(commitments).where(commitments.c.request == request)
        with self._database.write() as connection:
            row = connection.execute(known).one_or_none()
            if row is not None:
                return Commitment(row.id, int(row.cumulative), int(row.amount)), False
            top = connection.execute(
                select(commitments.c.cumulative)
                .where(*cycle)
                .order_by(commitments.c.position.desc())
                .limit(1)
            ).scalar()
            position = connection.scalar(select(func.count()).where(*cycle))
            cumulative = max(base, int(top or 0)) + amount
            made = Commitment(identify(cumulative), cumulative, amount)
            connection.execute(
                insert(commitments).values(
                    **self._key(receipt),
                    id=made.id,
                    request=request,
                    position=(position or 0) + 1,
                    cumulative=str(cumulative),
                    amount=str(amount),
                    created_at=self._clock(),
                )
            )
            self._audit.append(
                connection,
                "vault.commitment",
                _subject(receipt),
                {"commitment": made.id, "cumulative": str(cumulative), "amount": str(amount)},
            )
            return made, True

    def commitment(self, request: str) -> Commitment | None:
        """What a request was committed as."""
        query = select(commitments).where(commitments.c.request == request)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else Commitment(row.id, int(row.cumulative), int(row.amount))

    def committed(self, receipt: Receipt, not_before: float) -> int:
        """The highest cumulative committed in a cycle since a time (seconds since the epoch)."""
        query = (
            select(commitments.c.cumulative)
            .where(
                commitments.c.vault == self._vault,
                commitments.c.consumer == receipt.consumer,
                commitments.c.operator == receipt.operator,
                commitments.c.cycle == receipt.cycle,
                commitments.c.created_at >= not_before,
            )
            .order_by(commitments.c.position.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            return int(connection.scalar(query) or 0)

    # -- keys ----------------------------------------------------------------------------------

    def _where(self, kind: str, subject: str) -> tuple[Any, ...]:
        return (
            intents.c.vault == self._vault, intents.c.kind == kind, intents.c.subject == subject,
        )  # fmt: skip

    def _key(self, receipt: Receipt) -> dict[str, Any]:
        return {
            "vault": self._vault,
            "consumer": receipt.consumer,
            "operator": receipt.operator,
            "cycle": receipt.cycle,
        }

    def _pair(self, receipt: Receipt) -> Any:
        return (
            (receipts.c.vault == self._vault)
            & (receipts.c.consumer == receipt.consumer)
            & (receipts.c.operator == receipt.operator)
            & (receipts.c.cycle == receipt.cycle)
        )


def _again(work: Callable[[], T]) -> T:
    """Once more when another process on this database was faster: then its row is there to be seen."""
    for _ in range(_TRIES - 1):
        try:
            return work()
        except IntegrityError:
            continue
    return work()


def receipts_of(intent: Intent) -> list[SignedReceipt]:
    """What a redemption carries."""
    return [_signed(item) for item in intent.content["items"]]


def _subject(receipt: Receipt) -> str:
    return f"{receipt.consumer}:{receipt.operator}:{receipt.cycle}"


def _by_id(intent: str) -> Any:
    return select(intents).where(intents.c.id == intent)


def _intent(row: Row[Any]) -> Intent:
    return Intent(
        id=row.id,
        kind=row.kind,
        subject=row.subject,
        attempt=row.attempt,
        content=json.loads(row.content),
        state=IntentState(row.state),
        transaction=bytes.fromhex(row.transaction[2:]) if row.transaction else None,
        block_number=row.block_number,
        reason=row.reason,
        created_at=row.created_at,
    )


def _kept(row: Row[Any]) -> KeptReceipt:
    receipt = Receipt(
        row.consumer, row.operator, int(row.cumulative), int(row.key_epoch), row.cycle
    )
    return KeptReceipt(
        signed=SignedReceipt(receipt, bytes(row.signature)),
        received_at=row.received_at,
        waiting=bool(row.waiting),
        paid=int(row.paid),
        transaction=bytes.fromhex(row.transaction[2:]) if row.transaction else None,
        intent=row.intent,
        reason=row.reason,
    )


def _item(signed: SignedReceipt) -> dict[str, Any]:
    receipt = signed.receipt
    return {
        "consumer": receipt.consumer,
        "operator": receipt.operator,
        "cumulative": str(receipt.cumulative),
        "keyEpoch": str(receipt.key_epoch),
        "cycle": receipt.cycle,
        "signature": signed.signature.hex(),
    }


def _signed(item: Mapping[str, Any]) -> SignedReceipt:
    receipt = Receipt(
        item["consumer"],
        item["operator"],
        int(item["cumulative"]),
        int(item["keyEpoch"]),
        item["cycle"],
    )
    return SignedReceipt(receipt, bytes.fromhex(item["signature"]))


def _hex(value: bytes) -> str:
    return "0x" + value.hex()
