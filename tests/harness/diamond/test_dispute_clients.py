"""Parties and staked verdicts through their typed clients."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.chain.embedded import EmbeddedChain
from harness.chain.errors import ContractError
from harness.chain.outbox import Outbox
from harness.diamond.economy import Economy
from harness.protocol.addresses import ZERO_ADDRESS

from .conftest import LH, PURSE

Join = Callable[[str], Outbox]
DAY = 86_400
PARTY_BUCKET, VALIDATION_BUCKET = 6, 8
OTHER_WORK = b"\xab" * 32


@pytest.fixture
def alice(join: Join) -> Outbox:
    return join("alice")


@pytest.fixture
def bob(join: Join) -> Outbox:
    return join("bob")


@pytest.fixture
def carol(join: Join) -> Outbox:
    return join("carol")


def test_a_party_from_forming_to_the_split(
    economy: Economy, alice: Outbox, bob: Outbox, carol: Outbox
) -> None:
    hers, his = economy.diamond.by(alice), economy.diamond.by(bob)
    mine, yours = hers.registry.register("alice"), his.registry.register("bob")
    party = hers.parties.form_party([mine, yours], [6_667, 3_333], DAY)
    expiry = economy.diamond.chain.block().timestamp + DAY
    found = hers.parties.get_party(party)
    assert (found.creator, found.expiry, found.status) == (alice.address, expiry, 0)
    assert (found.escrow_wei, found.members, found.accepted) == (0, 2, 1)
    assert hers.parties.party_members_of(party) == (mine, yours)
    assert hers.parties.party_shares_of(party) == (6_667, 3_333)
    his.parties.join_party(party)
    assert hers.parties.party_consent_of(party, yours)
    economy.diamond.by(carol).parties.fund_party(party, LH + 1)
    assert hers.parties.party_funders_of(party) == (carol.address,)
    assert hers.parties.party_contribution_of(party, carol.address) == LH + 1
    assert hers.treasury.bucket_of(economy.credits.address, PARTY_BUCKET) == LH + 1
    assert hers.parties.live_parties(0, 10) == ((party,), party)
    assert hers.parties.active_party_count_of(alice.address) == 1
    with pytest.raises(ContractError) as caught:
        his.parties.complete_party(party)
    assert caught.value.name == "NotCreator"
    hers.parties.complete_party(party)
    accounts = [hers.tba.token_bound_account(identity) for identity in (mine, yours)]
    paid = [economy.credits.balance_of(account) for account in accounts]
    assert paid == [(LH + 1) * 6_667 // 10_000, LH + 1 - (LH + 1) * 6_667 // 10_000]
    assert hers.parties.get_party(party).status == 2
    assert hers.parties.party_count() == 1
    assert hers.parties.parties_of(alice.address) == (party,)
    assert hers.parties.parties_of_page(alice.address, 0, 5) == ((party,), 1)


def test_a_party_that_comes_to_nothing(
    economy: Economy, chain: EmbeddedChain, alice: Outbox, bob: Outbox
) -> None:
    hers, his = economy.diamond.by(alice), economy.diamond.by(bob)
    party = hers.parties.form_party([his.registry.register("bob")], [10_000], DAY)
    his.parties.fund_party(party, 5 * LH)
    with pytest.raises(ContractError) as caught:
        his.parties.disband_party(party)
    assert caught.value.name == "NotDisbandable"
    chain.advance(DAY + 1)
    his.parties.disband_party(party)
    assert economy.credits.balance_of(bob.address) == PURSE
    assert hers.parties.get_party(party).status == 3


def test_a_verdict_from_stake_to_resolution(
    economy: Economy, alice: Outbox, bob: Outbox, carol: Outbox
) -> None:
    hers, his = economy.diamond.by(alice), economy.diamond.by(bob)
    worker = hers.registry.register("alice")
    bounty = hers.bounties.post_bounty(b"", LH, DAY)
    work = bounty.to_bytes(32, "big")
    validation = his.validations.stake_validation(work, worker, True, 2 * LH)
    theirs = economy.diamond.by(carol).validations
    assert theirs.validation_resolver_of(validation) == alice.address
    theirs.challenge_validation(validation)
    now = economy.diamond.chain.block().timestamp
    found = theirs.get_validation(validation)
    assert (found.validator, found.challenger) == (bob.address, carol.address)
    assert (found.identity, found.work_ref, found.stake_wei) == (worker, work, 2 * LH)
    assert (found.resolve_deadline, found.status, found.valid) == (now + 7 * DAY, 1, True)
    assert hers.treasury.bucket_of(economy.credits.address, VALIDATION_BUCKET) == 4 * LH
    assert theirs.validation_staked_of(carol.address) == 2 * LH
    assert theirs.active_validation_count_of(bob.address) == 1
    with pytest.raises(ContractError) as caught:
        theirs.resolve_validation(validation, False)
    assert caught.value.name == "NotResolver"
    hers.validations.resolve_validation(validation, False)
    assert economy.credits.balance_of(carol.address) == PURSE + 2 * LH
    assert theirs.get_validation(validation).status == 4
    assert theirs.has_validated(bob.address, worker, work)
    assert theirs.validations_of(bob.address) == theirs.validations_of_work(work) == (1,)
    assert theirs.validations_of_page(bob.address, 0, 5) == ((1,), 1)
    assert theirs.validations_of_work_page(work, 0, 5) == ((1,), 1)


def test_verdicts_that_nobody_decides(
    economy: Economy, chain: EmbeddedChain, alice: Outbox, bob: Outbox, carol: Outbox
) -> None:
    his = economy.diamond.by(bob).validations
    worker = economy.diamond.by(alice).registry.register("alice")
    left = his.stake_validation(OTHER_WORK, worker, True, LH)
    drawn = his.stake_validation(b"\xcd" * 32, worker, False, LH)
    assert his.get_validation(left).challenger == ZERO_ADDRESS
    economy.diamond.by(carol).validations.challenge_validation(drawn)
    chain.advance(7 * DAY + 1)
    theirs = economy.diamond.by(alice).validations
    theirs.reclaim_stake(left)
    theirs.reclaim_unresolved(drawn)
    assert [his.get_validation(id_).status for id_ in (left, drawn)] == [2, 5]
    assert economy.credits.balance_of(bob.address) == PURSE
    assert economy.credits.balance_of(carol.address) == PURSE
    assert his.validation_count() == 2
