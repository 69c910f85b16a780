"""ERC-1271 at every door: what counts as a contract's signature, and where a contract has none."""

from __future__ import annotations

import pytest

from tests.contracts.economy import Economy
from tests.contracts.signatures import diamond_doors, token_doors
from tests.contracts.signatures.door import COMPACT, Kind, Signer, accepts
from tests.contracts.signatures.hostile import (
    ACCEPT,
    BOMB,
    BURN_GAS,
    LIES,
    LONG,
    REFUSE,
    answer,
    hostile,
)
from tests.contracts.signing import Key

KINDS = [*token_doors.KINDS, *diamond_doors.KINDS]
OPEN = [kind for kind in KINDS if kind.contracts]
SHUT = [kind for kind in KINDS if not kind.contracts]
SIGNATURES = (b"", b"\x05" * 64, b"\x05" * 65, b"\x05" * 66, b"\x05" * 500)
KEY = Key.named("signer")
GRANT = 200_000  # what a signer may use
at_open_doors = pytest.mark.parametrize("kind", OPEN, ids=lambda kind: kind.name)


@at_open_doors
def test_a_contract_signs_what_it_says_it_signed(kind: Kind, economy: Economy) -> None:
    """Of any length. The exception: a payment is cancelled without a signature by its payer alone."""
    contract = hostile(economy)
    door = kind.open(economy, Signer(contract.address, None))
    for mode in (ACCEPT, LONG):
        answer(economy, contract.address, mode)
        for signature in SIGNATURES:
            good = bool(signature) or kind.empty
            assert accepts(door, signature, kind.refusal) is good, (mode, signature)


@at_open_doors
@pytest.mark.parametrize("mode", LIES.values(), ids=LIES.keys())
def test_any_other_answer_is_a_no_x_a8(kind: Kind, economy: Economy, mode: int) -> None:
    contract = hostile(economy, mode)
    door = kind.open(economy, Signer(contract.address, None))
    for signature in (b"", b"\x05" * 65, KEY.sign(door.digest())):
        assert not accepts(door, signature, kind.refusal), signature
    answer(economy, contract.address, ACCEPT)  # the door was shut for this reason only
    assert accepts(door, b"\x05" * 65, kind.refusal)


@at_open_doors
def test_asking_costs_a_bounded_amount(kind: Kind, economy: Economy) -> None:
    contract = hostile(economy)
    door = kind.open(economy, Signer(contract.address, None))

    def gas(mode: int) -> int:
        answer(economy, contract.address, mode)
        return door.gas(b"\x05" * 65)

    plain = gas(REFUSE)
    for mode in (BURN_GAS, BOMB):
        assert GRANT * 0.9 < gas(mode) - plain <= GRANT, mode
    assert gas(LONG) - gas(ACCEPT) < 35_000  # the signer's own memory; none of it is copied


@pytest.mark.parametrize("kind", SHUT, ids=lambda kind: kind.name)
def test_where_only_keys_sign_no_contract_is_asked(kind: Kind, economy: Economy) -> None:
    contract = hostile(economy, ACCEPT)
    door = kind.open(economy, Signer(contract.address, None))
    costs = set()
    for mode in (ACCEPT, BURN_GAS):
        answer(economy, contract.address, mode)
        for signature in (b"\x05" * 65, KEY.sign(door.digest()), b"\0" * 65):
            assert not accepts(door, signature, kind.refusal), signature
        if kind.form != COMPACT:
            assert not accepts(door, b"\x05" * 64 + b"\x1b", kind.refusal)
        costs.add(door.gas(b"\x05" * 65))
    assert len(costs) == 1
