"""Where the guard's flags are written: beside a model of them, whatever was flagged before."""

from __future__ import annotations

import random
from pathlib import Path

from sqlalchemy import insert, select

from harness.store.database import Database
from harness.store.league_tables import LEAGUE, attachments
from harness.store.standings import Standings

OPERATOR, CONSUMER, OTHER = ("0x" + digit * 40 for digit in "abc")
EVENTS, WEEKS = 24, 4


def filled(database: Database) -> None:
    """Events of a pair in four weeks, and one of another pair."""
    common = {"amount": 1, "tokens": 1, "block": 1, "tx": "0x1", "at": 1, "earned_at": 1}
    rows = [
        {"seq": seq, "operator": OPERATOR, "consumer": CONSUMER, "week": seq % WEEKS} | common
        for seq in range(EVENTS)
    ]
    rows.append({"seq": EVENTS, "operator": OPERATOR, "consumer": OTHER, "week": 0} | common)
    with database.write() as connection:
        connection.execute(insert(attachments), rows)


def written(database: Database) -> dict[int, str | None]:
    with database.read() as connection:
        return {row.seq: row.flag for row in connection.execute(select(attachments))}


def test_flags_are_those_of_the_last_judgement_and_a_change_is_told(tmp_path: Path) -> None:
    chance = random.Random(5)
    database = Database.open(tmp_path / "league.db", LEAGUE)
    filled(database)
    standings = Standings(database)
    told = set()
    for _ in range(200):
        before = written(database)
        whole = chance.choice([None, None, None, "self", "session_key"])
        weeks = chance.sample(range(WEEKS), chance.randrange(3)) if whole is None else []
        seqs = chance.sample(range(EVENTS), chance.randrange(6)) if whole is None else []
        changed = standings.flag((OPERATOR, CONSUMER), whole, weeks, seqs)
        expected = {
            seq: whole or ("funded" if seq in seqs else "volume" if seq % WEEKS in weeks else None)
            for seq in range(EVENTS)
        }
        assert written(database) == expected | {EVENTS: None}
        assert changed or before == written(database)
        assert not standings.flag((OPERATOR, CONSUMER), whole, weeks, seqs)  # nothing is new
        told.add(changed)
    assert told == {True, False}
    database.close()
