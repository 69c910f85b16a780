"""Attacks on invites: running ahead, paying twice, squatting, hostile tokens."""

from __future__ import annotations

import pytest

from tests.contracts.calls import reverts
from tests.contracts.credits.test_invite import (
    ACCEPTED,
    BEARER,
    CLAIM_KEY,
    COMMIT,
    DAY,
    HOUR,
    RECIPIENT,
    RECLAIMED,
    SALT,
    Post,
)
from tests.contracts.economy import ETHER, INVITE, OWED, ZERO, Economy
from tests.contracts.signing import REDEEM_CLAIM, Key, nonce

REENTER, BLOCK = 6, 7


@pytest.fixture
def post(economy: Economy) -> Post:
    return Post(economy)


def test_a_bearer_code_can_be_taken_iv_a1(post: Post) -> None:
    """Nothing can prevent it; this is what the other modes are for."""
    post.invite(mode=BEARER)
    post.accept(sender=post.carol)  # has seen alice's transaction
    with reverts("NotOpen"):
        post.accept()


def test_running_ahead_of_the_recipient_iv_a1(post: Post) -> None:
    post.invite(mode=RECIPIENT)
    for thief in (post.carol, post.bob):
        with reverts("NotRecipient"):
            post.accept(sender=thief)
    post.accept()


def test_running_ahead_of_a_claim_iv_a1(post: Post) -> None:
    """A copied claim pays alice whoever sends it, and cannot be bent to pay anybody else."""
    post.invite(mode=CLAIM_KEY)
    post.invite("other", mode=CLAIM_KEY)
    now, mallory = post.economy.now, Key.named("mallory")
    good = post.codes.invite_claim("code", post.alice, now)
    code, _, deadline, sig = good
    other = post.codes.hash("other")
    bad = [
        (code, post.carol, deadline, sig),
        (code, post.alice, deadline + 1, sig),
        (other, post.alice, deadline, sig),
        post.codes.invite_claim("code", post.carol, now, mallory),
        post.codes._claim(REDEEM_CLAIM, "code", post.alice, now, None),
        (code, post.alice, deadline, sig[:64]),
        (code, post.alice, deadline, b""),
    ]
    for claim in bad:
        with reverts("BadSignature"):
            post.send("acceptInviteFor", *claim, sender=post.carol)
    before = post.economy.balance(post.alice)
    post.send("acceptInviteFor", *good, sender=post.carol)
    assert post.economy.balance(post.alice) - before == ETHER
    with reverts("NotOpen"):
        post.send("acceptInviteFor", *good, sender=post.carol)


def test_a_claim_for_nobody_or_the_diamond_pays_nobody(post: Post) -> None:
    post.invite(mode=CLAIM_KEY)
    now, token = post.economy.now, post.economy.credits.address
    with reverts("ZeroAddress"):
        claim = post.codes.invite_claim("code", ZERO, now)
        post.send("acceptInviteFor", *claim, sender=post.carol)
    with reverts("TokenCallFailed", token):
        claim = post.codes.invite_claim("code", post.economy.diamond, now)
        post.send("acceptInviteFor", *claim, sender=post.carol)
    post.claim()


def test_running_ahead_of_a_reveal_iv_a1(post: Post) -> None:
    """Carol knows the code's hash from the start and the code from alice's pending reveal. What she
    could commit to before was the hash, or alice's own commitment; neither is hers to reveal."""
    post.invite(mode=COMMIT)
    theirs = post.codes.commitment("code", post.alice, SALT)
    by_hash = post.codes.commitment(post.codes.hash("code").hex(), post.carol, SALT)
    for commitment in (theirs, by_hash):
        post.send("commitInvite", commitment, sender=post.carol)
    post.economy.evm.mine(1, 30)
    with reverts("CommitRequired"):
        post.reveal(sender=post.carol)
    post.commit(sender=post.carol)  # now that she has seen the code: too young
    with reverts("CommitRequired"):
        post.reveal(sender=post.carol)
    with reverts("CommitRequired"):  # another salt is another commitment
        post.send("acceptInviteCommitted", "code", nonce(8), sender=post.alice)
    post.reveal()  # alice's own, although carol sent it for her


def test_a_commitment_to_the_public_hash_opens_nothing_iv_a1(post: Post) -> None:
    """The hash of every code is public: committing to it must not be enough."""
    from eth_utils.crypto import keccak

    from tests.contracts.calls import encode

    post.invite(mode=COMMIT)
    code = post.codes.hash("code")
    packed = encode(["bytes32", "address", "bytes32"], [code, post.carol, SALT])
    post.send("commitInvite", keccak(packed), sender=post.carol)
    post.economy.evm.mine(1, 60)
    with reverts("CommitRequired"):
        post.reveal(sender=post.carol)


def test_squatting_a_code_hash_iv_a3(post: Post) -> None:
    """Mallory copies bob's pending hash with one wei: bob's own call fails and takes nothing."""
    before = post.economy.balance(post.bob)
    post.invite(amount=1, mode=CLAIM_KEY, party=post.carol, funder=post.carol)
    with reverts("CodeTaken"):
        post.invite(mode=CLAIM_KEY)
    assert post.economy.balance(post.bob) == before
    post.invite("another code", mode=CLAIM_KEY)
    post.claim("another code")


def test_a_code_is_used_once_ever(post: Post) -> None:
    post.invite("accepted")
    post.accept("accepted")
    post.invite("reclaimed")
    post.economy.later(HOUR + 1)
    post.reclaim("reclaimed")
    for code in ("accepted", "reclaimed"):
        with reverts("CodeTaken"):
            post.invite(code)


@pytest.mark.parametrize("mode", [BEARER, RECIPIENT, CLAIM_KEY, COMMIT])
def test_nothing_is_paid_twice_iv_a4(post: Post, mode: int) -> None:
    """Every end, then every end again, from either side of the expiry."""
    post.invite(mode=mode, ttl=DAY)
    post.invite("untouched", 5 * ETHER, ttl=DAY)
    post.commit()
    post.economy.evm.mine(1, 30)
    ways = {BEARER: post.accept, RECIPIENT: post.accept, CLAIM_KEY: post.claim}
    accept = ways.get(mode, post.reveal)
    mark = post.economy.evm.snapshot()
    accept()
    for wait in (0, DAY):
        post.economy.later(wait)
        for again in (post.accept, post.claim, post.reveal, post.reclaim):
            with reverts("NotOpen"):
                again()
    assert (post.status(), post.escrow()) == (ACCEPTED, 5 * ETHER)
    post.economy.evm.revert(mark)
    post.economy.later(DAY)
    post.reclaim()
    for again in (post.accept, post.claim, post.reveal, post.reclaim):
        with reverts("NotOpen"):
            again()
    assert (post.status(), post.escrow()) == (RECLAIMED, 5 * ETHER)


def test_reclaiming_pays_the_funder_whoever_calls(post: Post) -> None:
    before = [post.economy.balance(who) for who in (post.alice, post.bob, post.carol)]
    post.invite()
    post.economy.later(HOUR + 1)
    post.reclaim(sender=post.carol)
    after = [post.economy.balance(who) for who in (post.alice, post.bob, post.carol)]
    assert before == after


def hostile(post: Post):
    economy = post.economy
    token = economy.bound("HostileToken", economy.create("HostileToken"))
    economy.credits_facet.send("setCreditsToken", token.address, sender=economy.owner.address)
    token.send("mint", post.bob, 100 * ETHER, sender=post.bob)
    token.send("approve", economy.diamond, 100 * ETHER, sender=post.bob)
    return token


def test_a_blocked_funder_does_not_freeze_the_escrow(post: Post) -> None:
    token = hostile(post)
    post.invite()
    post.economy.later(HOUR + 1)
    token.send("setBlocked", post.bob, sender=post.bob)
    token.send("setMode", BLOCK, sender=post.bob)
    receipt = post.reclaim()
    assert receipt.only("Owed") == {"token": token.address, "to": post.bob, "amount": ETHER}
    held = [post.economy.held(bucket, token.address) for bucket in (INVITE, OWED)]
    assert (post.status(), held) == (RECLAIMED, [0, ETHER])


def test_a_blocked_accepter_leaves_the_invite_open(post: Post) -> None:
    token = hostile(post)
    post.invite()
    token.send("setBlocked", post.alice, sender=post.bob)
    token.send("setMode", BLOCK, sender=post.bob)
    with reverts("TokenCallFailed", token.address):
        post.accept()
    assert post.economy.held(INVITE, token.address) == ETHER
    post.accept(sender=post.carol)


def test_a_token_cannot_accept_again_while_it_pays(post: Post) -> None:
    token = hostile(post)
    post.invite()
    post.invite("other", mode=BEARER)
    for again in ("code", "other"):
        mark = post.economy.evm.snapshot()
        payload = post.facet.data("acceptInvite", again)
        token.send("setReentry", post.economy.diamond, payload, sender=post.bob)
        token.send("setMode", REENTER, sender=post.bob)
        post.accept()
        _, ok, answer = token.call("reentry")
        assert (ok, post.facet.interface.error(answer)[0]) == (False, "Reentrancy")
        assert post.economy.held(INVITE, token.address) == ETHER
        post.economy.evm.revert(mark)
