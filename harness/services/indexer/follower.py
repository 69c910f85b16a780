"""Reads the chain block range by block range and keeps what it says, taking back what it unsays.

A block counts once it has the wanted confirmations. The fingerprints of the last blocks are kept: when
one differs the chain has been reorganised, and everything from there on is read again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.crypto import keccak

from harness import faults
from harness.chain.errors import NodeError
from harness.chain.interface import Chain
from harness.chain.records import Block, LogFilter, LogRecord
from harness.diamond.tokens import DOLLAR_INTERFACE
from harness.diamond.vault import INTERFACE as VAULT
from harness.protocol.addresses import ZERO_ADDRESS, Address
from harness.services.indexer.scoring import Scorer
from harness.store.chain_facts import ChainFacts, Facts

MOST_BLOCKS = 2_000  # asked for at once; halved for nodes that answer less

_log = logging.getLogger(__name__)


class Unsettled(Exception):
    """The chain changed while it was read; read again."""


@dataclass(frozen=True)
class Head:
    """Where the chain and the follower are; `at` is the newest block's time, seconds."""

    number: int
    at: int
    followed: int


class Follower:
    """One per database. Not thread-safe: all calls come from one thread."""

    def __init__(
        self,
        chain: Chain,
        dollar: Address,
        vault: Address,
        facts: ChainFacts,
        scorer: Scorer,
        *,
        start_block: int = 0,
        confirmations: int = 2,
        reorg_depth: int = 12,
    ) -> None:
        self._chain = chain
        self._dollar = dollar
        self._vault = vault
        self._facts = facts
        self._scorer = scorer
        self._start = start_block
        self._confirmations = confirmations
        self._depth = reorg_depth
        self._span = MOST_BLOCKS
        self.head: Head | None = None
        self.rolled_back = 0  # how many reorganisations were seen

    def advance(self) -> int:
        """Read what is new, attach, score; how many blocks were read. Raises NodeError."""
        newest = self._chain.block()
        if self.head is None:  # reading a long history takes a while; its time is known at once
            self.head = Head(newest.number, newest.timestamp, self._next() - 1)
        touched = self._take_back()
        last = newest.number - self._confirmations + 1
        read = 0
        while (first := self._next()) <= last:
            until = min(first + self._span - 1, last)
            try:
                self._read(first, until)
            except NodeError:
                if self._span == 1:
                    raise
                self._span //= 2
                continue
            except Unsettled:
                touched |= self._take_back()
                continue
            read += until - first + 1
        if read:  # what a node could not answer in a bad hour it may answer now
            self._span = min(2 * self._span, MOST_BLOCKS)
        self.head = Head(newest.number, newest.timestamp, self._next() - 1)
        touched |= self._facts.attach(newest.timestamp)
        if touched:
            faults.reach("indexer.attached")
            self._scorer.refresh(touched)
        return read

    def rebuild(self) -> None:
        """Forget everything that can be read again, and read it again."""
        self._facts.drop()
        faults.reach("indexer.dropped")
        self.advance()
        self._scorer.everything()

    def _next(self) -> int:
        newest = self._facts.newest()
        return self._start if newest is None else newest[0] + 1

    # -- reorganisations -----------------------------------------------------------------------

    def _take_back(self) -> set[tuple[Address, Address]]:
        """Forget blocks that are no longer part of the chain."""
        kept = self._facts.recent()
        if not kept or self._print(kept[0][0]) == kept[0][1]:
            return set()
        self.rolled_back += 1
        for number, known in kept[1:]:
            if self._print(number) == known:
                _log.warning("the chain was reorganised", extra={"from_block": number + 1})
                return self._facts.forget_from(number + 1)
        # Deeper than what is remembered, or another chain: nothing that was read is certain.
        _log.warning("reorganised beyond what is remembered; reading everything again")
        return self._facts.forget_from(0)

    def _print(self, number: int) -> str | None:
        try:
            return fingerprint(self._chain.block(number))
        except KeyError:
            return None

    # -- reading -------------------------------------------------------------------------------

    def _read(self, first: int, until: int) -> None:
        before = self._chain.block(until)
        logs = self._chain.logs(LogFilter(first, until, (self._dollar, self._vault)))
        seen = {
            number: fingerprint(self._chain.block(number))
            for number in range(max(first, until - self._depth), until + 1)
        }
        if seen[until] != fingerprint(before):
            raise Unsettled
        self._facts.add(self._sorted(logs), seen, self._depth)
        faults.reach("indexer.followed")

    def _sorted(self, logs: Sequence[LogRecord]) -> Facts:
        times = {log.block_number: 0 for log in logs}
        times = {number: self._chain.block(number).timestamp for number in times}
        token, vault = DOLLAR_INTERFACE.event, VAULT.event
        authorised = {
            (log.transaction, token("AuthorizationUsed").decode(log)["authorizer"])
            for log in logs
            if log.address == self._dollar and token("AuthorizationUsed").matches(log)
        }
        brought = {  # who paid into the vault, by transaction
            log.transaction: str(token("Transfer").decode(log)["from"])
            for log in logs
            if self._is_transfer(log) and token("Transfer").decode(log)["to"] == self._vault
        }
        found: dict[str, list[dict[str, Any]]] = {
            name: [] for name in ("transfers", "reservations", "redemptions", "session_keys")
        }
        for log in logs:
            where = {"block": log.block_number, "position": log.index}
            value = {
                **where,
                "tx": "0x" + log.transaction.hex(),
                "at": times[log.block_number],
            }
            if self._is_transfer(log):
                moved = token("Transfer").decode(log)
                giver, taker = str(moved["from"]), str(moved["to"])
                if ZERO_ADDRESS in (giver, taker) or self._vault in (giver, taker):
                    continue
                kind = "signed" if (log.transaction, giver) in authorised else "plain"
                found["transfers"].append(
                    {**value, "giver": giver, "taker": taker, "kind": kind}
                    | {"amount": int(moved["value"])}
                )
            elif log.address != self._vault:
                continue
            elif vault("Reserved").matches(log):
                told = vault("Reserved").decode(log)
                found["reservations"].append({**where, **_pair(told), "cycle": int(told["cycle"])})
            elif vault("Redeemed").matches(log):
                told = vault("Redeemed").decode(log)
                found["redemptions"].append(
                    {**value, **_pair(told), "cumulative": int(told["cumulative"])}
                )
            elif vault("SessionKeySet").matches(log):
                told = vault("SessionKeySet").decode(log)
                found["session_keys"].append(
                    {**where, "consumer": str(told["consumer"]), "key": str(told["sessionKey"])}
                )
            elif vault("Deposited").matches(log):
                told = vault("Deposited").decode(log)
                consumer, key = str(told["consumer"]), str(told["sessionKey"])
                if key != ZERO_ADDRESS:
                    found["session_keys"].append({**where, "consumer": consumer, "key": key})
                giver = brought.get(log.transaction, consumer)
                if giver != consumer:
                    found["transfers"].append(
                        {**value, "giver": giver, "taker": consumer, "kind": "gift"}
                        | {"amount": int(told["amount"])}
                    )
        return Facts(**found)

    def _is_transfer(self, log: LogRecord) -> bool:
        return log.address == self._dollar and DOLLAR_INTERFACE.event("Transfer").matches(log)


def fingerprint(block: Block) -> str:
    """A block's hash, time and transactions in one: some chains of tests name blocks by number."""
    content = block.hash + block.timestamp.to_bytes(8, "big") + b"".join(block.transactions)
    return "0x" + keccak(content).hex()


def _pair(told: dict[str, Any]) -> dict[str, str]:
    return {"consumer": str(told["consumer"]), "operator": str(told["operator"])}
