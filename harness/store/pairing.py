"""Pairing codes and what came of them. A code is never stored, only a keyed hash of it.

    live -> used      claimed once
       `-> burned     guessed at too often, replaced by a newer code, or its time is over

Nine digits can be guessed at, so wrong guesses cost: a caller has five in a quarter of an hour; ten that
share a live code's first three digits burn it; a thousand in five minutes burn all. Ten guesses among
the million codes of a prefix find it once in a hundred thousand, and no stranger can burn somebody's
code without spending as many guesses.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from enum import Enum

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from harness import faults
from harness.protocol.addresses import Address
from harness.store.database import Database
from harness.store.league_tables import codes, guesses, links

CALLER_GUESSES, CALLER_SECONDS = 5, 900.0
PREFIX_GUESSES = 10
TOTAL_GUESSES, TOTAL_SECONDS = 1_000, 300.0


class Claim(Enum):
    """How a claim ended."""

    LINKED = "linked"
    WRONG = "wrong"  # no such code, or not any more
    TOO_MANY = "too_many"  # this caller guessed wrongly too often
    TAKEN = "taken"  # the operator belongs to another dashboard


class CodeTaken(Exception):
    """A live code has these digits, or the nonce was used: draw another one."""


class Pairing:
    """In a Database with the schema LEAGUE. `key` is the server's secret; `clock` in seconds."""

    def __init__(
        self, database: Database, key: bytes, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._key = key
        self._clock = clock

    def offer(self, operator: Address, code: str, nonce: str, expires_at: int) -> None:
        """Make a code live; an operator's earlier ones are burned. Raises CodeTaken."""
        now = self._clock()
        try:
            with self._database.write() as connection:
                stale = (codes.c.expires_at <= now) & (codes.c.state == "live")
                connection.execute(update(codes).where(stale).values(state="burned"))
                connection.execute(delete(codes).where(codes.c.expires_at <= now - 86_400))
                known = select(codes.c.state).where(codes.c.mac == self._mac(code))
                if connection.scalar(known) is not None:
                    raise CodeTaken
                earlier = (codes.c.operator == operator) & (codes.c.state == "live")
                connection.execute(update(codes).where(earlier).values(state="burned"))
                connection.execute(
                    insert(codes).values(
                        mac=self._mac(code),
                        prefix=self._mac(code[:3]),
                        operator=operator,
                        nonce=nonce,
                        expires_at=expires_at,
                        misses=0,
                        state="live",
                    )
                )
        except IntegrityError:
            raise CodeTaken from None

    def claim(self, dashboard: Address, code: str, caller: str) -> tuple[Claim, Address | None]:
        """Use a code up: its operator belongs to the dashboard from now on."""
        now = self._clock()
        with self._database.write() as connection:
            recent = select(func.count()).where(
                guesses.c.caller == caller, guesses.c.at > now - CALLER_SECONDS
            )
            if (connection.scalar(recent) or 0) >= CALLER_GUESSES:
                return Claim.TOO_MANY, None
            row = connection.execute(
                select(codes).where(
                    codes.c.mac == self._mac(code),
                    codes.c.state == "live",
                    codes.c.expires_at > now,
                )
            ).one_or_none()
            if row is None:
                self._missed(connection, code, caller, now)
                return Claim.WRONG, None
            used = connection.execute(
                update(codes)
                .where(codes.c.mac == row.mac, codes.c.state == "live")
                .values(state="used")
            )
            if used.rowcount != 1:  # another claim was faster
                return Claim.WRONG, None
            return self._link(connection, row.operator, dashboard, now)

    @staticmethod
    def _link(
        connection: Connection, operator: Address, dashboard: Address, now: float
    ) -> tuple[Claim, Address | None]:
        known = connection.scalar(select(links.c.dashboard).where(links.c.operator == operator))
        if known is not None and known != dashboard:
            return Claim.TAKEN, operator
        if known is None:
            connection.execute(insert(links).values(operator=operator, dashboard=dashboard, at=now))
        faults.reach("indexer.linking")
        return Claim.LINKED, operator

    def _missed(self, connection: Connection, code: str, caller: str, now: float) -> None:
        connection.execute(delete(guesses).where(guesses.c.at <= now - CALLER_SECONDS))
        connection.execute(insert(guesses).values(caller=caller, at=now))
        live = codes.c.state == "live"
        if connection.execute(select(codes.c.mac).where(live).limit(1)).first() is None:
            return
        near = live & (codes.c.prefix == self._mac(code[:3]))
        connection.execute(update(codes).where(near).values(misses=codes.c.misses + 1))
        spent = near & (codes.c.misses >= PREFIX_GUESSES)
        connection.execute(update(codes).where(spent).values(state="burned"))
        recent = select(guesses.c.id).where(guesses.c.at > now - TOTAL_SECONDS)
        counted = select(func.count()).select_from(recent.limit(TOTAL_GUESSES).subquery())
        if (connection.scalar(counted) or 0) >= TOTAL_GUESSES:
            connection.execute(update(codes).where(live).values(state="burned"))

    def operators_of(self, dashboard: Address) -> list[Address]:
        query = select(links.c.operator).where(links.c.dashboard == dashboard).order_by(links.c.at)
        with self._database.read() as connection:
            return [str(row.operator) for row in connection.execute(query)]

    def unlink(self, operator: Address, dashboard: Address) -> bool:
        """Part a pair; False when it was none."""
        here = (links.c.operator == operator) & (links.c.dashboard == dashboard)
        with self._database.write() as connection:
            return connection.execute(delete(links).where(here)).rowcount > 0

    def _mac(self, text: str) -> str:
        return hmac.digest(self._key, text.encode(), "sha256").hex()
