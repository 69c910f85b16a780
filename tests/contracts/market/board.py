"""The bounty board as its users see it."""

from __future__ import annotations

from typing import NamedTuple

from tests.contracts.calls import Bound, Receipt
from tests.contracts.economy import BOUNTY, ETHER, Economy

OPEN, CLAIMED, SUBMITTED, PAID, CANCELLED, RECLAIMED = range(6)
HOUR, DAY = 3_600, 86_400
TTL = DAY


class State(NamedTuple):
    """What getBounty answers."""

    poster: bytes
    reward: int
    expiry: int
    status: int
    claimant: int


class Board:
    """Bob posts; alice works as identity 1; carol is a stranger."""

    def __init__(self, economy: Economy) -> None:
        self.economy = economy
        self.facet: Bound = economy.bounty
        self.worker, self.poster = economy.address("alice"), economy.address("bob")
        self.stranger = economy.address("carol")
        self.identity = economy.register("alice", "worker")
        self.account = economy.account_of(self.identity)

    def post(
        self,
        reward: int = ETHER,
        ttl: int = TTL,
        *,
        claim_ttl: int = 0,
        review_ttl: int = 0,
        poster: bytes | None = None,
        task: bytes = b"task",
    ) -> int:
        args = (task, reward, ttl, claim_ttl, review_ttl)
        return int(self.facet.send("postBountyEx", *args, sender=poster or self.poster).value)

    def claim(self, id_: int, sender: bytes | None = None) -> Receipt:
        return self.facet.send("claimBounty", id_, self.identity, sender=sender or self.worker)

    def submit(self, id_: int, result: bytes = b"result", sender: bytes | None = None) -> Receipt:
        return self.facet.send("submitResult", id_, result, sender=sender or self.worker)

    def send(self, name: str, *args: object, sender: bytes) -> Receipt:
        return self.facet.send(name, *args, sender=sender)

    def submitted(self, **options: int) -> int:
        """A bounty with a result waiting."""
        id_ = self.post(**options)
        self.claim(id_)
        self.submit(id_)
        return id_

    def state(self, id_: int) -> State:
        return State(*self.facet.call("getBounty", id_))

    def status(self, id_: int) -> int:
        return self.state(id_).status

    def escrow(self) -> int:
        return self.economy.held(BOUNTY)

    def live(self) -> int:
        return int(self.facet.call("activeBountyCountOf", self.poster))

    def open_ids(self) -> tuple[int, ...]:
        return tuple(self.facet.call("openBounties", 0, 200)[0])
