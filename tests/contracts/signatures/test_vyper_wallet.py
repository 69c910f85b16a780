"""A smart wallet in another language at every door that takes contracts, through a change of its owner."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Reverted, reverts
from tests.contracts.counterparts.wallet import Wallet
from tests.contracts.economy import ETHER, ZERO, Economy
from tests.contracts.payments.tab import USD, Tab
from tests.contracts.signatures import diamond_doors, token_doors
from tests.contracts.signatures.door import Kind, Signer, accepts
from tests.contracts.signing import SECP256K1_N, Key

OWNER, SUCCESSOR = Key.named("wallet owner"), Key.named("wallet successor")
KINDS = [*token_doors.KINDS, *diamond_doors.KINDS]
OPEN = [kind for kind in KINDS if kind.contracts]
SHUT = [kind for kind in KINDS if not kind.contracts]
MAGIC, REFUSED = bytes.fromhex("1626ba7e"), b"\xff" * 4


@pytest.fixture
def wallet(economy: Economy) -> Wallet:
    return Wallet(economy, OWNER)


@pytest.mark.parametrize("kind", OPEN, ids=lambda kind: kind.name)
def test_it_signs_every_message_for_its_present_owner(
    kind: Kind, economy: Economy, wallet: Wallet
) -> None:
    door = kind.open(economy, Signer(wallet.address, None))
    digest = door.digest()
    signed = wallet.sign(digest)
    assert accepts(door, signed, kind.refusal)
    another = Wallet(economy, OWNER)
    for what, signature in {
        "the owner's own": OWNER.sign(digest),
        "another wallet's of the same owner": another.sign(digest),
        "the successor's, too early": wallet.sign(digest, by=SUCCESSOR),
        "with something behind it": signed + b"\0",
        "cut short": signed[:64],
    }.items():
        assert not accepts(door, signature, kind.refusal), what
    for name, values in door.changes().items():
        assert not accepts(door, wallet.sign(door.digest(values)), kind.refusal), name
    wallet.hand_over(SUCCESSOR)
    assert not accepts(door, signed, kind.refusal)
    assert accepts(door, wallet.sign(digest), kind.refusal)
    wallet.hand_over(OWNER)
    assert accepts(door, signed, kind.refusal)


@pytest.mark.parametrize("kind", SHUT, ids=lambda kind: kind.name)
def test_it_has_no_signature_where_only_keys_sign(
    kind: Kind, economy: Economy, wallet: Wallet
) -> None:
    door = kind.open(economy, Signer(wallet.address, None))
    for signature in (wallet.sign(door.digest()), OWNER.sign(door.digest())):
        assert not accepts(door, signature, kind.refusal)


def test_the_wallet_by_itself(economy: Economy, wallet: Wallet) -> None:
    digest, alice = b"\x11" * 32, economy.address("alice")
    good = wallet.sign(digest)
    r, s, v = good[:32], int.from_bytes(good[32:64], "big"), good[64]
    ask = wallet.handle.call
    assert ask("isValidSignature", digest, good) == MAGIC
    high = r + (SECP256K1_N - s).to_bytes(32, "big") + bytes([55 - v])
    for bad in (
        b"",
        good[:64],
        high,
        good[:64] + bytes([v - 27]),
        b"\0" * 65,
        wallet.sign(b"x" * 32),
    ):
        assert ask("isValidSignature", digest, bad) == REFUSED
    for name, args in {"handOver": (alice,), "execute": (alice, 0, b"")}.items():
        with reverts("Error", "owner"):
            wallet.handle.send(name, *args, sender=alice)
    with reverts("Error", "nobody"):
        wallet.handle.send("handOver", ZERO, sender=OWNER.address)
    with pytest.raises(Reverted) as failure:
        wallet.act(economy.usd, "transfer", alice, 1)
    # What the call said is passed on, in the token's words.
    assert economy.usd.interface.error(failure.value.raw)[0] == "InsufficientBalance"


def test_a_wallet_as_consumer_and_operator_of_the_vault(economy: Economy, wallet: Wallet) -> None:
    """Its money is reserved and spent by the session key it names: that one is a key, never the wallet."""
    tab, vault = Tab(economy), economy.vault
    economy.usd.send("transfer", wallet.address, 50 * USD, sender=tab.alice)
    wallet.act(economy.usd, "approve", economy.diamond, 50 * USD)
    wallet.act(vault, "deposit", 50 * USD, tab.key.address)
    tab.reserve(10 * USD, consumer=wallet.address, operator=wallet.address)
    tab.redeem(4 * USD, consumer=wallet.address, operator=wallet.address)
    assert economy.usd.call("balanceOf", wallet.address) == 4 * USD
    wallet.act(vault, "releaseByOperator", wallet.address, 6 * USD)
    wallet.act(vault, "requestWithdraw")
    economy.later(2 * 86_400)
    wallet.act(vault, "withdraw(uint256)", 46 * USD)
    assert economy.usd.call("balanceOf", wallet.address) == 50 * USD


def test_a_wallet_holds_an_identity_whose_account_pays(economy: Economy, wallet: Wallet) -> None:
    """The chain of judges: the rail asks the account, the account its holder, and that is the Vyper wallet."""
    agent = wallet.act(economy.registry, "register", "wallet").value
    agent = int.from_bytes(agent[-32:], "big")
    account = economy.tba.send("createTokenBoundAccount", agent, sender=OWNER.address).value
    economy.credits.send("transfer", account, ETHER, sender=economy.address("alice"))
    approve = economy.credits.data("approve", economy.diamond, ETHER)
    handle = economy.bound("TokenBoundAccount", account)
    wallet.act(handle, "execute", economy.credits.address, 0, approve, 0)
    kind = next(kind for kind in diamond_doors.KINDS if kind.name == "settle")
    door = kind.open(economy, Signer(account, None))
    digest = door.digest()
    assert accepts(door, wallet.address + wallet.sign(digest))
    assert not accepts(door, wallet.sign(digest))
    assert not accepts(door, wallet.address + OWNER.sign(digest))
    held = wallet.address + wallet.sign(digest)
    wallet.hand_over(SUCCESSOR)
    assert not accepts(door, held)
