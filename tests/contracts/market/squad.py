"""A party as its people see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tests.contracts.calls import Bound, Receipt
from tests.contracts.economy import ETHER, PARTY, Economy

FORMING, ACTIVE, COMPLETED, DISBANDED = range(4)
HOUR, DAY = 3_600, 86_400
SHARES = (3_333, 3_333, 3_334)


class PartyState(NamedTuple):
    """What getParty answers."""

    creator: bytes
    expiry: int
    status: int
    escrow: int
    members: int
    accepted: int


class Squad:
    """Alice forms parties; she, bob and carol hold a seat each; dave funds; erin is a stranger."""

    def __init__(self, economy: Economy) -> None:
        self.economy = economy
        self.facet: Bound = economy.party
        names = ("alice", "bob", "carol", "dave", "erin")
        self.creator, self.bob, self.carol, self.funder, self.stranger = map(economy.address, names)
        self.seats = [economy.register(name, f"seat-{name}") for name in names[:3]]
        self.accounts = [economy.account_of(seat) for seat in self.seats]

    def send(self, name: str, *args: object, sender: bytes) -> Receipt:
        return self.facet.send(name, *args, sender=sender)

    def form(
        self,
        seats: Sequence[int] | None = None,
        shares: Sequence[int] = SHARES,
        ttl: int = DAY,
        creator: bytes | None = None,
    ) -> int:
        seats = self.seats if seats is None else seats
        args = (list(seats), list(shares), ttl)
        return int(self.send("formParty", *args, sender=creator or self.creator).value)

    def join(self, id_: int, *who: bytes) -> None:
        for holder in who or (self.bob, self.carol):
            self.send("joinParty", id_, sender=holder)

    def fund(self, id_: int, amount: int = ETHER, sender: bytes | None = None) -> Receipt:
        return self.send("fundParty", id_, amount, sender=sender or self.funder)

    def active(self, *, fund: int = 0, ttl: int = DAY) -> int:
        """A party to which everybody has consented."""
        id_ = self.form(ttl=ttl)
        self.join(id_)
        if fund:
            self.fund(id_, fund)
        return id_

    def complete(self, id_: int) -> Receipt:
        return self.send("completeParty", id_, sender=self.creator)

    def disband(self, id_: int, sender: bytes | None = None) -> Receipt:
        return self.send("disbandParty", id_, sender=sender or self.creator)

    def hand_over(self, seat: int, to: bytes) -> None:
        holder = self.economy.erc721.call("ownerOf", seat)
        self.economy.erc721.send("transferFrom", holder, to, seat, sender=holder)

    def state(self, id_: int) -> PartyState:
        return PartyState(*self.facet.call("getParty", id_))

    def status(self, id_: int) -> int:
        return self.state(id_).status

    def escrow(self) -> int:
        return self.economy.held(PARTY)

    def live(self) -> tuple[int, ...]:
        return tuple(self.facet.call("liveParties", 0, 200)[0])
