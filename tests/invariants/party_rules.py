"""Parties beside a Python model of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from hypothesis.stateful import rule

from tests.contracts.economy import ETHER, PARTY
from tests.contracts.market.squad import ACTIVE, COMPLETED, DISBANDED, FORMING, HOUR
from tests.invariants.machine import DICE
from tests.invariants.world import World

BPS = 10_000
MOST_LIVE = 32
ENDINGS = ("joinParty", "completeParty", "disbandParty")


@dataclass
class PartyRecord:
    """One party as the model has it. A consent is the seat's count of transfers at that time."""

    creator: bytes
    expiry: int
    shares: dict[int, int]
    consents: dict[int, int] = field(default_factory=dict)
    funded: dict[bytes, int] = field(default_factory=dict)
    status: int = FORMING

    @property
    def live(self) -> bool:
        return self.status in (FORMING, ACTIVE)

    @property
    def pot(self) -> int:
        return sum(self.funded.values())

    def cuts(self) -> dict[int, int]:
        """The split; what rounding leaves goes to the last seat."""
        cuts = {seat: self.pot * share // BPS for seat, share in self.shares.items()}
        last = list(self.shares)[-1]
        cuts[last] = self.pot - sum(cuts.values()) + cuts[last]
        return cuts


class PartyRules(World):
    """Squads form, join, fund and end, while their seats change hands."""

    def __init__(self) -> None:
        super().__init__()
        self.parties: dict[int, PartyRecord] = {}
        self.party_paid: dict[int, int] = {}
        self.party_closed: set[int] = set()

    @rule(dice=DICE)
    def party_step(self, dice: Random) -> None:
        """Time, a new party, money, a seat sold, or a step of one party: mostly one that works."""
        self.time_passes(dice)
        live = [id_ for id_, party in self.parties.items() if party.live]
        chance = dice.random()
        if not live or chance < 0.15:
            self.form_party(dice)
        elif chance < 0.40:
            self.fund_party(dice.choice(live), dice)
        elif chance < 0.47:
            self.sell_seat(dice)
        else:
            self.end_or_join(dice)

    def form_party(self, dice: Random) -> None:
        creator = dice.choice(self.actors)
        count = dice.randint(1, min(5, len(self.holder)))
        seats = dice.sample(sorted(self.holder), count)
        cuts = sorted(dice.sample(range(1, BPS), count - 1))
        shares = [b - a for a, b in zip([0, *cuts], [*cuts, BPS], strict=True)]
        ttl = dice.choice((HOUR, HOUR, 2 * HOUR, 86_400))
        expect = None
        if self.live_parties_of(creator) >= MOST_LIVE:
            expect = "TooManyActiveParties"
        if dice.random() < 0.08:
            expect = dice.choice(("BadTtl", "BadShares", "UnknownMember", "DuplicateMember"))
            if expect == "BadTtl":
                ttl = dice.choice((0, HOUR - 1, 90 * 86_400 + 1))
            elif expect == "BadShares":
                shares[-1] += dice.choice((-1, 1))
            elif expect == "UnknownMember":
                seats[0] = 10_000
            else:
                seats, shares = [seats[0]] * 2, [BPS // 2] * 2
        receipt = self.attempt(
            self.economy.party, "formParty", seats, shares, ttl, sender=creator, expect=expect
        )
        if receipt is None:
            return
        assert receipt.value == len(self.parties) + 1
        party = PartyRecord(creator, self.now + ttl, dict(zip(seats, shares, strict=True)))
        self.parties[receipt.value] = party
        self.consent(party, creator)

    def consent(self, party: PartyRecord, who: bytes) -> None:
        """Every seat of `who`'s; with the last one good the party is active for as long as it lives."""
        for seat in party.shares:
            if self.holder.get(seat) == who:
                party.consents[seat] = self.transfers[seat]
        if self.good_seats(party) == len(party.shares):
            party.status = ACTIVE

    def good_seats(self, party: PartyRecord) -> int:
        consents = party.consents.items()
        return sum(seat in self.holder and self.transfers[seat] == then for seat, then in consents)

    def fund_party(self, id_: int, dice: Random) -> None:
        who, party = dice.choice(self.actors), self.parties[id_]
        amount = self.within_purse(who, dice.choice((1, 7, 10_001, ETHER, 3 * ETHER + 1)))
        expect = "Expired" if self.now > party.expiry else None
        if amount == 0:
            expect = "ZeroAmount"
        if expect and dice.random() < 0.8:
            return
        facet = self.economy.party
        if self.attempt(facet, "fundParty", id_, amount, sender=who, expect=expect):
            party.funded[who] = party.funded.get(who, 0) + amount
            self.escrow(who, amount, PARTY)

    def sell_seat(self, dice: Random) -> None:
        live = [party for party in self.parties.values() if party.live]
        seats = sorted({seat for party in live for seat in party.shares})
        seat, to = dice.choice(seats), dice.choice(self.actors)
        holder = self.holder[seat]
        self.attempt(self.economy.erc721, "transferFrom", holder, to, seat, sender=holder)
        self.hand_over(seat, to)

    def end_or_join(self, dice: Random) -> None:
        moves = [
            (name, id_, who)
            for id_, party in self.parties.items()
            if party.live
            for name in ENDINGS
            for who in self.actors
        ]
        # Joining first: most parties shall become what they were formed for.
        good = [move for move in moves if self.party_verdict(*move) is None]
        joins = [move for move in good if move[0] == "joinParty"]
        if joins and dice.random() < 0.7:
            good = joins
        elif dice.random() < 0.7:
            good = [move for move in good if move[0] == "completeParty"] or good
        if good and dice.random() < 0.9:
            self.perform_party(*dice.choice(good))
        elif dice.random() < 0.5:
            id_ = dice.randint(1, len(self.parties) + 1)
            self.perform_party(dice.choice(ENDINGS), id_, dice.choice(self.actors))

    def party_verdict(self, name: str, id_: int, who: bytes) -> str | None:
        """The error the facet must raise, in its documented order."""
        party = self.parties.get(id_)
        if party is None:
            return "UnknownParty"
        late = self.now > party.expiry
        if name == "disbandParty":
            if not party.live:
                return "NotLive"
            return None if who == party.creator or late else "NotDisbandable"  # PT-I4
        if name == "joinParty":
            waiting = any(
                self.holder.get(seat) == who and party.consents.get(seat) != self.transfers[seat]
                for seat in party.shares
            )
            if not party.live or (party.status == ACTIVE and not waiting):
                return "NotForming"
            if late:
                return "Expired"
            return None if waiting else "NothingToConsent"
        if who != party.creator:
            return "NotCreator"
        if party.status != ACTIVE:
            return "NotActive"
        if late:
            return "Expired"  # PT-I4
        return None if self.good_seats(party) == len(party.shares) else "ConsentStale"

    def perform_party(self, name: str, id_: int, who: bytes) -> None:
        expect = self.party_verdict(name, id_, who)
        if self.attempt(self.economy.party, name, id_, sender=who, expect=expect) is None:
            return
        if name == "joinParty":
            self.consent(self.parties[id_], who)
        else:
            self.end_party(id_, completed=name == "completeParty")

    def end_party(self, id_: int, *, completed: bool) -> None:
        party = self.parties[id_]
        assert id_ not in self.party_paid
        if completed:
            party.status = COMPLETED
            payments = [(self.account[seat], cut) for seat, cut in party.cuts().items()]
        else:
            party.status = DISBANDED
            payments = list(party.funded.items())  # PT-I3: what they put in, exactly
        for account, amount in payments:
            self.release(account, amount, PARTY)
        self.party_paid[id_] = sum(amount for _, amount in payments)
        assert self.party_paid[id_] == party.pot  # PT-I2

    def live_parties_of(self, creator: bytes) -> int:
        return sum(party.creator == creator and party.live for party in self.parties.values())

    def check(self) -> None:
        super().check()
        facet = self.economy.party
        live = {id_: party for id_, party in self.parties.items() if party.live}
        held = self.economy.held(PARTY)
        assert held == self.held[PARTY] == sum(party.pot for party in live.values())  # PT-I1
        told = 0
        for id_, party in self.parties.items():
            if id_ in self.party_closed:
                continue
            good = self.good_seats(party)
            state = (party.creator, party.expiry, party.status, party.pot, len(party.shares), good)
            assert facet.call("getParty", id_) == state
            funders = facet.call("partyFundersOf", id_)
            assert funders == tuple(party.funded)
            amounts = [facet.call("partyContributionOf", id_, who) for who in funders]
            assert amounts == list(party.funded.values())
            if party.live:
                told += sum(amounts)
            else:
                self.party_closed.add(id_)  # read back once more, and for the last time
        assert told == held  # PT-I1
        assert facet.call("liveParties", 0, 200) == (tuple(live), len(self.parties))
        for actor in self.actors:
            mine = tuple(i for i, party in self.parties.items() if party.creator == actor)
            assert facet.call("partiesOf", actor) == mine
            assert facet.call("activePartyCountOf", actor) == self.live_parties_of(actor)

    def teardown(self) -> None:
        """Liveness: after the longest life a stranger gets every pot back to where it came from."""
        live = [id_ for id_, party in self.parties.items() if party.live]
        self.economy.later(90 * 86_400 + 1)
        for id_ in live:
            self.economy.party.send("disbandParty", id_, sender=self.economy.scheduler.address)
            self.end_party(id_, completed=False)
        assert self.held[PARTY] == 0 == self.economy.held(PARTY)
        super().teardown()
