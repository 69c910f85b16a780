"""What became of requests that a crash cut off: their operators are asked, one key at a time.

    delivered            it was served: owed, as far as it is not receipted yet
    admitted, answered   not over: its client may ask for it again, and the operator may void it; asked later
    voided, released     it cost nothing
    unknown              it never came there; believed once the relay can no longer have it on its way

A client that asks again under the key is quicker, and its answer ends the request: nothing is paid twice.
What an operator says is believed up to the ceiling that the request was sent with.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping

from harness.protocol.addresses import Address
from harness.protocol.vault_request import CHARGE, UNKNOWN
from harness.services.consumer.metering import natural
from harness.services.consumer.purse import Purse
from harness.services.consumer.refusals import Refusal
from harness.services.consumer.relay import Broken, RelayClient, RelayReply
from harness.services.consumer.tab import Bookkeeper
from harness.services.consumer.workers import Workers
from harness.store.consumer import ConsumerJournal, PaidRequest
from harness.store.database import DatabaseFailure, brief

FIRST_SECONDS, LONGEST_SECONDS = 1.0, 60.0
ANSWER_SECONDS = 10.0
TRAVEL_SECONDS = 130.0  # a relay gives an operator 120
_OPEN = ("admitted", "answered")

_log = logging.getLogger(__name__)


class Inquiry:
    """Asks about the orphans of all purses. `prove` signs for an operator and a key."""

    def __init__(
        self,
        consumer: Address,
        purses: Mapping[Address, Purse],
        relay: RelayClient,
        prove: Callable[[Address, str], str],
        books: Bookkeeper,
        journal: ConsumerJournal,
        workers: Workers,
        clock: Callable[[], float] = time.time,
        first_seconds: float = FIRST_SECONDS,
    ) -> None:
        self._consumer = consumer
        self._purses = purses
        self._relay = relay
        self._prove = prove
        self._books = books
        self._journal = journal
        self._workers = workers
        self._clock = clock
        self._first = first_seconds

    async def run(self) -> None:
        """Until cancelled: a retry takes an orphan over, and gives it back when it comes to nothing."""
        pause = self._first
        while True:
            await asyncio.sleep(pause)  # operators hear of an abort, and clients ask again, before
            pause = min(pause * 2, LONGEST_SECONDS)
            for purse in list(self._purses.values()):
                for request in list(purse.orphans):
                    try:
                        await self._ask(purse, request)
                    except DatabaseFailure as failure:
                        _log.error("nothing can be written", extra={"reason": brief(failure)})

    async def _ask(self, purse: Purse, request: str) -> None:
        row = await self._workers.journal(self._journal.find, request)
        if row is None or row.digest is None:
            return
        key = row.digest.hex()
        try:
            proof = self._prove(purse.operator, key)
        except Refusal:  # the vault is not checked yet
            return
        headers = {
            "X-Halo-Probe": CHARGE,
            "X-Halo-Payment-Mode": "vault",
            "X-Halo-Vault-Consumer": self._consumer,
            "X-Halo-Vault-Proof": proof,
            "X-Halo-Operator": purse.operator,
            "Idempotency-Key": key,
        }
        try:
            reply = await self._relay.post({"model": row.model}, headers, ANSWER_SECONDS)
        except Broken:
            return
        cost = self._cost(row, reply)
        if cost is not None:
            await self._books.end_orphan(purse, request, cost)

    def _cost(self, row: PaidRequest, reply: RelayReply) -> int | None:
        """Base units; None while it is not known."""
        if reply.status == 404 and reply.error_code == UNKNOWN:
            return 0 if self._clock() - row.created_at > TRAVEL_SECONDS else None
        told = reply.body
        if reply.status != 200 or told is None or told.get("object") != "halo.charge":
            return None
        state, amount = told.get("state"), natural(told.get("amountUsdc"))
        if state in _OPEN or amount is None:
            return None
        same = natural(told.get("cycle")) == row.cycle
        return amount if state == "delivered" and same else 0
