"""One test per attack on parties."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Bound, reverts
from tests.contracts.economy import ETHER, OWED, PARTY
from tests.contracts.market.squad import ACTIVE, COMPLETED, DISBANDED, HOUR, SHARES, Squad
from tests.contracts.signing import Key

NORMAL, FALSE, FEE, REENTER, BLOCK = 0, 2, 5, 6, 7
MAX_FUNDERS = 64


def hostile(squad: Squad) -> Bound:
    """A hostile $LH; everybody has 100 and approved the diamond."""
    economy = squad.economy
    token = economy.bound("HostileToken", economy.create("HostileToken"))
    economy.credits_facet.send("setCreditsToken", token.address, sender=economy.owner.address)
    for key in economy.keys.values():
        token.send("mint", key.address, 100 * ETHER, sender=key.address)
        token.send("approve", economy.diamond, 2**255, sender=key.address)
    return token


def block(token: Bound, account: bytes) -> None:
    token.send("setBlocked", account, sender=account)
    token.send("setMode", BLOCK, sender=account)


@pytest.mark.parametrize("outer", ["completeParty", "disbandParty", "fundParty"])
def test_reentrant_settlement(squad: Squad, outer: str) -> None:
    token, economy = hostile(squad), squad.economy
    victim = squad.form(creator=squad.stranger)
    squad.fund(victim, 5 * ETHER)
    mine = squad.active(fund=ETHER)
    squad.fund(mine, ETHER, squad.creator)
    value = {"fundParty": (ETHER,)}
    for inner in ("completeParty", "disbandParty", "fundParty"):
        for target in (mine, victim):
            mark = economy.evm.snapshot()
            payload = squad.facet.data(inner, target, *value.get(inner, ()))
            token.send("setReentry", economy.diamond, payload, sender=squad.creator)
            token.send("setMode", REENTER, sender=squad.creator)
            squad.send(outer, mine, *value.get(outer, ()), sender=squad.creator)
            count, ok, answer = token.call("reentry")
            assert count >= 1
            assert (ok, squad.facet.interface.error(answer)[0]) == (False, "Reentrancy")
            left = economy.held(PARTY, token.address)
            assert left == (8 * ETHER if outer == "fundParty" else 5 * ETHER)
            assert token.call("balanceOf", economy.diamond) == left
            economy.evm.revert(mark)


def test_a_callback_that_joins_changes_nothing_about_the_payment(squad: Squad) -> None:
    """Joining takes no lock: in the middle of a completion the party has already ended."""
    token, economy = hostile(squad), squad.economy
    id_ = squad.active(fund=ETHER)
    payload = squad.facet.data("joinParty", id_)
    token.send("setReentry", economy.diamond, payload, sender=squad.creator)
    token.send("setMode", REENTER, sender=squad.creator)
    squad.complete(id_)
    _, ok, answer = token.call("reentry")
    assert (ok, squad.facet.interface.error(answer)[0]) == (False, "NotForming")
    assert economy.held(PARTY, token.address) == 0


@pytest.mark.parametrize("wrong", [-1, 1])
def test_shares_that_are_off_by_one(squad: Squad, wrong: int) -> None:
    for position in range(3):
        shares = list(SHARES)
        shares[position] += wrong
        with reverts("BadShares"):
            squad.form(shares=shares)
    squad.form()


def test_shares_cannot_wrap_around(squad: Squad) -> None:
    """Sixteen times the largest share is far from overflowing what they are added up in."""
    seats = [squad.economy.register("erin", f"seat-{n}") for n in range(16)]
    for shares in ([65_535] * 16, [4_096] * 16):
        with reverts("BadShares"):
            squad.form(seats, shares)


def test_a_duplicate_member_gets_no_second_share(squad: Squad) -> None:
    one, two, three = squad.seats
    for seats in ([one, one, two], [one, two, one], [three, two, two]):
        with reverts("DuplicateMember"):
            squad.form(seats)
    assert squad.facet.call("partyCount") == 0


def test_a_stranger_cannot_join_for_a_member(squad: Squad) -> None:
    id_ = squad.form()
    for outsider in (squad.stranger, squad.funder, squad.economy.owner.address):
        with reverts("NothingToConsent"):
            squad.send("joinParty", id_, sender=outsider)
    assert squad.state(id_).accepted == 1


def test_dust_in_every_funder_slot_leaves_the_creator_one(squad: Squad) -> None:
    economy = squad.economy
    id_ = squad.form()
    crowd = [Key.named(f"dust {n}").address for n in range(MAX_FUNDERS + 1)]
    for who in crowd:
        economy.credits.send("transfer", who, 2, sender=squad.stranger)
        economy.credits.send("approve", economy.diamond, 2, sender=who)
    for who in crowd[:-1]:
        squad.fund(id_, 1, who)
    for newcomer in (crowd[-1], squad.funder):
        with reverts("TooManyFunders"):
            squad.fund(id_, 1, newcomer)
    with reverts("TooManyFunders"):
        squad.fund(id_, 2**96, squad.funder)
    with reverts("CastOverflow"):
        squad.fund(id_, 2**96, crowd[0])
    squad.fund(id_, 1, crowd[0])  # whoever has a slot may add to it
    squad.fund(id_, ETHER, squad.creator)
    squad.fund(id_, ETHER, squad.creator)
    assert squad.facet.call("partyFundersOf", id_) == (*crowd[:-1], squad.creator)
    squad.disband(id_)
    assert squad.escrow() == 0
    assert [economy.balance(who) for who in crowd] == [2] * len(crowd)


def test_a_creator_who_funds_first_leaves_63(squad: Squad) -> None:
    economy = squad.economy
    id_ = squad.form()
    squad.fund(id_, 1, squad.creator)
    crowd = [Key.named(f"dust {n}").address for n in range(MAX_FUNDERS)]
    for who in crowd:
        economy.credits.send("transfer", who, 1, sender=squad.stranger)
        economy.credits.send("approve", economy.diamond, 1, sender=who)
    for who in crowd[:-1]:
        squad.fund(id_, 1, who)
    with reverts("TooManyFunders"):
        squad.fund(id_, 1, crowd[-1])


def test_a_blocked_funder_cannot_block_the_others_refunds(squad: Squad) -> None:
    token, economy = hostile(squad), squad.economy
    id_ = squad.form(ttl=HOUR)
    people = (squad.creator, squad.funder, squad.stranger)
    for who in people:
        squad.fund(id_, ETHER, who)
    economy.later(HOUR + 1)
    block(token, squad.funder)
    receipt = squad.disband(id_, squad.bob)
    assert receipt.only("Owed") == {"token": token.address, "to": squad.funder, "amount": ETHER}
    assert receipt.only("PartyDisbanded")["refundedWei"] == 3 * ETHER
    balances = [token.call("balanceOf", who) for who in people]
    assert balances == [100 * ETHER, 99 * ETHER, 100 * ETHER]
    assert economy.held(PARTY, token.address) == 0
    assert economy.held(OWED, token.address) == ETHER
    token.send("setMode", NORMAL, sender=squad.bob)
    economy.treasury.send("claimOwed", token.address, sender=squad.funder)
    assert token.call("balanceOf", squad.funder) == 100 * ETHER


def test_a_blocked_member_cannot_block_the_others_pay(squad: Squad) -> None:
    token, economy = hostile(squad), squad.economy
    id_ = squad.active(fund=10_000)
    block(token, squad.accounts[1])
    receipt = squad.complete(id_)
    assert receipt.only("Owed")["to"] == squad.accounts[1]
    balances = [token.call("balanceOf", account) for account in squad.accounts]
    assert balances == [3_333, 0, 3_334]
    assert economy.treasury.call("owedOf", token.address, squad.accounts[1]) == 3_333
    assert (economy.held(PARTY, token.address), squad.status(id_)) == (0, COMPLETED)


def test_a_token_that_keeps_a_part_cannot_enter_the_pot(squad: Squad) -> None:
    token = hostile(squad)
    id_ = squad.active()
    token.send("setFee", 100, sender=squad.creator)
    token.send("setMode", FEE, sender=squad.creator)
    with reverts("TokenDelta", 10_000, 9_900):
        squad.fund(id_, 10_000)
    assert squad.state(id_).escrow == 0


def test_no_ghost_contribution_when_the_pull_fails(squad: Squad) -> None:
    economy = squad.economy
    id_ = squad.form()
    economy.credits.send("approve", economy.diamond, ETHER - 1, sender=squad.funder)
    before = economy.evm.storage(economy.diamond)
    with reverts("TokenCallFailed", economy.credits.address):
        squad.fund(id_)
    assert economy.evm.storage(economy.diamond) == before
    assert squad.facet.call("partyFundersOf", id_) == ()


def test_the_buyer_of_a_seat_has_not_consented(squad: Squad) -> None:
    """Nor has who gets it back: the consent ended with the first change of hands."""
    id_ = squad.active(fund=ETHER)
    squad.hand_over(squad.seats[1], squad.stranger)
    with reverts("ConsentStale"):
        squad.complete(id_)
    squad.hand_over(squad.seats[1], squad.bob)
    with reverts("ConsentStale"):
        squad.complete(id_)
    squad.join(id_, squad.bob)
    squad.complete(id_)
    assert squad.economy.balance(squad.accounts[1]) == ETHER * 3_333 // 10_000


def test_a_seat_that_was_burned_can_neither_be_paid_nor_come_back(squad: Squad) -> None:
    burn = squad.economy.add_facet("BurnFacet")
    id_ = squad.active(fund=ETHER)
    burn.send("burn", squad.seats[1], sender=squad.bob)
    again = squad.economy.register("bob", "seat-bob")  # the name, as another identity
    assert again not in squad.seats
    with reverts("TbaUnresolved"):
        squad.complete(id_)
    with reverts("NotForming"):
        squad.send("joinParty", id_, sender=squad.bob)
    before = squad.economy.balance(squad.funder)
    squad.disband(id_)
    assert squad.economy.balance(squad.funder) - before == ETHER


def test_the_creator_cannot_change_what_was_consented_to(squad: Squad) -> None:
    """The split is fixed: another one is another party, with no consent but the creator's."""
    id_ = squad.active(fund=ETHER)
    other = squad.form(shares=(9_998, 1, 1))
    squad.fund(other, 1)
    assert squad.facet.call("partySharesOf", id_) == SHARES
    with reverts("NotActive"):
        squad.complete(other)
    assert squad.state(other).accepted == 1
    squad.complete(id_)
    balances = [squad.economy.balance(account) for account in squad.accounts]
    assert balances == [ETHER * share // 10_000 for share in SHARES]


def test_nothing_leaves_twice(squad: Squad) -> None:
    squad.fund(squad.form(creator=squad.stranger), ETHER)
    completed, disbanded = squad.active(fund=ETHER, ttl=HOUR), squad.active(fund=ETHER, ttl=HOUR)
    squad.complete(completed)
    squad.disband(disbanded)
    for _ in range(2):
        for id_ in (completed, disbanded):
            with reverts("NotActive"):
                squad.complete(id_)
            with reverts("NotLive"):
                squad.disband(id_)
            with reverts("NotLive"):
                squad.fund(id_)
            with reverts("NotForming"):
                squad.send("joinParty", id_, sender=squad.bob)
        squad.economy.later(HOUR + 1)
    assert squad.escrow() == ETHER
    assert squad.facet.call("activePartyCountOf", squad.creator) == 0
    assert (squad.status(completed), squad.status(disbanded)) == (COMPLETED, DISBANDED)


def test_a_creator_who_never_settles_holds_nothing(squad: Squad) -> None:
    """Whatever the state, the pot comes back after expiry without the creator."""
    ids = [squad.form(ttl=HOUR), squad.active(ttl=HOUR)]
    for id_ in ids:
        squad.fund(id_)
    squad.hand_over(squad.seats[1], squad.stranger)
    squad.economy.later(HOUR + 1)
    before = squad.economy.balance(squad.funder)
    for id_ in ids:
        squad.disband(id_, squad.stranger)
    assert squad.economy.balance(squad.funder) - before == 2 * ETHER


def test_a_member_may_fund_and_the_account_may_be_a_funder(squad: Squad) -> None:
    """An identity's account acts like anybody else."""
    economy = squad.economy
    id_ = squad.active()
    account = economy.tba.send("createTokenBoundAccount", squad.seats[1], sender=squad.bob).value
    economy.credits.send("transfer", account, 7, sender=squad.bob)
    handle = economy.bound("TokenBoundAccount", account)
    approve = economy.credits.data("approve", economy.diamond, 7)
    handle.send("execute", economy.credits.address, 0, approve, 0, sender=squad.bob)
    fund = squad.facet.data("fundParty", id_, 7)
    handle.send("execute", economy.diamond, 0, fund, 0, sender=squad.bob)
    assert squad.facet.call("partyContributionOf", id_, account) == 7
    squad.disband(id_)
    assert economy.balance(account) == 7
    assert squad.status(id_) != ACTIVE
