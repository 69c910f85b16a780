"""The questions that scoring asks of attached events, and where it writes its answers.

Amounts in USDC base units; `day` and `week` count days and weeks since the epoch, in UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)

from harness.protocol.addresses import Address
from harness.store.database import Database
from harness.store.league_tables import attachments, links, scores, session_keys, transfers

Pair = tuple[Address, Address]  # operator, consumer

MONTH_SECONDS = 30 * 86_400


@dataclass(frozen=True)
class Day:
    """One address, one side, one day. `clean_` leaves out what the self-deal guard flagged."""

    day: int
    requests: int
    tokens: int
    base: int
    clean_requests: int
    clean_base: int
    largest_clean: int


@dataclass(frozen=True)
class Busy:
    """A pair's week: its requests and volume, and the volumes of both sides with anybody."""

    week: int
    requests: int
    volume: int
    operator_volume: int
    consumer_volume: int


@dataclass(frozen=True)
class Score:
    """A line of the leaderboard. Points in thousandths; `version` names the parameters used."""

    season: str
    version: int
    milli_points: int
    requests: int
    tokens: int
    base: int


class Standings:
    """In a Database with the schema LEAGUE."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def days(self, address: Address, side: str) -> list[Day]:
        """All days of an address on a side, oldest first."""
        a = attachments.c
        clean = a.flag.is_(None)
        mine = a.operator if side == "serve" else a.consumer
        day = a.earned_at.op("/")(86_400)  # whole division in both databases
        query = (
            select(
                day.label("day"),
                func.count().label("requests"),
                func.sum(a.tokens).label("tokens"),
                func.sum(a.amount).label("base"),
                func.sum(case((clean, 1), else_=0)).label("clean_requests"),
                func.sum(case((clean, a.amount), else_=0)).label("clean_base"),
                func.max(case((clean, a.amount), else_=0)).label("largest_clean"),
            )
            .where(mine == address)
            .group_by(day)
            .order_by(day)
        )
        with self._database.read() as connection:
            return [Day(*(int(value) for value in row)) for row in connection.execute(query)]

    def addresses(self) -> tuple[list[Address], list[Address]]:
        """Everybody who served, and everybody who consumed."""
        with self._database.read() as connection:
            served = connection.execute(select(attachments.c.operator).distinct())
            consumed = connection.execute(select(attachments.c.consumer).distinct())
            return [str(row[0]) for row in served], [str(row[0]) for row in consumed]

    def pairs(self) -> set[Pair]:
        """Every pair that has something attached."""
        query = select(attachments.c.operator, attachments.c.consumer).distinct()
        with self._database.read() as connection:
            return {(row.operator, row.consumer) for row in connection.execute(query)}

    def pairs_of(self, address: Address) -> set[Pair]:
        """The pairs that an address is in, on either side."""
        a = attachments.c
        query = (
            select(a.operator, a.consumer)
            .where(or_(a.operator == address, a.consumer == address))
            .distinct()
        )
        with self._database.read() as connection:
            return {(row.operator, row.consumer) for row in connection.execute(query)}

    def crowded(self, pair: Pair, more_than: int) -> set[Pair]:
        """Pairs that share a side with this one and had a week of more requests than this."""
        a = attachments.c
        query = (
            select(a.operator, a.consumer)
            .where(or_(a.operator == pair[0], a.consumer == pair[1]))
            .group_by(a.operator, a.consumer, a.week)
            .having(func.count() > more_than)
        )
        with self._database.read() as connection:
            return {(row.operator, row.consumer) for row in connection.execute(query)}

    # -- what the guard looks at ---------------------------------------------------------------

    def busy_weeks(self, pair: Pair, more_than: int) -> list[Busy]:
        """The weeks in which a pair had more requests than this."""
        a = attachments.c
        together = and_(a.operator == pair[0], a.consumer == pair[1])
        query = (
            select(a.week, func.count().label("requests"), func.sum(a.amount).label("volume"))
            .where(together)
            .group_by(a.week)
            .having(func.count() > more_than)
        )
        with self._database.read() as connection:
            return [
                Busy(
                    int(row.week),
                    int(row.requests),
                    int(row.volume),
                    _volume(connection, and_(a.operator == pair[0], a.week == row.week)),
                    _volume(connection, and_(a.consumer == pair[1], a.week == row.week)),
                )
                for row in connection.execute(query).all()
            ]

    def same_dashboard(self, pair: Pair) -> bool:
        """Whether one wallet claims both, or is one of them and claims the other."""
        with self._database.read() as connection:
            found = {
                row.operator: row.dashboard
                for row in connection.execute(select(links).where(links.c.operator.in_(pair)))
            }
        owners = {found.get(address, address) for address in pair}
        return len(owners) == 1

    def had_session_key(self, consumer: Address, key: Address) -> bool:
        """Whether an address was ever the consumer's session key."""
        query = select(session_keys.c.block).where(
            session_keys.c.consumer == consumer, session_keys.c.key == key
        )
        with self._database.read() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def funded(self, pair: Pair) -> list[int]:
        """Events (their seq) of a pair of which half the month's spend or more was a present.

        A present is money that one side gave the other without being paid for it: a plain transfer or
        a deposit into the vault in the other's name.
        """
        operator, consumer = pair
        t, a = transfers.c, attachments.c
        query = select(t.block, t.position, t.at, t.amount).where(
            or_(
                and_(t.giver == operator, t.taker == consumer),
                and_(t.giver == consumer, t.taker == operator, t.kind != "signed"),
            )
        )
        together = and_(a.operator == operator, a.consumer == consumer)
        with self._database.read() as connection:
            gifts = connection.execute(query).all()
            if not gifts:
                return []
            claims = select(a.claimed).where(together, a.claimed.is_not(None))
            paid = set(connection.scalars(claims))
            presents = [
                (int(row.at), int(row.amount))
                for row in gifts
                if f"{row.block}:{row.position}" not in paid
            ]
            rows = connection.execute(select(a.seq, a.earned_at, a.amount).where(together)).all()
        spends = [(int(row.earned_at), int(row.amount)) for row in rows]
        return [
            int(row.seq)
            for row in rows
            if _month(presents, row.earned_at) * 2 >= _month(spends, row.earned_at)
            and _month(presents, row.earned_at) > 0
        ]

    # -- answers -------------------------------------------------------------------------------

    def flag(
        self, pair: Pair, whole: str | None, weeks: Sequence[int], seqs: Sequence[int]
    ) -> bool:
        """Set the flags of a pair's events; whether any changed.

        `whole` flags all of them; otherwise `seqs` are flagged "funded", and the rest of `weeks` "volume".
        Only rows that change are written: a pair may have any number of them.
        """
        a = attachments.c
        together = and_(a.operator == pair[0], a.consumer == pair[1])
        with self._database.write() as connection:
            if whole is not None:
                return _change(connection, whole, together, a.flag.is_distinct_from(whole))
            funded = set(connection.scalars(select(a.seq).where(together, a.flag == "funded")))
            kept = or_(a.flag == "funded", and_(a.flag == "volume", a.week.in_(weeks)))
            free = or_(a.flag.is_(None), a.flag.not_in(("volume", "funded")))
            changed = [
                _change_each(connection, None, funded - set(seqs)),
                _change(connection, None, together, a.flag.is_not(None), not_(kept)),
                _change(connection, "volume", together, a.week.in_(weeks), free),
                _change_each(connection, "funded", set(seqs) - funded),
            ]
            return any(changed)

    def write(self, address: Address, side: str, found: Mapping[str, Score]) -> None:
        """Replace the scores of an address on a side, by season."""
        here = and_(scores.c.address == address, scores.c.side == side)
        with self._database.write() as connection:
            connection.execute(delete(scores).where(here))
            for score in found.values():
                connection.execute(insert(scores).values(address=address, side=side, **vars(score)))

    def linked_to(self, address: Address) -> set[Address]:
        """Everybody whose links matter to an address: those claimed with it, or by it."""
        with self._database.read() as connection:
            owner = connection.scalar(select(links.c.dashboard).where(links.c.operator == address))
            owners = {address, owner} - {None}
            rows = connection.execute(select(links.c.operator).where(links.c.dashboard.in_(owners)))
            return {str(row.operator) for row in rows}


def _volume(connection: Connection, condition: ColumnElement[bool]) -> int:
    return int(connection.scalar(select(func.sum(attachments.c.amount)).where(condition)) or 0)


def _change(connection: Connection, flag: str | None, *conditions: ColumnElement[bool]) -> bool:
    """Whether there was anything to change."""
    statement = update(attachments).where(*conditions).values(flag=flag)
    return connection.execute(statement).rowcount > 0


def _change_each(connection: Connection, flag: str | None, seqs: Collection[int]) -> bool:
    if seqs:
        statement = update(attachments).where(attachments.c.seq == bindparam("seq_"))
        connection.execute(statement, [{"seq_": seq, "flag": flag} for seq in seqs])
    return bool(seqs)


def _month(amounts: Sequence[tuple[int, int]], until: int) -> int:
    return sum(amount for at, amount in amounts if until - MONTH_SECONDS <= at <= until)
