"""Flows through ape's own contract objects, accounts, errors and clock, on every network it can reach."""

from __future__ import annotations

from typing import Any

import ape
import pytest

LH = 10**18
FIRE = 10**16
UPSTREAM_MARK = "0x00000000000000000000000000000000000f0ca1"


@pytest.fixture
def people(accounts: Any, credits: Any, diamond: Any) -> tuple[Any, Any]:
    """Two accounts with $LH that have approved the Diamond."""
    for person in accounts[1:3]:
        credits.mint(person, 100 * LH, sender=accounts[0])
        credits.approve(diamond.address, 2**256 - 1, sender=person)
    return accounts[1], accounts[2]


def fresh(name: str) -> str:
    """A name nobody has, on a fork either."""
    return f"{name}-{ape.chain.blocks.head.number}"


def test_deploying_again_changes_nothing(
    economy: Any, accounts: Any, member: Any, artifacts: Any, options: Any, tmp_path: Any
) -> None:
    from harness.diamond.book import AddressBook, Record
    from harness.diamond.economy import deploy
    from harness.diamond.upgrade import verify

    owner = member(accounts[0])
    book = AddressBook.of(owner.chain, tmp_path)
    for name, address in economy.addresses.items():
        record = Record(name, address, artifacts[name].abi, (), "", 0, "", "", "")
        book.write(record, owner.chain.block(0).hash)
    nonce = accounts[0].nonce
    steps: list[str] = []
    deploy(
        owner.chain, owner, artifacts, book, options, lambda kind, name, detail: steps.append(kind)
    )
    assert set(steps) <= {"kept", "found"} and accounts[0].nonce == nonce
    assert verify(economy.diamond, artifacts, book) == []


def test_names_and_their_errors(diamond: Any, people: tuple[Any, Any]) -> None:
    alice, bob = people
    name = fresh("alice")
    receipt = diamond.register(name, sender=alice)
    (registered,) = [log for log in receipt.events if log.event_name == "Registered"]
    assert (registered.owner, registered.name) == (alice.address, name)
    assert diamond.ownerOfName(name) == alice.address
    with ape.reverts(diamond.NameTaken):
        diamond.register(name, sender=bob)
    with ape.reverts(diamond.NotOwner):
        diamond.setMetadata(registered.id, b"\x01" * 32, b"mine", sender=bob)


def test_a_bounty_is_escrowed_and_paid(diamond: Any, credits: Any, people: tuple[Any, Any]) -> None:
    alice, bob = people
    worker = diamond.register(fresh("worker"), sender=bob).return_value
    if worker is None:  # networks without traces
        worker = diamond.idOf(bob)
    diamond.postBounty(b"count", 3 * LH, 3600, sender=alice)
    bounty = diamond.bountyCount()
    assert diamond.bucketOf(credits.address, 4) == 3 * LH == credits.balanceOf(diamond.address)
    with ape.reverts(diamond.NotPoster):
        diamond.cancelBounty(bounty, sender=bob)
    diamond.claimBounty(bounty, worker, sender=bob)
    diamond.submitResult(bounty, b"many", sender=bob)
    diamond.acceptResult(bounty, sender=alice)
    assert credits.balanceOf(diamond.tokenBoundAccount(worker)) == 3 * LH
    assert diamond.bucketOf(credits.address, 4) == 0


def test_a_signed_payment_needs_no_gas_of_the_payer(
    diamond: Any, credits: Any, people: tuple[Any, Any], accounts: Any
) -> None:
    from harness.protocol.authorization import PAYMENT, Authorization
    from scripts._ape_provider import ApeSigner

    alice, bob = people
    authorization = Authorization(
        alice.address, bob.address, LH, 0, ape.chain.blocks.head.timestamp + 600, b"\x07" * 32
    )
    digest = authorization.digest(PAYMENT, bytes(diamond.x402DomainSeparator()))
    signature = ApeSigner(alice).sign_digest(digest)
    before, ether = credits.balanceOf(bob), alice.balance
    diamond.settle(*authorization.values, signature, sender=accounts[3])
    assert credits.balanceOf(bob) == before + LH and alice.balance == ether
    with ape.reverts(diamond.AuthAlreadyUsed):
        diamond.settle(*authorization.values, signature, sender=accounts[3])


def test_a_signature_keeps_its_leading_zeros(accounts: Any) -> None:
    """One part in 256 begins with a zero byte, which ape's signature leaves out."""
    from eth_account import Account

    from scripts._ape_provider import ApeSigner

    signer, shortest = ApeSigner(accounts[1]), 32
    for number in range(1000):
        digest = number.to_bytes(32, "big")
        signature = signer.sign_digest(digest)
        assert Account._recover_hash(digest, signature=signature) == signer.address
        shortest = min(
            shortest, *(len(p.lstrip(b"\0")) for p in (signature[:32], signature[32:64]))
        )
        if shortest < 32:
            return
    raise AssertionError("no signature had a leading zero")


def test_a_keeper_signed_by_an_ape_account_fires_a_due_job(
    diamond: Any, people: tuple[Any, Any], accounts: Any, member: Any, tmp_path: Any
) -> None:
    from harness.services.keeper.app import run_once
    from harness.services.keeper.settings import KeeperSettings
    from harness.services.keeper.tick import Outcome
    from scripts._ape_provider import ApeSigner, connected_chain

    alice, _ = people
    diamond.register(fresh("garden"), sender=alice)
    diamond.scheduleJob(diamond.idOf(alice), b"water", 60, 3 * FIRE, 10, sender=alice)
    job = diamond.jobCount()
    tmp_path.chmod(0o700)
    settings = KeeperSettings(rpc="", diamond=diamond.address, state=tmp_path, command="cat")
    tick = (settings, connected_chain(ape.chain.provider), ApeSigner(accounts[9]))
    assert run_once(*tick).outcome is Outcome.NOTHING_DUE
    ape.chain.mine(deltatime=120)
    report = run_once(*tick)
    assert (report.outcome, report.fired, report.spent_wei) == (Outcome.FIRED, 1, FIRE)
    assert diamond.getJob(job).budgetWei == 2 * FIRE


def test_a_fork_shows_what_is_upstream() -> None:
    """The stand-in for a live chain marks one address; a fork must see it, other networks must not."""
    from harness.protocol.addresses import to_address

    marked = ape.chain.provider.get_code(to_address(UPSTREAM_MARK))
    forked = ape.chain.provider.network.name.endswith("-fork")
    assert bytes(marked) == (bytes.fromhex("c0ffee") if forked else b"")
