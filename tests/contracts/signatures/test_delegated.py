"""Accounts whose code is a delegation (EIP-7702).

The key keeps signing at every door, whatever the delegate is or answers. Where contracts may sign, what the delegate
accepts counts as well; where only keys sign, the delegate is never asked. Whoever takes the delegation back, or never had a
delegate with ERC-1271, signs with the key and nothing else.
"""

from __future__ import annotations

import pytest

from tests.contracts.counterparts.build import vyper
from tests.contracts.economy import Economy
from tests.contracts.signatures import diamond_doors, token_doors
from tests.contracts.signatures.door import Door, Kind, Signer, accepts
from tests.contracts.signatures.hostile import ACCEPT, LIES, REFUSE, answer, delegate, hostile
from tests.contracts.signing import Key

KEY, OTHER = Key.named("delegated account"), Key.named("another")
KINDS = [*token_doors.KINDS, *diamond_doors.KINDS]
ANYTHING = b"\x05" * 65
each = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@pytest.fixture
def door(economy: Economy, kind: Kind) -> Door:
    return kind.open(economy, Signer(KEY.address, KEY))


def only_the_key(door: Door, kind: Kind) -> None:
    assert accepts(door, KEY.sign(door.digest()), kind.refusal)
    for junk in (ANYTHING, b"\0" * 65, OTHER.sign(door.digest())):
        assert not accepts(door, junk, kind.refusal), junk


@each
def test_key_and_delegate(kind: Kind, door: Door, economy: Economy) -> None:
    delegate(economy, KEY.address, hostile(economy).address)
    assert accepts(door, KEY.sign(door.digest()), kind.refusal)
    for signature in (ANYTHING, OTHER.sign(door.digest())):
        assert accepts(door, signature, kind.refusal) is kind.contracts
    economy.evm.set_code(KEY.address, b"")  # taken back
    only_the_key(door, kind)


@each
def test_a_delegate_that_refuses_takes_nothing_from_the_key(
    kind: Kind, door: Door, economy: Economy
) -> None:
    """The delegate's code runs over the account's storage; the mode is set there."""
    contract = hostile(economy, ACCEPT)
    delegate(economy, KEY.address, contract.address)
    for mode in LIES.values():
        answer(economy, KEY.address, mode)
        only_the_key(door, kind)
    answer(economy, KEY.address, ACCEPT)
    answer(economy, contract.address, REFUSE)  # what the contract itself would say is not asked
    assert accepts(door, ANYTHING, kind.refusal) is kind.contracts


@each
def test_delegates_that_cannot_judge(kind: Kind, door: Door, economy: Economy) -> None:
    """No code, a precompile, a contract without ERC-1271, another delegated account, itself."""
    second = Key.named("second").address
    delegate(economy, second, hostile(economy).address)
    nothing = b"\x07" * 20
    precompile = b"\0" * 19 + b"\x04"  # the identity: a delegation to it runs no code
    for target in (
        nothing,
        precompile,
        economy.account_impl,
        economy.usd.address,
        second,
        KEY.address,
    ):
        delegate(economy, KEY.address, target)
        only_the_key(door, kind)


@each
def test_a_delegate_nobody_initialised(kind: Kind, door: Door, economy: Economy) -> None:
    """A wallet made for deployment has no owner in the account's storage: nobody's signature is the zero address's."""
    economy.artifacts["VyperWallet"] = vyper("VyperWallet")
    wallet = economy.create("VyperWallet", economy.address("bob"))
    delegate(economy, KEY.address, wallet)
    only_the_key(door, kind)
