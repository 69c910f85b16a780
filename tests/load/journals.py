"""Each party's own account of the money, read from its journal beside the running process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from harness.protocol.addresses import Address, to_address
from harness.services.consumer.idempotency import LEFT
from tests.crash.theatre import Theatre

Pair = tuple[Address, Address]  # consumer, operator
Row = Mapping[str, Any]


class Journals:
    """The journals of a stage. What a service keeps on a server of its own is read there."""

    def __init__(self, stage: Theatre) -> None:
        self._stage = stage
        self._engines: dict[str, Engine] = {}

    def rows(self, role: str, query: str) -> list[Row]:
        with self._engine(role).connect() as connection:
            return [dict(row) for row in connection.execute(text(query)).mappings()]

    def close(self) -> None:
        for engine in self._engines.values():
            engine.dispose()

    def _engine(self, role: str) -> Engine:
        if role not in self._engines:
            url = self._stage.cast[role].changes.get("db_url")
            if url is not None:
                where = make_url(url).set(drivername="postgresql+psycopg")
                self._engines[role] = create_engine(where)
            else:
                (path,) = (self._stage.root / role).rglob("*.db")
                self._engines[role] = create_engine(f"sqlite:///file:{path}?mode=ro&uri=true")
        return self._engines[role]

    # -- sidecars ------------------------------------------------------------------------------

    def exact_charged(self, sidecar: str) -> Counter[Address]:
        """By operator, what a sidecar has settled."""
        return summed(
            self.rows(
                sidecar,
                "select operator as who, charged as amount from consumer_requests "
                "where rail = 'exact' and state in ('settled', 'disputed')",
            )
        )

    def vault_charged(self, sidecar: str) -> Counter[Address]:
        """By operator, what requests were charged."""
        return summed(
            self.rows(
                sidecar,
                "select operator as who, charged as amount from consumer_requests where rail = 'vault'",
            )
        )

    def receipts(self, sidecar: str) -> Counter[Address]:
        """By operator, the receipts signed: the newest of each cycle says everything of it."""
        return summed(
            self.rows(
                sidecar, "select operator as who, cumulative as amount from consumer_receipts"
            )
        )

    def reserved(self, sidecar: str) -> Counter[Address]:
        return summed(
            self.rows(
                sidecar,
                "select operator as who, amount from consumer_reservations where state = 'done'",
            )
        )

    def deposited(self, sidecar: str) -> int:
        query = "select amount from consumer_deposits where state = 'done'"
        return sum(int(row["amount"]) for row in self.rows(sidecar, query))

    def open_requests(self, sidecar: str) -> Counter[str]:
        """Requests that may still cost something, by state; receipts that their operator does not have."""
        states = "'held', 'signed', 'sent', 'unknown', 'abandoned'"
        query = f"select state from consumer_requests where state in ({states})"
        found = Counter(str(row["state"]) for row in self.rows(sidecar, query))
        waiting = self.rows(sidecar, "select state from consumer_receipts where state = 'open'")
        found.update("receipt not pushed" for _ in waiting)
        return +found

    def paid_twice(self, sidecar: str) -> list[str]:
        """Keys under which more than one request cost something; a stream that its client left apart."""
        paid = Counter(r["idempotency"] for r in self._paid(sidecar) if r["reason"] != LEFT)
        return [key for key, count in paid.items() if count > 1]

    def parts(self, sidecar: str) -> list[int]:
        """What was paid for streams that broke off and have a key: as far as they came."""
        broken = "the stream broke off"
        return [int(r["charged"]) for r in self._paid(sidecar) if r["reason"] == broken]

    def _paid(self, sidecar: str) -> list[Row]:
        query = (
            "select idempotency, charged, reason from consumer_requests "
            "where idempotency is not null and state in ('settled', 'disputed', 'receipted')"
        )
        return [row for row in self.rows(sidecar, query) if int(row["charged"])]

    def nonces(self, sidecar: str) -> dict[bytes, str]:
        """Authorisations that were signed, and the key or the request each belongs to."""
        query = "select nonce, idempotency, id from consumer_requests where nonce is not null"
        return {
            bytes.fromhex(row["nonce"][2:]): str(row["idempotency"] or row["id"])
            for row in self.rows(sidecar, query)
        }

    # -- operators -----------------------------------------------------------------------------

    def exact_income(self, operator: str) -> Counter[Address]:
        """By payer, the payments an operator knows to be settled."""
        return summed(
            self.rows(
                operator,
                "select payer as who, amount from operator_payments where state = 'settled'",
            )
        )

    def tabs(self, operator: str, column: str) -> Counter[Address]:
        """By consumer, `held` or `redeemed`, or `owed`: what was served and not taken off again."""
        rows = self.rows(operator, "select * from operator_tabs")
        if column == "owed":
            rows = [
                {"who": r["consumer"], "amount": int(r["served"]) - int(r["voided"])} for r in rows
            ]
        else:
            rows = [{"who": r["consumer"], "amount": r[column]} for r in rows]
        return summed(rows)

    def events_waiting(self, operator: str) -> int:
        """Events that the indexer may not have yet, except those of answers that wait for a retry."""
        query = (
            "select e.id from operator_events e left join operator_requests r on r.id = e.id "
            "where e.state = 'pending' or (e.state = 'held' and r.state is not 'answered')"
        )
        return len(self.rows(operator, query))

    def unfetched(self, operator: str) -> int:
        """Answers that nobody came for: kept ten minutes, then off the tab."""
        query = "select id from operator_requests where rail = 'vault' and state = 'answered'"
        return len(self.rows(operator, query))

    # -- services ------------------------------------------------------------------------------

    def settlements(self, facilitator: str) -> Counter[Pair]:
        return pairs(
            self.rows(
                facilitator,
                "select payer as consumer, payee as operator, amount from settlements "
                "where state = 'settled' and scheme like 'exact%'",
            )
        )

    def payouts(self, facilitator: str) -> Counter[Pair]:
        query = "select consumer, operator, paid as amount from vault_receipts"
        return pairs(self.rows(facilitator, query))

    def transfers(self, indexer: str) -> Counter[Pair]:
        """Exact payments as the indexer read them from the chain."""
        query = "select giver as consumer, taker as operator, amount from transfers where kind = 'signed'"
        return pairs(self.rows(indexer, query))

    def redemptions(self, indexer: str) -> Counter[Pair]:
        """Of each cycle the highest redemption that the indexer read."""
        query = (
            "select consumer, operator, cycle, max(cumulative) as amount from redemptions "
            "group by consumer, operator, cycle"
        )
        return pairs(self.rows(indexer, query))

    def shadowed(self, indexer: str) -> int:
        """Events that claim money which another event claimed before."""
        return len(self.rows(indexer, "select id from events where shadowed <> 0"))

    def attached(self, indexer: str, mode: str) -> Counter[Pair]:
        """What operators told of that the indexer found paid."""
        return pairs(
            self.rows(
                indexer,
                "select a.consumer, a.operator, a.amount from attachments a "
                f"join events e on e.seq = a.seq where e.mode = '{mode}'",
            )
        )


def summed(rows: list[Row]) -> Counter[Address]:
    found: Counter[Address] = Counter()
    for row in rows:
        found[to_address(row["who"])] += int(row["amount"])
    return found


def pairs(rows: list[Row]) -> Counter[Pair]:
    found: Counter[Pair] = Counter()
    for row in rows:
        found[to_address(row["consumer"]), to_address(row["operator"])] += int(row["amount"])
    return found
