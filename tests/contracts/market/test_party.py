"""Parties, function by function."""

from __future__ import annotations

import pytest

from tests.contracts.calls import reverts
from tests.contracts.economy import CANONICAL_REGISTRY, ETHER, Economy, bare
from tests.contracts.market.squad import (
    ACTIVE,
    COMPLETED,
    DAY,
    DISBANDED,
    FORMING,
    HOUR,
    SHARES,
    Squad,
)
from tests.contracts.signing import Key


def test_forming(squad: Squad) -> None:
    now = squad.economy.now
    receipt = squad.send("formParty", squad.seats, SHARES, DAY, sender=squad.stranger)
    assert receipt.value == 1 == squad.facet.call("partyCount")
    assert receipt.names() == ["PartyFormed"]
    assert receipt.only("PartyFormed") == {
        "id": 1,
        "creator": squad.stranger,
        "expiry": now + DAY,
        "memberCount": 3,
    }
    assert squad.state(1) == (squad.stranger, now + DAY, FORMING, 0, 3, 0)
    assert squad.facet.call("partyMembersOf", 1) == tuple(squad.seats)
    assert squad.facet.call("partySharesOf", 1) == SHARES
    assert squad.facet.call("partyFundersOf", 1) == ()
    assert squad.facet.call("partiesOf", squad.stranger) == (1,)
    assert squad.facet.call("activePartyCountOf", squad.stranger) == 1
    assert squad.live() == (1,)


def test_the_creators_own_seats_consent_at_once(squad: Squad) -> None:
    receipt = squad.send("formParty", squad.seats, SHARES, DAY, sender=squad.creator)
    assert receipt.names() == ["PartyFormed", "PartyJoined"]
    assert receipt.only("PartyJoined") == {
        "id": 1,
        "memberTokenId": squad.seats[0],
        "holder": squad.creator,
    }
    assert squad.state(1)[2:] == (FORMING, 0, 3, 1)
    consents = [squad.facet.call("partyConsentOf", 1, seat) for seat in squad.seats]
    assert consents == [True, False, False]
    assert not squad.facet.call("partyConsentOf", 1, 99)


def test_a_party_of_ones_own_begins_active(squad: Squad) -> None:
    mine = [squad.economy.register("alice", f"mine-{n}") for n in range(16)]
    receipt = squad.send("formParty", mine, [625] * 16, DAY, sender=squad.creator)
    assert receipt.names() == ["PartyFormed", *["PartyJoined"] * 16, "PartyActivated"]
    assert squad.state(1)[2:] == (ACTIVE, 0, 16, 16)
    assert squad.facet.call("partyMembersOf", 1) == tuple(mine)
    assert squad.facet.call("partySharesOf", 1) == (625,) * 16


def test_forming_refusals_in_order(squad: Squad) -> None:
    one, two, three = squad.seats

    def form(seats: list[int], shares: list[int], ttl: int = DAY) -> None:
        squad.send("formParty", seats, shares, ttl, sender=squad.creator)

    for seats, shares in (([], []), ([99] * 17, [0] * 17), ([99], []), ([99], [0, 0])):
        with reverts("BadMembers"):
            form(seats, shares, 0)
    for ttl in (0, HOUR - 1, 90 * DAY + 1, 2**64 - 1):
        with reverts("BadTtl"):
            form([99], [0], ttl)
    for shares in ([0, 10_000], [5_000, 4_999], [5_000, 5_001], [65_535, 65_535], [0, 0]):
        with reverts("BadShares"):
            form([99, 99], shares)
    for seats in ([0, 0], [one, 99], [99, 99], [one, 2**32 + one], [2**256 - 1, one]):
        with reverts("UnknownMember"):
            form(seats, [5_000, 5_000])
    with reverts("UnknownMember"):
        form([one, one, 99], list(SHARES))
    for seats in ([one, one, two], [one, two, one], [two, three, three]):
        with reverts("DuplicateMember"):
            form(seats, list(SHARES))
    for ttl in (HOUR, 90 * DAY):
        form([one, two], [1, 9_999], ttl)


def test_ids_with_equal_last_bytes_are_no_duplicates(squad: Squad) -> None:
    ids = [squad.economy.register("erin", f"erin-{n}") for n in range(2 * 256)]
    alike = [id_ for id_ in ids if id_ & 0xFF == 7]
    assert len(alike) == 2
    squad.form(alike, [5_000, 5_000])
    with reverts("DuplicateMember"):
        squad.form([*alike, alike[0]], SHARES)
    with reverts("DuplicateMember"):
        squad.form([*alike, alike[1]], SHARES)


def test_at_most_32_live_parties(squad: Squad) -> None:
    ids = [squad.form([squad.seats[1]], [10_000]) for _ in range(32)]
    with reverts("TooManyActiveParties"):
        squad.form()
    with reverts("DuplicateMember"):
        squad.form([squad.seats[1]] * 2, [5_000] * 2)
    squad.form(creator=squad.stranger)
    squad.disband(ids[0])
    squad.form()
    with reverts("TooManyActiveParties"):
        squad.form()


def test_nothing_is_known_about_unknown_parties(squad: Squad) -> None:
    calls: dict[str, tuple[int, ...]] = {
        "getParty": (),
        "partyMembersOf": (),
        "partySharesOf": (),
        "partyFundersOf": (),
        "partyConsentOf": (1,),
    }
    for name, args in calls.items():
        for id_ in (0, 1, 2**256 - 1):
            with reverts("UnknownParty"):
                squad.facet.call(name, id_, *args)
    for name in ("joinParty", "completeParty", "disbandParty"):
        with reverts("UnknownParty"):
            squad.send(name, 1, sender=squad.creator)
    with reverts("ZeroAmount"):
        squad.fund(1, 0)
    with reverts("UnknownParty"):
        squad.fund(1)
    assert squad.facet.call("partyContributionOf", 1, squad.creator) == 0


def test_joining(squad: Squad) -> None:
    id_ = squad.form()
    receipt = squad.send("joinParty", id_, sender=squad.bob)
    assert receipt.names() == ["PartyJoined"]
    assert receipt.only("PartyJoined")["memberTokenId"] == squad.seats[1]
    assert squad.state(id_)[2:] == (FORMING, 0, 3, 2)
    receipt = squad.send("joinParty", id_, sender=squad.carol)
    assert receipt.names() == ["PartyJoined", "PartyActivated"]
    assert squad.state(id_)[2:] == (ACTIVE, 0, 3, 3)
    for who in (squad.bob, squad.stranger):
        with reverts("NotForming"):
            squad.send("joinParty", id_, sender=who)


def test_one_call_consents_for_all_seats_of_the_caller(squad: Squad) -> None:
    squad.hand_over(squad.seats[2], squad.bob)
    id_ = squad.form()
    receipt = squad.send("joinParty", id_, sender=squad.bob)
    assert receipt.names() == ["PartyJoined", "PartyJoined", "PartyActivated"]
    assert squad.status(id_) == ACTIVE


def test_joining_refusals_in_order(squad: Squad) -> None:
    id_ = squad.form(ttl=HOUR)
    for who in (squad.creator, squad.stranger):
        with reverts("NothingToConsent"):
            squad.send("joinParty", id_, sender=who)
    squad.economy.later(HOUR + 1)
    for who in (squad.bob, squad.stranger):
        with reverts("Expired"):
            squad.send("joinParty", id_, sender=who)
    squad.disband(id_)
    with reverts("NotForming"):
        squad.send("joinParty", id_, sender=squad.bob)


@pytest.mark.parametrize(("late", "works"), [(-1, True), (0, True), (1, False)])
def test_joining_and_funding_until_expiry(squad: Squad, late: int, works: bool) -> None:
    id_ = squad.form(ttl=HOUR)
    squad.economy.later(HOUR + late)
    if works:
        squad.join(id_, squad.bob)
        squad.fund(id_)
        return
    with reverts("Expired"):
        squad.join(id_, squad.bob)
    with reverts("Expired"):
        squad.fund(id_)


def test_funding(squad: Squad) -> None:
    id_ = squad.form()
    before = squad.economy.balance(squad.funder)
    receipt = squad.fund(id_, 3 * ETHER)
    assert receipt.only("PartyFunded") == {
        "id": id_,
        "funder": squad.funder,
        "amount": 3 * ETHER,
    }
    assert before - squad.economy.balance(squad.funder) == 3 * ETHER == squad.escrow()
    squad.join(id_)
    squad.fund(id_, 2, squad.creator)
    squad.fund(id_, 1)
    squad.fund(id_, 5, squad.stranger)
    assert squad.state(id_)[2:4] == (ACTIVE, 3 * ETHER + 8)
    funders = (squad.funder, squad.creator, squad.stranger)
    assert squad.facet.call("partyFundersOf", id_) == funders
    contributions = [squad.facet.call("partyContributionOf", id_, who) for who in funders]
    assert contributions == [3 * ETHER + 1, 2, 5]
    assert squad.escrow() == 3 * ETHER + 8


def test_funding_refusals_in_order(squad: Squad) -> None:
    id_ = squad.form(ttl=HOUR)
    with reverts("ZeroAmount"):
        squad.fund(id_, 0)
    with reverts("CastOverflow"):
        squad.fund(id_, 2**96)
    with reverts("CastOverflow"):
        squad.fund(id_, 2**128 - 1)
    squad.fund(id_, 7)
    with reverts("CastOverflow"):
        squad.fund(id_, 2**96 - 7)
    with reverts("TokenCallFailed", squad.economy.credits.address):
        squad.fund(id_, 2**96 - 8)  # more than anybody has
    squad.disband(id_)
    squad.economy.later(HOUR + 1)
    with reverts("NotLive"):
        squad.fund(id_)


def test_funding_needs_a_token() -> None:
    economy = bare()
    bob = economy.address("bob")
    economy.registry.send("register", "bob", sender=bob)
    economy.party.send("formParty", [1], [10_000], HOUR, sender=bob)
    with reverts("NotConfigured"):
        economy.party.send("fundParty", 1, 1, sender=bob)
    with reverts("TbaUnresolved"):
        economy.party.send("completeParty", 1, sender=bob)
    owner = economy.owner.address
    economy.tba.send("setTbaConfig", CANONICAL_REGISTRY, economy.account_impl, sender=owner)
    economy.party.send("completeParty", 1, sender=bob)  # nothing to pay, no token needed
    assert economy.party.call("getParty", 1)[2] == COMPLETED


def test_completion_splits_to_the_last_wei_pt_i2(squad: Squad) -> None:
    escrow = 3 * ETHER + 101
    id_ = squad.active(fund=escrow)
    receipt = squad.complete(id_)
    cut = escrow * 3_333 // 10_000
    amounts = [cut, cut, escrow - 2 * cut]
    assert amounts[2] > escrow * 3_334 // 10_000  # the remainder
    paid = [event.args for event in receipt.events if event.name == "PartyMemberPaid"]
    assert paid == [
        {"id": id_, "memberTokenId": seat, "account": account, "amount": amount}
        for seat, account, amount in zip(squad.seats, squad.accounts, amounts, strict=True)
    ]
    assert receipt.only("PartyCompleted") == {"id": id_, "escrowWei": escrow}
    assert [squad.economy.balance(account) for account in squad.accounts] == amounts
    assert (squad.escrow(), squad.live()) == (0, ())
    assert squad.state(id_)[2:] == (COMPLETED, escrow, 3, 3)
    assert squad.facet.call("activePartyCountOf", squad.creator) == 0


@pytest.mark.parametrize("escrow", [1, 2, 3, 9_999, 10_000, 10_001, 2**64 + 1])
def test_small_pots_are_split_exactly_too_pt_i2(squad: Squad, escrow: int) -> None:
    seats = [*squad.seats, *(squad.economy.register("alice", f"more-{n}") for n in range(4))]
    shares = [1, 2, 3, 4, 90, 4_900, 5_000]
    id_ = squad.form(seats, shares)
    squad.join(id_)
    squad.fund(id_, escrow)
    receipt = squad.complete(id_)
    amounts = [escrow * share // 10_000 for share in shares[:-1]]
    amounts.append(escrow - sum(amounts))
    accounts = [squad.economy.account_of(seat) for seat in seats]
    assert [squad.economy.balance(account) for account in accounts] == amounts
    # A share that rounds to nothing is not paid and not told.
    assert receipt.names().count("PartyMemberPaid") == sum(amount != 0 for amount in amounts)
    assert squad.escrow() == 0


def test_completing_an_empty_pot_only_ends_the_party(squad: Squad) -> None:
    id_ = squad.active()
    assert squad.complete(id_).names() == ["PartyCompleted"]
    assert squad.status(id_) == COMPLETED


def test_completion_refusals_in_order(squad: Squad) -> None:
    id_ = squad.form(ttl=HOUR)
    for who in (squad.bob, squad.stranger, squad.economy.owner.address):
        with reverts("NotCreator"):
            squad.send("completeParty", id_, sender=who)
    with reverts("NotActive"):
        squad.complete(id_)
    squad.join(id_)
    squad.hand_over(squad.seats[1], squad.stranger)
    with reverts("ConsentStale"):
        squad.complete(id_)
    squad.economy.later(HOUR + 1)
    with reverts("Expired"):
        squad.complete(id_)
    with reverts("NotCreator"):
        squad.send("completeParty", id_, sender=squad.stranger)
    squad.disband(id_)
    with reverts("NotActive"):
        squad.complete(id_)


def test_seats_are_looked_at_in_their_order(squad: Squad) -> None:
    burn = squad.economy.add_facet("BurnFacet")
    id_ = squad.active()
    squad.hand_over(squad.seats[1], squad.stranger)
    burn.send("burn", squad.seats[2], sender=squad.carol)
    with reverts("ConsentStale"):
        squad.complete(id_)
    squad.join(id_, squad.stranger)
    with reverts("TbaUnresolved"):
        squad.complete(id_)
    assert squad.state(id_).accepted == 2


@pytest.mark.parametrize(("late", "open_"), [(-1, True), (0, True), (1, False)])
def test_completion_and_disbanding_by_anyone_never_overlap_pt_i4(
    squad: Squad, late: int, open_: bool
) -> None:
    first, second = squad.active(ttl=HOUR), squad.active(ttl=HOUR)
    squad.economy.later(HOUR + late)
    if open_:
        with reverts("NotDisbandable"):
            squad.disband(second, squad.stranger)
        squad.complete(first)
        squad.disband(second)
        return
    with reverts("Expired"):
        squad.complete(first)
    squad.disband(second, squad.stranger)
    squad.disband(first)


def test_disbanding_pays_everybody_back_pt_i3(squad: Squad) -> None:
    people = (squad.funder, squad.creator, squad.stranger)
    before = [squad.economy.balance(who) for who in people]
    id_ = squad.form(ttl=HOUR)
    for amount, who in ((5, people[0]), (7, people[1]), (11, people[2]), (13, people[0])):
        squad.fund(id_, amount, who)
    squad.economy.later(HOUR + 1)
    receipt = squad.disband(id_, squad.bob)
    refunds = [event.args for event in receipt.events if event.name == "PartyFunderRefunded"]
    assert {refund["funder"]: refund["amount"] for refund in refunds} == {
        people[0]: 18,
        people[1]: 7,
        people[2]: 11,
    }
    assert receipt.only("PartyDisbanded") == {"id": id_, "refundedWei": 36}
    assert [squad.economy.balance(who) for who in people] == before
    assert (squad.escrow(), squad.live(), squad.status(id_)) == (0, (), DISBANDED)
    assert squad.facet.call("activePartyCountOf", squad.creator) == 0
    # What was is still to be read.
    assert squad.facet.call("partyFundersOf", id_) == people
    assert squad.facet.call("partyContributionOf", id_, people[0]) == 18


def test_disbanding_refusals_in_order(squad: Squad) -> None:
    id_ = squad.active()
    for who in (squad.bob, squad.stranger, squad.economy.owner.address):
        with reverts("NotDisbandable"):
            squad.disband(id_, who)
    assert squad.disband(id_).names() == ["PartyDisbanded"]
    for who in (squad.creator, squad.stranger):
        with reverts("NotLive"):
            squad.disband(id_, who)


def test_a_seat_that_changed_hands_consents_again(squad: Squad) -> None:
    id_ = squad.active(fund=ETHER)
    squad.hand_over(squad.seats[1], squad.stranger)
    assert squad.state(id_)[2:] == (ACTIVE, ETHER, 3, 2)
    assert not squad.facet.call("partyConsentOf", id_, squad.seats[1])
    for who in (squad.bob, squad.carol):
        with reverts("NotForming"):
            squad.send("joinParty", id_, sender=who)
    receipt = squad.send("joinParty", id_, sender=squad.stranger)
    assert receipt.names() == ["PartyJoined"]
    squad.complete(id_)


def test_a_forming_party_with_a_stale_seat_is_not_active_yet(squad: Squad) -> None:
    id_ = squad.form()
    squad.join(id_, squad.bob)
    squad.hand_over(squad.seats[1], squad.stranger)
    assert squad.send("joinParty", id_, sender=squad.carol).names() == ["PartyJoined"]
    assert squad.state(id_)[2:] == (FORMING, 0, 3, 2)
    receipt = squad.send("joinParty", id_, sender=squad.stranger)
    assert receipt.names() == ["PartyJoined", "PartyActivated"]


def test_live_parties_are_paged_inv_page(squad: Squad) -> None:
    facet = squad.facet
    assert facet.call("liveParties", 0, 10) == ((), 0)
    creators = [squad.economy.address(name) for name in ("alice", "bob", "carol")]
    ids = [squad.form(creator=creators[n % 3], ttl=HOUR) for n in range(70)]
    squad.disband(ids[4], creators[1])
    squad.disband(ids[65], creators[2])
    alive = [id_ for id_ in ids if id_ not in (ids[4], ids[65])]
    assert facet.call("liveParties", 0, 200) == (tuple(alive), 70)
    for limit in (1, 3, 64):
        cursor, seen = 0, []
        while True:
            page, following = facet.call("liveParties", cursor, limit)
            seen += page
            if following == cursor:
                break
            cursor = following
        assert seen == alive
    for start, limit in ((0, 0), (70, 5), (99, 5)):
        assert facet.call("liveParties", start, limit) == ((), 70)
    squad.economy.later(HOUR + 1)  # expired ones wait to be disbanded
    assert facet.call("liveParties", 0, 3)[0] == tuple(alive[:3])


def test_a_creators_list_is_paged(squad: Squad) -> None:
    ids = tuple(squad.form() for _ in range(19))
    page = squad.facet.call("partiesOfPage", squad.creator, 0, 8)
    assert page == (ids[:8], 8)
    assert squad.facet.call("partiesOfPage", squad.creator, 8, 200) == (ids[8:], 19)
    for start, limit in ((19, 5), (99, 5), (3, 0)):
        assert squad.facet.call("partiesOfPage", squad.creator, start, limit) == ((), 19)
    assert squad.facet.call("partiesOf", squad.creator) == ids
    assert squad.facet.call("partiesOf", squad.bob) == ()


def test_a_full_party_with_all_its_funders_can_be_ended(economy: Economy) -> None:
    """16 seats, 65 funders: both ways out stay far below a block's gas."""
    squad = Squad(economy)
    seats = [economy.register("erin", f"seat-{n}") for n in range(16)]
    people = [Key.named(f"funder {n}").address for n in range(64)]
    for who in people:
        economy.credits.send("transfer", who, 2, sender=squad.funder)
        economy.credits.send("approve", economy.diamond, 2, sender=who)
    costs = []
    for end in (squad.complete, squad.disband):
        id_ = squad.form(seats, [625] * 16)
        squad.join(id_, squad.stranger)
        for who in people:
            squad.fund(id_, 1, who)
        squad.fund(id_, ETHER, squad.creator)
        costs.append(end(id_).outcome.transaction_gas)
    assert squad.escrow() == 0
    assert max(costs) < 2_500_000, costs
