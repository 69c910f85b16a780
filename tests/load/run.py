"""A load from its first request to balanced books."""

from __future__ import annotations

import time
from dataclasses import dataclass

from tests.crash.theatre import Theatre
from tests.load.books import Books, compare
from tests.load.cast import OPERATORS, SIDECARS, start
from tests.load.clients import Crowd
from tests.load.journals import Journals
from tests.load.ledger import balances
from tests.load.mix import plan

CONCURRENCY = 8
EXPIRY_SECONDS = 400  # authorisations live for 300, and nobody's clock is exact
BALANCE_SECONDS = 120.0


@dataclass
class Loaded:
    """What a load came to; `seconds` is how long the requests took."""

    crowd: Crowd
    books: Books
    seconds: float


def run(stage: Theatre, requests: int, seed: int) -> Loaded:
    """Start a market, send the requests, let every payment come to its end, and compare."""
    since = stage.chain.block().number + 1
    before = balances(stage)
    start(stage)
    crowd = Crowd(stage.url)
    began = time.monotonic()
    crowd.run(iter(plan(requests, seed, SIDECARS)), CONCURRENCY)
    seconds = time.monotonic() - began
    collect(stage)
    return Loaded(crowd, settle(stage, before, since), seconds)


def collect(stage: Theatre) -> None:
    """Let receipts come to their operators, and have these redeem them as they do when they are stopped."""
    journals = Journals(stage)
    deadline = time.monotonic() + BALANCE_SECONDS
    while any("receipt not pushed" in journals.open_requests(s) for s in SIDECARS):
        if time.monotonic() > deadline:
            break  # the comparison says what is open
        time.sleep(0.2)
    journals.close()
    for operator in OPERATORS:
        stage.stop(operator)
    for operator in OPERATORS:
        stage.start(operator)  # what was not redeemed in a shutdown's time is taken up again
        stage.wait_ready(operator)
    # A client that hung up may have left an authorisation unused: it ends with the chain's time.
    stage.chain.advance(EXPIRY_SECONDS)


def settle(
    stage: Theatre, before: dict[str, int], since: int, facilitator: str = "facilitator"
) -> Books:
    """Compare until everything is equal or the time is over."""
    deadline = time.monotonic() + BALANCE_SECONDS
    while True:
        books = compare(stage, before, since, facilitator)
        if books.balanced or time.monotonic() > deadline:
            return books
        time.sleep(1)
