"""The typed clients against the real contracts: one small life of an economy per facet."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from eth_utils.crypto import keccak

from harness.chain.embedded import EmbeddedChain
from harness.chain.errors import ContractError
from harness.chain.outbox import Outbox
from harness.diamond.accounts import TokenBoundAccount
from harness.diamond.diamond import Diamond
from harness.diamond.economy import Economy
from harness.diamond.invite import CLAIM_KEY, RECIPIENT
from harness.diamond.schedule import ACTIVE, END_OF_JOBS, EXHAUSTED
from harness.protocol.addresses import ZERO_ADDRESS
from harness.protocol.authorization import (
    CANCEL_PAYMENT,
    PAYMENT,
    TRANSFER,
    facet_domain,
    sign,
)

from .conftest import LH, PURSE, member

Join = Callable[[str], Outbox]
BOUNTY_BUCKET, SCHEDULE_BUCKET = 4, 3


@pytest.fixture
def alice(join: Join) -> Outbox:
    return join("alice")


@pytest.fixture
def bob(join: Join) -> Outbox:
    return join("bob")


def test_names_are_identities_with_owners_and_metadata(
    economy: Economy, alice: Outbox, bob: Outbox
) -> None:
    hers = economy.diamond.by(alice)
    identity = hers.registry.register("alice")
    assert hers.registry.owner_of_name("alice") == alice.address
    assert (
        hers.registry.id_of_name("alice") == hers.main_identity.main_of(alice.address) == identity
    )
    assert hers.main_identity.main_name_of(alice.address) == "alice"
    field = b"\x01" * 32
    hers.registry.set_metadata(identity, field, b"hello")
    hers.registry.set_metadata_many(identity, [b"\x02" * 32], [b"again"])
    assert hers.registry.metadata(identity, field) == b"hello"
    owner, account, name, price = hers.registry.agent_card(identity)
    assert (owner, name, price) == (alice.address, "alice", 10**16)
    assert account == hers.tba.token_bound_account(identity)
    with pytest.raises(ContractError) as caught:
        economy.diamond.by(bob).registry.set_metadata(identity, field, b"mine")
    assert caught.value.name == "NotOwner"
    with pytest.raises(ContractError) as caught:
        economy.diamond.by(bob).registry.register("Not A Name")
    assert caught.value.name == "InvalidName"
    hers.names.safe_transfer_from(alice.address, bob.address, identity)
    assert hers.names.owner_of(identity) == bob.address
    assert hers.owned_tokens.tokens_of_owner(bob.address) == (identity,)
    assert hers.owned_tokens.tokens_of_owner_page(alice.address, 0, 10)[0] == ()
    assert hers.names.token_uri(identity).startswith("https://alice")


def test_an_identity_holds_and_spends(economy: Economy, alice: Outbox, bob: Outbox) -> None:
    hers = economy.diamond.by(alice)
    identity = hers.registry.register("alice")
    hers.tba.create_token_bound_account(identity)
    account = hers.account_of(identity)
    assert account.owner() == alice.address
    assert account.token() == (31337, economy.diamond.address, identity)
    economy.credits.mint(account.address, 5 * LH)
    transfer = economy.credits.calldata("transfer", bob.address, 2 * LH)
    account.execute(economy.credits.address, 0, transfer, 0)
    account.execute_batch(
        [economy.credits.address] * 2, [0, 0], [transfer, transfer[:36] + LH.to_bytes(32, "big")]
    )
    assert economy.credits.balance_of(bob.address) == PURSE + 5 * LH
    assert economy.credits.balance_of(account.address) == 0
    with pytest.raises(ContractError) as caught:
        TokenBoundAccount(economy.diamond.chain, account.address, bob).execute(
            bob.address, 0, b"", 0
        )
    assert caught.value.name == "NotAuthorised"


def test_a_bounty_from_post_to_payment(economy: Economy, alice: Outbox, bob: Outbox) -> None:
    hers, his = economy.diamond.by(alice), economy.diamond.by(bob)
    worker = his.registry.register("bob")
    bounty = hers.bounties.post_bounty(b"count the stars", 3 * LH, 3600)
    assert hers.bounties.open_bounties(0, 10) == ((bounty,), bounty)
    assert hers.treasury.bucket_of(economy.credits.address, BOUNTY_BUCKET) == 3 * LH
    his.bounties.claim_bounty(bounty, worker)
    his.bounties.submit_result(bounty, b"many")
    assert hers.bounties.result_of(bounty) == b"many"
    hers.bounties.accept_result(bounty)
    found = hers.bounties.get_bounty(bounty)
    assert (found.poster, found.reward_wei, found.status, found.identity) == (
        alice.address, 3 * LH, 3, worker,
    )  # fmt: skip
    payee = hers.tba.token_bound_account(worker)
    assert hers.bounties.get_bounty_ex(bounty).payee == payee
    assert economy.credits.balance_of(payee) == 3 * LH
    assert hers.bounties.was_paid(bounty, worker)
    hers.reputation.attest(worker, 5, bounty.to_bytes(32, "big"))
    assert hers.reputation.reputation_of(worker) == (1, 5)
    assert hers.reputation.verified_reputation_of(worker) == (1, 5)
    assert hers.reputation.attestations_of(worker, 0, 10) == (
        (alice.address,), (5,), (bounty.to_bytes(32, "big"),), 1,
    )  # fmt: skip
    with pytest.raises(ContractError) as caught:
        his.reputation.attest(worker, 5, b"\0" * 32)
    assert caught.value.name == "SelfAttestation"


def test_a_job_from_schedule_to_exhaustion(
    economy: Economy, chain: EmbeddedChain, alice: Outbox
) -> None:
    hers = economy.diamond.by(alice)
    keeper = economy.diamond.by(member(chain, "scheduler"))
    target = hers.registry.register("alice")
    job = hers.schedule.schedule_job(target, b"say hello", 60, LH, 5)
    made = hers.schedule.get_job(job)
    assert (made.owner, made.status, made.budget_wei, made.runs_left) == (
        alice.address,
        ACTIVE,
        LH,
        5,
    )
    assert hers.schedule.jobs_due(0, 10) == ((), END_OF_JOBS)
    assert hers.schedule.task_of(job) == b"say hello"
    with pytest.raises(ContractError) as caught:
        keeper.schedule.record_run(job, made.next_run, 1)
    assert caught.value.name == "NotDue"
    chain.set_time(made.next_run)
    assert hers.schedule.jobs_due(0, 10) == ((job,), END_OF_JOBS)
    keeper.schedule.record_run(job, made.next_run, LH // 2)
    assert hers.schedule.get_job(job).next_run == made.next_run + 60
    with pytest.raises(ContractError) as caught:
        keeper.schedule.record_run(job, made.next_run, 1)
    assert caught.value.name in ("NotDue", "StaleNextRun")
    chain.set_time(made.next_run + 60)
    keeper.schedule.record_run(job, made.next_run + 60, LH // 2 - 5)
    ended = hers.schedule.get_job(job)
    assert (ended.status, ended.budget_wei) == (EXHAUSTED, 0)
    assert economy.credits.balance_of(alice.address) == PURSE - LH + 5
    assert hers.treasury.treasury_balance() == LH - 5
    assert hers.treasury.bucket_of(economy.credits.address, SCHEDULE_BUCKET) == 0
    with pytest.raises(ContractError) as caught:
        hers.schedule.record_run(job, 0, 0)
    assert caught.value.name == "NotScheduler"


def test_signed_payments_of_every_kind(
    economy: Economy, chain: EmbeddedChain, alice: Outbox, bob: Outbox
) -> None:
    x402 = economy.diamond.by(bob).x402
    separator = x402.x402_domain_separator()
    assert separator == facet_domain(31337, economy.diamond.address).separator
    key = alice._signer
    until = chain.block().timestamp + 600

    def authorise(value: int, nonce: int):  # type: ignore[no-untyped-def]
        return sign(
            key, PAYMENT, separator, payee=bob.address, value=value, valid_before=until,
            nonce=nonce.to_bytes(32, "big"),
        )  # fmt: skip

    exact = authorise(LH, 0)
    receipt = x402.settle(exact)
    assert x402.event(receipt, "PaymentSettled")["value"] == LH
    assert x402.authorization_state(alice.address, exact.authorization.nonce)
    with pytest.raises(ContractError) as caught:
        x402.settle(exact)
    assert caught.value.name == "AuthAlreadyUsed"
    x402.settle_upto(authorise(3 * LH, 1), LH // 2)
    assert x402.settle_batch([authorise(1, 2), exact, authorise(2, 3)]) == (0, 1, 0)
    assert x402.settle_upto_batch([authorise(9, 4), authorise(9, 5)], [4, 10]) == (0, 7)
    assert economy.credits.balance_of(bob.address) == PURSE + LH + LH // 2 + 1 + 2 + 4
    cancelled = authorise(1, 6)
    burn = CANCEL_PAYMENT.digest(separator, (alice.address, cancelled.authorization.nonce))
    x402.cancel_authorization(alice.address, cancelled.authorization.nonce, key.sign_digest(burn))
    with pytest.raises(ContractError):
        x402.settle(cancelled)
    x402.set_facilitator(bob.address, True)
    assert (
        x402.is_facilitator(bob.address, bob.address) and x402.facilitator_count(bob.address) == 1
    )
    dollars = sign(
        key,
        TRANSFER,
        economy.dollar.domain.separator,
        payee=bob.address,
        value=7,
        valid_before=until,
    )
    x402.settle_3009(economy.dollar.address, dollars)
    assert economy.dollar.balance_of(bob.address) == 1_000 * 10**6 + 7


def test_an_agents_price_is_kept(
    economy: Economy, chain: EmbeddedChain, alice: Outbox, bob: Outbox
) -> None:
    his = economy.diamond.by(bob)
    agent = his.registry.register("bob")
    payee = his.tba.token_bound_account(agent)
    until = chain.block().timestamp + 600
    separator = his.x402.x402_domain_separator()
    for value, name in ((10**16 - 1, "PriceChanged"), (10**16 * 11 // 10 + 1, "PriceChanged")):
        wrong = sign(
            alice._signer, PAYMENT, separator, payee=payee, value=value, valid_before=until
        )
        with pytest.raises(ContractError) as caught:
            his.x402.settle_for_agent(agent, wrong)
        assert (caught.value.name, caught.value.args) == (name, {"price": 10**16})
    right = sign(alice._signer, PAYMENT, separator, payee=payee, value=10**16, valid_before=until)
    his.x402.settle_for_agent(agent, right)
    assert economy.credits.balance_of(payee) == 10**16


def test_the_treasury_the_owner_and_the_daily_allowance(
    economy: Economy, chain: EmbeddedChain, alice: Outbox
) -> None:
    hers, owner = economy.diamond.by(alice), economy.diamond
    with pytest.raises(ContractError) as caught:
        hers.credits.claim_daily()
    assert caught.value.name == "NotConfigured"
    owner.credits.set_daily_allowance(LH)
    hers.credits.claim_daily()
    assert not hers.credits.can_claim(alice.address)
    with pytest.raises(ContractError) as caught:
        hers.credits.claim_daily()
    assert caught.value.name == "AlreadyClaimedToday"
    assert caught.value.args == {"day": chain.block().timestamp // 86400}
    hers.token.transfer(economy.diamond.address, 5)
    hers.treasury.skim(economy.credits.address)
    owner.treasury.withdraw_treasury(alice.address, 5)
    assert economy.credits.balance_of(alice.address) == PURSE + LH
    owner.ownership.nominate_owner(alice.address)
    assert owner.ownership.pending_owner() == alice.address
    hers.ownership.accept_ownership()
    assert owner.ownership.owner() == alice.address
    with pytest.raises(ContractError) as caught:
        owner.treasury.withdraw_treasury(ZERO_ADDRESS, 1)
    assert caught.value.name == "NotOwner"


def test_past_events_can_be_read(economy: Economy, chain: EmbeddedChain, alice: Outbox) -> None:
    start = chain.block().number + 1
    hers: Diamond = economy.diamond.by(alice)
    for name in ("one", "two"):
        hers.registry.register(name)
    found = hers.registry.events("Registered", start, chain.block().number)
    assert [(e["name"], e["owner"]) for e in found] == [
        ("one", alice.address),
        ("two", alice.address),
    ]
    only = hers.registry.events(
        "Registered", start, chain.block().number, found[1]["id"].to_bytes(32, "big")
    )
    assert [e["name"] for e in only] == ["two"]


def test_a_session_is_bought_and_prolonged(economy: Economy, alice: Outbox) -> None:
    hers, owner = economy.diamond.by(alice), economy.diamond
    price, hour = hers.sessions.session_price(), hers.sessions.session_duration()
    assert (price, hour, hers.sessions.session_expiry_of(alice.address)) == (10 * LH, 3_600, 0)
    until = hers.sessions.open_session_max(price)
    assert hers.sessions.extend_session() == until + hour
    assert hers.sessions.extend_session_max(price) == until + 2 * hour
    assert hers.sessions.session_expiry_of(alice.address) == until + 2 * hour
    assert owner.treasury.treasury_balance() == 3 * price
    owner.sessions.set_session_price(price + 1)
    owner.sessions.set_session_duration(86_400)
    with pytest.raises(ContractError) as caught:
        hers.sessions.open_session_max(price)
    assert (caught.value.name, caught.value.args) == ("PriceTooHigh", {"priceWei": price + 1})
    hers.sessions.open_session()
    owner.sessions.set_session_duration(60)
    with pytest.raises(ContractError) as caught:
        hers.sessions.open_session()
    assert caught.value.name == "SessionRunning"


def test_devices_are_linked_and_go_with_the_holder(
    economy: Economy, alice: Outbox, bob: Outbox
) -> None:
    hers = economy.diamond.by(alice)
    identity = hers.registry.register("alice")
    hers.devices.link_device(bob.address)
    hers.devices.link_identity_device(identity, bob.address)
    assert hers.devices.devices_of(alice.address) == (bob.address,)
    assert hers.devices.identity_devices_of(identity) == (bob.address,)
    assert hers.devices.is_device_linked(alice.address, bob.address)
    assert hers.devices.is_identity_device_linked(identity, bob.address)
    assert not hers.devices.is_device_confirmed(alice.address, bob.address)
    with pytest.raises(ContractError) as caught:
        hers.devices.link_device_signed(bob.address, 2**40, b"")
    assert caught.value.name == "BadSignature"
    hers.devices.unlink_device(bob.address)
    hers.devices.unlink_identity_device(identity, bob.address)
    assert (
        hers.devices.devices_of(alice.address) == hers.devices.identity_devices_of(identity) == ()
    )


def test_an_identity_is_followed_written_to_and_paid(
    economy: Economy, alice: Outbox, bob: Outbox
) -> None:
    hers, his = economy.diamond.by(alice), economy.diamond.by(bob)
    identity = hers.registry.register("alice")
    his.subscriptions.subscribe(identity)
    assert hers.subscriptions.is_subscribed(identity, bob.address)
    assert hers.subscriptions.subscriber_count(identity) == 1
    assert hers.subscriptions.subscribers_of(identity) == (bob.address,)
    assert hers.subscriptions.subscribers_page(identity, 0, 9) == ((bob.address,), 2**256 - 1)
    his.subscriptions.unsubscribe(identity)
    assert his.messages.send_message(identity, "hello") == 0
    hers.messages.set_inbox_fee(identity, LH)
    with pytest.raises(ContractError) as caught:
        his.messages.send_message(identity, "hello?")
    assert (caught.value.name, caught.value.args) == ("FeeRequired", {"feeWei": LH})
    assert his.messages.send_message_paid(identity, "hello!", LH) == 1
    assert economy.credits.balance_of(hers.tba.token_bound_account(identity)) == LH
    assert hers.messages.message_at(identity, 1)[::2] == (bob.address, "hello!")
    assert hers.messages.inbox_range(identity, 0, 9)[2] == ("hello", "hello!")
    hers.messages.mark_read(identity, 1)
    counts = hers.messages.inbox_count(identity), hers.messages.inbox_last_read(identity)
    assert (*counts, hers.messages.unread_count(identity)) == (2, 1, 1)
    hers.messages.set_blocked(identity, bob.address, True)
    assert hers.messages.is_blocked(identity, bob.address)
    assert hers.messages.inbox_fee(identity) == LH
    his.push.set_push_sub(b"sealed")
    assert (his.push.push_sub_of(bob.address), his.push.has_push_sub(bob.address)) == (
        b"sealed",
        True,
    )
    his.push.clear_push_sub()
    his.feedback.submit_feedback("good")
    assert his.feedback.feedback_at(0)[::2] == (bob.address, "good")
    assert his.feedback.feedback_range(0, 9)[0] == (bob.address,)
    economy.diamond.feedback.clear_feedback()
    assert his.feedback.feedback_count() == 0


def test_rooms_and_signals(economy: Economy, alice: Outbox, bob: Outbox) -> None:
    hers, his = economy.diamond.by(alice), economy.diamond.by(bob)
    room = hers.rooms.create_room()
    hers.rooms.room_add_member(room, bob.address)
    assert (his.rooms.append_op(room, b"one"), hers.rooms.op_count(room)) == (0, 1)
    hers.rooms.append_ops(room, [b"two", b"three"])
    assert [op.blob for op in his.rooms.ops_of(room, 1)] == [b"two", b"three"]
    assert his.rooms.ops_of(room, 0)[0].writer == bob.address
    assert hers.rooms.clear_room(room) == 1 == hers.rooms.room_epoch(room)
    assert [op.blob for op in his.rooms.ops_range(room, 0, 0, 2)[0]] == [b"one", b"two"]
    assert his.rooms.room_members_of(room) == (alice.address, bob.address)
    hers.rooms.room_remove_member(room, bob.address)
    assert not hers.rooms.room_is_member(room, bob.address)
    assert (hers.rooms.room_creator(room), hers.rooms.room_count()) == (alice.address, room)
    assert his.signaling.post_signal(alice.address, b"offer") == 0
    (signal,) = hers.signaling.inbox_of(alice.address, 0)
    assert (signal.sender, signal.blob) == (bob.address, b"offer")
    hers.signaling.clear_inbox()
    assert hers.signaling.inbox_length(alice.address) == 0
    topic = hers.signaling.device_topic_of(alice.address)
    assert hers.signaling.peers_of(topic) == hers.signaling.peers_page(topic, 0, 9)[0] == ()
    assert hers.signaling.last_signed_time(topic, bob.address) == 0
    time = economy.diamond.chain.block().timestamp.to_bytes(8, "big")
    with pytest.raises(ContractError) as caught:
        hers.signaling.announce(topic, alice.address, bob.address, b"", time + b"\1" * 65)
    assert caught.value.name == "Unauthorized"
    with pytest.raises(ContractError) as caught:
        hers.signaling.leave(topic, alice.address, bob.address, bytes(8))
    assert caught.value.name == "BadTime"
    with pytest.raises(ContractError) as caught:
        hers.signaling.drop_peer(topic, bob.address)
    assert caught.value.name == "NotExpired"


def test_names_are_given_back(economy: Economy, alice: Outbox) -> None:
    hers, owner = economy.diamond.by(alice), economy.diamond
    first, second, third = (hers.registry.register(name) for name in ("one", "two", "three"))
    hers.release.release_name(second)
    assert not hers.registry.is_taken("two")
    with pytest.raises(ContractError) as caught:
        hers.release.release_name(first)
    assert caught.value.name == "CannotReleaseMain"
    owner.release.admin_burn_names([third])
    assert owner.release.admin_reset_all()
    assert owner.release.reset_cursor() == 0
    assert not hers.registry.is_taken("one")
    owner.release.seal_admin()
    assert owner.release.is_admin_sealed()


def test_invites_and_redeem_codes(economy: Economy, alice: Outbox, bob: Outbox) -> None:
    hers, his, owner = economy.diamond.by(alice), economy.diamond.by(bob), economy.diamond
    plain, bound, late = keccak(text="plain"), keccak(text="bound"), keccak(text="late")
    his.invites.create_invite(plain, LH, 3_600)
    his.invites.create_invite_ex(bound, LH, 3_600, RECIPIENT, alice.address)
    his.invites.create_invite_ex(late, LH, 3_600, CLAIM_KEY, bob.address)
    assert his.invites.escrowed_of(bob.address) == 3 * LH
    assert hers.invites.accept_invite("plain") == hers.invites.accept_invite("bound") == LH
    found = hers.invites.get_invite(bound)
    assert (found.funder, found.amount, found.status) == (bob.address, LH, 1)
    assert hers.invites.invite_mode_of(bound) == (RECIPIENT, alice.address)
    with pytest.raises(ContractError) as caught:
        hers.invites.accept_invite_for(late, alice.address, 2**40, b"")
    assert caught.value.name == "BadSignature"
    with pytest.raises(ContractError) as caught:
        hers.invites.accept_invite_committed("late", b"\0" * 32)
    assert caught.value.name == "BadMode"
    hers.invites.commit_invite(late)
    assert hers.invites.invite_commitment_of(late) > 0
    with pytest.raises(ContractError) as caught:
        hers.invites.reclaim_invite(late)
    assert caught.value.name == "NotYetExpired"
    owner.redeem.add_redeem_codes([plain, late], 10 * LH)
    owner.redeem.add_guarded_redeem_codes([bound], [bob.address], LH)
    owner.redeem.disable_redeem_codes([late])
    assert hers.redeem.redeem("plain") == 10 * LH == hers.redeem.redeem_amount_of(plain)
    assert hers.redeem.is_redeemed(plain)
    assert hers.redeem.redeem_claim_key_of(bound) == bob.address
    with pytest.raises(ContractError) as caught:
        hers.redeem.redeem_for(bound, alice.address, 2**40, b"")
    assert caught.value.name == "BadSignature"
    owner.redeem.set_redeem_requires_identity(True)
    assert owner.redeem.redeem_requires_identity()
