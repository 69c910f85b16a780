"""The rules of a journal, for the one in memory and the one in SQL alike."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.chain.errors import WrongChain
from harness.chain.journal import Attempt, Draft, Journal, MemoryJournal, Outcome, State
from harness.store.database import Database
from harness.store.journal import SqlJournal

SENDER = "0x" + "11" * 20
PAYEE = "0x" + "22" * 20
GENESIS = b"\x07" * 32
HUGE = 2**256 - 1


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def journal(request: pytest.FixtureRequest) -> Journal:
    found: Journal = (
        MemoryJournal()
        if request.param == "memory"
        else SqlJournal(request.getfixturevalue(f"{request.param}_database"))
    )
    found.open_lane(1, GENESIS, SENDER)
    return found


def draft(key: str | None = None, value: int = HUGE) -> Draft:
    return Draft(1, SENDER, PAYEE, value, b"\x00\xff", 21_000, key)


def attempt(tag: int, fee: int = 10) -> Attempt:
    return Attempt(tag.to_bytes(32, "big"), b"raw" + bytes([tag % 256]), fee, fee)


def test_nonces_count_up_and_follow_the_chain(journal: Journal) -> None:
    given: list[int] = []

    def sign(nonce: int) -> Attempt:
        given.append(nonce)
        return attempt(nonce)

    first = journal.reserve(draft(), 5, sign, 1.5)
    second = journal.reserve(draft(), 5, sign, 2.5)
    third = journal.reserve(draft(), 9, sign, 3.5)
    assert given == [5, 6, 9]
    assert [e.nonce for e in (first, second, third)] == given
    assert journal.get(second.id) == second
    assert second.draft == draft() and second.created_at == 2.5
    assert second.state is State.SIGNED and not second.state.final


def test_a_key_is_one_transaction(journal: Journal) -> None:
    first = journal.reserve(draft("pay:1"), 0, attempt, 0.0)
    signed: list[int] = []
    again = journal.reserve(draft("pay:1"), 0, lambda n: signed.append(n) or attempt(n), 9.0)  # type: ignore[func-returns-value]
    assert again == first and signed == []
    assert journal.find(1, SENDER, "pay:1") == first
    assert journal.find(1, SENDER, "pay:2") is None
    assert journal.find(2, SENDER, "pay:1") is None
    assert journal.reserve(draft("pay:2"), 0, attempt, 0.0).nonce == 1


@pytest.mark.parametrize("state", [State.DISPLACED, State.CANCELLED])
def test_a_lost_nonce_sets_its_key_free(journal: Journal, state: State) -> None:
    first = journal.reserve(draft("pay:1"), 0, attempt, 0.0)
    assert journal.mark(first.id, state).state is state
    assert journal.find(1, SENDER, "pay:1") is None
    assert journal.reserve(draft("pay:1"), 0, attempt, 0.0).nonce == 1
    second = journal.find(1, SENDER, "pay:1")
    # A cancelled nonce is still to be used up, a displaced one is used up already.
    waiting = [journal.get(first.id), second] if state is State.CANCELLED else [second]
    assert journal.unfinished(1, SENDER) == waiting
    journal.close(first.id, Outcome(state, b"\5" * 32, 1, b"\6" * 32))
    assert journal.unfinished(1, SENDER) == [second]


def test_a_signature_that_fails_uses_no_nonce(journal: Journal) -> None:
    def broken(_nonce: int) -> Attempt:
        raise RuntimeError("key store is gone")

    with pytest.raises(RuntimeError):
        journal.reserve(draft("pay:1"), 0, broken, 0.0)
    assert journal.find(1, SENDER, "pay:1") is None
    assert journal.reserve(draft("pay:1"), 0, attempt, 0.0).nonce == 0


def test_bumps_outcomes_and_reorganisations_are_kept(journal: Journal) -> None:
    entry = journal.reserve(draft("pay:1"), 0, attempt, 0.0)
    assert journal.mark(entry.id, State.BROADCAST).state is State.BROADCAST
    bumped = journal.add_attempt(entry.id, attempt(77, 20))
    assert [a.max_fee for a in bumped.attempts] == [10, 20]
    assert bumped.hash == attempt(77).hash
    assert journal.by_hash(attempt(0).hash) == journal.by_hash(attempt(77).hash) == bumped
    assert journal.by_hash(b"\x09" * 32) is None
    closed = journal.close(entry.id, Outcome(State.CONFIRMED, attempt(0).hash, 12, b"\x0c" * 32))
    assert closed.hash == attempt(0).hash and closed.state.final
    assert (closed.block_number, closed.block_hash) == (12, b"\x0c" * 32)
    assert journal.unfinished(1, SENDER) == []
    assert journal.mined_since(1, SENDER, 12) == [closed]
    assert journal.mined_since(1, SENDER, 13) == []
    reopened = journal.reopen(entry.id)
    assert reopened.state is State.SIGNED and reopened.mined is None
    assert journal.unfinished(1, SENDER) == [reopened]


def test_another_genesis_is_another_chain(journal: Journal) -> None:
    journal.open_lane(1, GENESIS, SENDER)
    with pytest.raises(WrongChain, match="another chain 1"):
        journal.open_lane(1, b"\x08" * 32, SENDER)


def test_threads_never_share_a_nonce_or_split_a_key(journal: Journal) -> None:
    ready = threading.Barrier(8)

    def work(worker: int) -> list[int]:
        ready.wait()
        own = [journal.reserve(draft(), 0, lambda n: attempt(n), 0.0).nonce for _ in range(5)]
        shared = journal.reserve(draft("shared"), 0, lambda n: attempt(n), 0.0).nonce
        return [*own, shared]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(8)))
    nonces = [n for result in results for n in result[:-1]]
    assert len({result[-1] for result in results}) == 1
    assert sorted([*nonces, results[0][-1]]) == list(range(41))


def test_what_was_committed_is_there_after_reopening(database: Database) -> None:
    journal = SqlJournal(database)
    journal.open_lane(1, GENESIS, SENDER)
    entry = journal.reserve(draft("pay:1"), 3, attempt, 4.25)
    url = database.engine.url.render_as_string(hide_password=False)
    again = Database.open(url)
    assert SqlJournal(again).find(1, SENDER, "pay:1") == entry
    again.close()
