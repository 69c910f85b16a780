"""One fault on one wire: what the client is told, and that the same request is answered once it is over.

After each, the books of sidecar, operator and chain agree and nothing is held (the fixture `market`).
"""

from __future__ import annotations

import itertools
import os
import random
from dataclasses import dataclass

import pytest

from tests.faults.conftest import Answered
from tests.faults.market import FaultyMarket, eventually
from tests.faults.wire import Fault, Kind
from tests.rotation import todays

SERVED = "served"
ASKED, SOLD = b'down {"type":"inference-request"', b'up {"type":"inference-response"'
ACCEPTED = b'up {"type":"inference-accepted"'
LOST = (Kind.REFUSED, Kind.ANSWER_LOST, Kind.CUT_SHORT, Kind.SWALLOWED, Kind.UNANSWERED)
HARMLESS = (Kind.DELAYED, Kind.TWICE)
CHAT = b"/v1/chat"
# A socket that delivers requests twice makes a request under way be asked again: that is refused.
BUSY = "upstream_error"

# An operator that waits for its node as long as it may has no time left to say so.
UNREAD = {
    Kind.REFUSED: "upstream_error",
    Kind.ANSWER_LOST: "upstream_error",
    Kind.SWALLOWED: "upstream_timeout",
}

_names = itertools.count()


@dataclass(frozen=True)
class Case:
    """`first` is what the first request ends in: SERVED, or the code of an error."""

    rail: str
    wire: str
    where: bytes
    kind: Kind
    first: tuple[str, ...]
    skip: int = 0
    times: int | None = 1
    reserving: bool = False  # the vault rail reads and writes the chain only when it reserves

    def __str__(self) -> str:
        which = self.where.decode().split('"')[-2 if b'"' in self.where else 0]
        return f"{self.rail}-{self.wire}-{which}{self.skip or ''}-{self.kind.value}"


def table() -> list[Case]:
    """Every pair of a way and a fault that means something, and its outcome."""
    found: list[Case] = []

    def add(
        rail: str, wire: str, where: bytes, kinds: tuple[Kind, ...], *first: str, **more: int | None
    ) -> None:
        found.extend(Case(rail, wire, where, kind, first, **more) for kind in kinds)  # type: ignore[arg-type]

    # A sidecar and the relay. The first request of the exact rail is a quote, the second pays.
    add("exact", "exact_relay", CHAT, LOST, "upstream_error")
    add("exact", "exact_relay", CHAT, LOST, "payment_unknown", skip=1)
    add("exact", "exact_relay", CHAT, HARMLESS, SERVED)
    add("exact", "exact_relay", CHAT, HARMLESS, SERVED, skip=1)
    add("vault", "vault_relay", CHAT, LOST, "upstream_timeout")
    add("vault", "vault_relay", CHAT, HARMLESS, SERVED)
    add("vault", "vault_relay", b"/v1/receipt", (*LOST, *HARMLESS), SERVED)
    # The operator's socket. Whoever waits for an answer on it learns that it broke.
    for rail, paid in (("exact", "payment_unknown"), ("vault", "upstream_timeout")):
        add(rail, "socket", ASKED, (Kind.REFUSED, Kind.SWALLOWED), "upstream_timeout")
        add(rail, "socket", SOLD, (Kind.REFUSED, Kind.SWALLOWED), "upstream_timeout", BUSY)
        add(rail, "socket", ACCEPTED, (Kind.REFUSED,), "upstream_timeout")
        add(rail, "socket", ACCEPTED, (Kind.SWALLOWED, Kind.TWICE, Kind.OVERTAKEN), SERVED)
        add(rail, "socket", SOLD, HARMLESS, SERVED)
        add(rail, "socket", ASKED, (Kind.TWICE,), BUSY)
        if rail == "exact":
            add(rail, "socket", SOLD, (Kind.REFUSED, Kind.SWALLOWED), paid, BUSY, skip=1)
            add(rail, "socket", ASKED, (Kind.REFUSED,), paid, skip=1)
    # The operator and the facilitator: what may be asked again is asked again, once at once over a new
    # connection and then for as long as it has.
    no_answer = (Kind.REFUSED, Kind.ANSWER_LOST)
    add("exact", "operator_bank", b"/verify", no_answer, SERVED)
    add("exact", "operator_bank", b"/verify", (Kind.SWALLOWED,), "upstream_error")
    add("exact", "operator_bank", b"/settle", no_answer, SERVED)
    add("exact", "operator_bank", b"/settle", (Kind.SWALLOWED,), "payment_unknown")
    add("exact", "operator_bank", b"/verify", (Kind.TWICE,), SERVED)
    add("exact", "operator_bank", b"/settle", (Kind.TWICE,), SERVED)
    # A sidecar and the facilitator: what may have been done is looked up on chain.
    for kind, first in (
        (Kind.REFUSED, SERVED), (Kind.SWALLOWED, "upstream_error"),
        (Kind.ANSWER_LOST, SERVED), (Kind.TWICE, SERVED),
    ):  # fmt: skip
        found.append(Case("vault", "vault_bank", b"/vault/reserve", kind, (first,), reserving=True))
    # Everybody and their node: a read is asked for twice, then its absence is a refusal.
    for kind in (Kind.REFUSED, Kind.ANSWER_LOST, Kind.SWALLOWED, Kind.TWICE):
        good = kind is Kind.TWICE
        for rail, node, first in (
            ("exact", "operator", SERVED),  # the exact rail needs no chain of the operator
            ("exact", "facilitator", SERVED if good else "upstream_error"),
            ("exact", "exact", SERVED),  # the watcher comes later
            ("vault", "operator", SERVED if good else UNREAD[kind]),
            ("vault", "facilitator", SERVED if good else "upstream_error"),
            ("vault", "vault", SERVED if good else "chain_unavailable"),
            ("vault", "indexer", SERVED),
        ):
            found.append(
                Case(rail, f"{node}_node", b"", kind, (first,), times=None, reserving=True)
            )
    # The operator and the indexer: an event waits in its outbox.
    add("vault", "events", b"/events", (*LOST, *HARMLESS), SERVED)
    return found


CASES = table()


@pytest.mark.parametrize("case", todays(CASES, 4), ids=str)
def test_one_fault(market: FaultyMarket, answered: Answered, case: Case) -> None:
    key = f"fault-{next(_names)}"
    wire = market.wires[case.wire]
    if case.reserving and case.rail == "vault":
        market.run(_forget_purses(market))
    met = wire.met[case.kind]
    wire.break_(Fault(case.kind, case.where, case.times, case.skip))
    status, said = market.ask(case.rail, key)
    outcome = SERVED if status == 200 else said
    assert outcome in case.first, f"{status} {said}"
    if case.wire != "exact_node":  # asked by the watcher, when it comes to it
        eventually(lambda: wire.met[case.kind] > met, f"{case.kind.value} on {case.wire}")
    wire.heal()
    market.until_served(case.rail, key)
    answered[case.rail][key] = 1


async def _forget_purses(market: FaultyMarket) -> None:
    """What a restart would forget, so that the next request looks at the chain and reserves."""
    rail = market.sidecars["vault"].vault
    assert rail is not None
    rail.reservations.purses.clear()


def test_the_later_of_two_requests_overtakes(market: FaultyMarket, answered: Answered) -> None:
    """Requests have no order between them: each gets its own answer."""
    from concurrent.futures import ThreadPoolExecutor

    wire = market.wires["vault_relay"]
    wire.break_(Fault(Kind.OVERTAKEN, CHAT))
    keys = [f"overtaken-{number}" for number in range(2)]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda key: market.ask("vault", key), keys))
    assert found == [(200, f"echo {key}") for key in keys]
    assert wire.met[Kind.OVERTAKEN] == 1
    answered["vault"] |= dict.fromkeys(keys, 1)


def test_a_stream_whose_socket_breaks_is_asked_for_again(
    market: FaultyMarket, answered: Answered
) -> None:
    """Its key is bought anew, because the operator keeps no part of a stream."""
    wire = market.wires["socket"]
    wire.break_(Fault(Kind.REFUSED, b'up {"type":"inference-chunk"', skip=1))
    assert market.ask("vault", "broken-stream", stream=True) == (200, "broken")
    wire.heal()
    market.until_served("vault", "broken-stream", stream=True)
    answered["vault"]["broken-stream"] = 1


def test_an_event_whose_answer_is_lost_is_told_again(
    market: FaultyMarket, answered: Answered
) -> None:
    """And counts once: the books compare what was acknowledged with what is in the League."""
    wire = market.wires["events"]
    before = market.indexer.league.count()
    wire.break_(Fault(Kind.ANSWER_LOST, b"/events", times=2))
    for number in range(2):
        key = f"event-{number}"
        market.until_served("vault", key)
        answered["vault"][key] = 1
    eventually(lambda: wire.fault is None or wire.fault.times == 0, "two lost answers")
    wire.heal()
    eventually(lambda: market.indexer.league.count() >= before + 2, "the events' arrival")


SEQUENCE = int(os.environ.get("FAULTS_SEQUENCE", "6"))
SEED = int(os.environ.get("FAULTS_SEED", "20"))


def test_a_day_of_faults(market: FaultyMarket, answered: Answered) -> None:
    """Faults drawn by a seed, several at a time, under requests of both rails; then all is well.

    FAULTS_SEQUENCE sets their number (6), FAULTS_SEED what is drawn.
    """
    drawn = random.Random(SEED)
    for number in range(SEQUENCE):
        for case in drawn.sample(CASES, 2):
            skip = drawn.randrange(3)
            market.wires[case.wire].break_(
                Fault(case.kind, case.where, drawn.randint(1, 3), skip, seconds=0.1)
            )
        for rail in ("exact", "vault"):
            key = f"day-{SEED}-{number}-{rail}"
            stream = rail == "vault" and drawn.random() < 0.5
            market.ask(rail, key, stream=stream)
            if drawn.random() < 0.5:
                market.wires["socket"].cut()
            market.heal()
            market.until_served(rail, key, stream=stream)
            answered[rail][key] = 1
