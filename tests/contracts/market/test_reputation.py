"""Attestations, both aggregates, and the attacks on them."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Bound, reverts
from tests.contracts.economy import Economy, bare
from tests.contracts.market.board import Board
from tests.contracts.signing import nonce

LONG = b"\xab" * 32
MARKET = (1 << 255 | 77).to_bytes(32, "big")


@pytest.fixture
def reputation(economy: Economy, board: Board) -> Bound:
    """The facet; alice holds identity 1."""
    return economy.reputation


def pair(facet: Bound, id_: int) -> tuple[tuple[int, int], tuple[int, int]]:
    return facet.call("reputationOf", id_), facet.call("verifiedReputationOf", id_)


def test_an_attestation(board: Board, reputation: Bound) -> None:
    receipt = reputation.send("attest", 1, 4, LONG, sender=board.poster)
    assert receipt.only("Attested") == {
        "subjectTokenId": 1,
        "attester": board.poster,
        "rating": 4,
        "workRef": LONG,
    }
    assert pair(reputation, 1) == ((1, 4), (0, 0))
    assert reputation.call("hasAttested", board.poster, 1, LONG)
    assert not reputation.call("hasAttested", board.stranger, 1, LONG)
    assert reputation.call("attestationsOf", 1, 0, 10) == ((board.poster,), (4,), (LONG,), 1)
    assert pair(reputation, 2) == ((0, 0), (0, 0))


@pytest.mark.parametrize("rating", [0, 6, 255])
def test_ratings_are_one_to_five_r_a3(board: Board, reputation: Bound, rating: int) -> None:
    with reverts("BadRating"):
        reputation.send("attest", 99, rating, LONG, sender=board.poster)


def test_unknown_subjects(board: Board, reputation: Bound) -> None:
    for id_ in (0, 2):
        with reverts("UnknownSubject"):
            reputation.send("attest", id_, 3, LONG, sender=board.poster)


def test_once_per_attester_subject_and_reference_r_a1(board: Board, reputation: Bound) -> None:
    board.economy.register("alice", "second")
    for id_ in (1, 2):
        for ref in (LONG, nonce(1), MARKET):
            for sender in (board.poster, board.stranger):
                reputation.send("attest", id_, 5, ref, sender=sender)
                with reverts("AlreadyAttested"):
                    reputation.send("attest", id_, 1, ref, sender=sender)
    assert pair(reputation, 1)[0] == (6, 30)


def test_nobody_praises_himself_r_a2(board: Board, reputation: Bound) -> None:
    economy = board.economy
    with reverts("SelfAttestation"):
        reputation.send("attest", 1, 5, LONG, sender=board.worker)
    account = economy.tba.send("createTokenBoundAccount", 1, sender=board.worker).value
    tba = economy.bound("TokenBoundAccount", account)
    call = reputation.data("attest", 1, 5, LONG)
    outcome = economy.evm.call(
        account, tba.data("execute", economy.diamond, 0, call, 0), sender=board.worker
    )
    assert reputation.interface.error(outcome.output)[0] == "SelfAttestation"
    # Lending the identity out for a moment inflates the open pair; that pair promises no more.
    economy.erc721.send("transferFrom", board.worker, board.stranger, 1, sender=board.worker)
    reputation.send("attest", 1, 5, LONG, sender=board.worker)
    economy.erc721.send("transferFrom", board.stranger, board.worker, 1, sender=board.stranger)
    assert pair(reputation, 1) == ((1, 5), (0, 0))
    with reverts("NotVerifiable"):
        reputation.send("verifyAttestation", board.worker, 1, LONG, sender=board.worker)


def test_keys_do_not_collide_r_a4(board: Board, reputation: Bound) -> None:
    """Fields that would run together if packed: an id and a reference sharing digits."""
    economy = board.economy
    for n in range(2, 18):
        economy.register("alice", f"name-{n}")
    refs = [nonce(n) for n in (0, 1, 2, 16, 17, 256)]
    seen = 0
    for id_ in (1, 16, 17):
        for ref in refs:
            reputation.send("attest", id_, 3, ref, sender=board.poster)
            seen += 1
    counts = [reputation.call("reputationOf", id_)[0] for id_ in (1, 16, 17)]
    assert (sum(counts), counts) == (seen, [len(refs)] * 3)


def test_a_new_registration_starts_empty_r_a5(board: Board, reputation: Bound) -> None:
    economy = board.economy
    reputation.send("attest", 1, 5, LONG, sender=board.poster)
    economy.add_facet("BurnFacet").send("burn", 1, sender=board.worker)
    with reverts("UnknownSubject"):
        reputation.send("attest", 1, 5, nonce(1), sender=board.poster)
    again = economy.register("carol", "worker")
    assert pair(reputation, again) == ((0, 0), (0, 0))
    reputation.send("attest", again, 2, LONG, sender=board.poster)
    assert pair(reputation, again)[0] == (1, 2)


def test_revocation(board: Board, reputation: Bound) -> None:
    for rating, ref in ((5, LONG), (2, nonce(9))):
        reputation.send("attest", 1, rating, ref, sender=board.poster)
    for sender, ref in ((board.stranger, LONG), (board.poster, nonce(10))):
        with reverts("NotAttested"):
            reputation.send("revokeAttestation", 1, ref, sender=sender)
    receipt = reputation.send("revokeAttestation", 1, LONG, sender=board.poster)
    assert receipt.only("AttestationRevoked") == {
        "subjectTokenId": 1,
        "attester": board.poster,
        "workRef": LONG,
    }
    assert pair(reputation, 1)[0] == (1, 2)
    with reverts("NotAttested"):
        reputation.send("revokeAttestation", 1, LONG, sender=board.poster)
    with reverts("NotAttested"):
        reputation.send("verifyAttestation", board.poster, 1, LONG, sender=board.poster)
    with reverts("AlreadyAttested"):
        reputation.send("attest", 1, 5, LONG, sender=board.poster)
    assert reputation.call("hasAttested", board.poster, 1, LONG)
    trail = reputation.call("attestationsOf", 1, 0, 10)
    assert trail == ((board.poster,) * 2, (0, 2), (LONG, nonce(9)), 2)


def test_paid_work_counts_as_verified_at_once(board: Board, reputation: Bound) -> None:
    id_ = board.submitted()
    board.send("acceptResult", id_, sender=board.poster)
    reputation.send("attest", 1, 5, nonce(id_), sender=board.poster)
    assert pair(reputation, 1) == ((1, 5), (1, 5))
    with reverts("AlreadyVerified"):
        reputation.send("verifyAttestation", board.poster, 1, nonce(id_), sender=board.worker)
    reputation.send("revokeAttestation", 1, nonce(id_), sender=board.poster)
    assert pair(reputation, 1) == ((0, 0), (0, 0))


def test_work_paid_later_is_verified_later(board: Board, reputation: Bound) -> None:
    id_ = board.submitted()
    reputation.send("attest", 1, 4, nonce(id_), sender=board.poster)
    assert pair(reputation, 1) == ((1, 4), (0, 0))
    args = (board.poster, 1, nonce(id_))
    with reverts("NotVerifiable"):
        reputation.send("verifyAttestation", *args, sender=board.worker)
    board.send("acceptResult", id_, sender=board.poster)
    receipt = reputation.send("verifyAttestation", *args, sender=board.stranger)
    assert receipt.only("AttestationVerified") == {
        "subjectTokenId": 1,
        "attester": board.poster,
        "workRef": nonce(id_),
    }
    assert pair(reputation, 1) == ((1, 4), (1, 4))


def test_only_the_payer_of_this_identity_is_verified(board: Board, reputation: Bound) -> None:
    economy = board.economy
    other = economy.register("alice", "other")
    paid = board.submitted()
    board.send("acceptResult", paid, sender=board.poster)
    refused = board.post(ttl=3_600)
    economy.later(3_601)
    board.send("reclaimExpired", refused, sender=board.poster)
    reputation.send("attest", 1, 5, nonce(paid), sender=board.stranger)  # not the payer
    reputation.send("attest", other, 5, nonce(paid), sender=board.poster)  # not the payee
    reputation.send("attest", 1, 5, nonce(refused), sender=board.poster)  # not paid
    reputation.send("attest", 1, 5, nonce(999), sender=board.poster)  # no such bounty
    reputation.send("attest", 1, 5, nonce(0), sender=board.poster)
    market = (1 << 255 | paid).to_bytes(32, "big")
    reputation.send("attest", 1, 5, market, sender=board.poster)  # a job, not the bounty
    assert pair(reputation, 1) == ((5, 25), (0, 0))
    assert pair(reputation, other) == ((1, 5), (0, 0))


def test_every_form_of_reference_reads_back(board: Board, reputation: Bound) -> None:
    numbers = (0, 1, 2**72 - 1, 2**72, 2**255 - 1, 2**255, 2**255 + 2**72 - 1, 2**255 + 2**72)
    refs = tuple(n.to_bytes(32, "big") for n in (*numbers, 2**256 - 1))
    for ref in refs:
        reputation.send("attest", 1, 3, ref, sender=board.poster)
    assert reputation.call("attestationsOf", 1, 0, 200)[2] == refs


def test_the_trail_is_paged(board: Board, reputation: Bound) -> None:
    refs = tuple(nonce(n) for n in range(11))
    for n, ref in enumerate(refs):
        reputation.send("attest", 1, n % 5 + 1, ref, sender=board.poster)
    whole = reputation.call("attestationsOf", 1, 0, 1_000)
    assert (whole[2], whole[3]) == (refs, 11)
    assert reputation.call("attestationsOf", 1, 0, 4)[2:] == (refs[:4], 4)
    assert reputation.call("attestationsOf", 1, 4, 200)[2:] == (refs[4:], 11)
    for start, limit in ((11, 5), (99, 5), (3, 0)):
        assert reputation.call("attestationsOf", 1, start, limit) == ((), (), (), 11)


def test_without_accounts_attestations_still_work() -> None:
    economy = bare()
    alice, bob = economy.address("alice"), economy.address("bob")
    economy.registry.send("register", "agent", sender=alice)
    economy.reputation.send("attest", 1, 5, LONG, sender=bob)
    assert economy.reputation.call("reputationOf", 1) == (1, 5)
