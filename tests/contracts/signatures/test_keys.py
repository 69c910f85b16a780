"""What a key must have signed, and in what form, at every door."""

from __future__ import annotations

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from tests.contracts import signing
from tests.contracts.calls import Reverted, reverts
from tests.contracts.economy import ZERO, Economy
from tests.contracts.payments.rail import wrap
from tests.contracts.signatures import diamond_doors, token_doors
from tests.contracts.signatures.door import BYTES, COMPACT, Door, Kind, Signer, accepts
from tests.contracts.signatures.messages import MESSAGES
from tests.contracts.signing import SECP256K1_N, Key

KEY, OTHER = Key.named("signer"), Key.named("another signer")
KINDS = [*token_doors.KINDS, *diamond_doors.KINDS]
each = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@pytest.fixture
def door(economy: Economy, kind: Kind) -> Door:
    return kind.open(economy, Signer(KEY.address, KEY))


def refused(door: Door, kind: Kind, signature: bytes, what: object) -> None:
    assert not accepts(door, signature, kind.refusal), what


@each
def test_what_a_wallet_signs_counts_once_x_a1_v_a1(kind: Kind, door: Door) -> None:
    """What a wallet shows and signs is what is checked; sent again it is an error or changes nothing."""
    message, economy = door.message, door.economy
    fields = signing.fields_of(message.type)
    shown = {
        name: "0x" + value.hex() if type_ == "address" else value
        for (type_, name), value in zip(fields, door.values, strict=True)
    }
    contract = getattr(door, "token", door.at).address
    domain = {
        "name": message.name,
        "version": message.version,
        "chainId": economy.evm.chain_id,
        "verifyingContract": "0x" + contract.hex(),
    }
    types = {message.primary: [{"name": name, "type": type_} for type_, name in fields]}
    signed = Account.sign_message(
        encode_typed_data(domain, types, shown), KEY.private.to_bytes()
    ).signature
    assert bytes(signed) == KEY.sign(door.digest())
    before = door.probe()
    door.send(bytes(signed))
    after = door.probe()
    assert after != before
    low_v = signed[:64] + bytes([signed[64] - 27])  # the same signature in its other form
    for sent in (signed, low_v) if kind.low_v else (signed,):
        try:
            door.send(bytes(sent))
            again = None
        except Reverted as failure:
            again = failure.error
        assert (again, door.probe()) == (kind.replay, after)


@each
def test_every_field_is_signed_x_a2_v_a2(kind: Kind, door: Door) -> None:
    for name, values in door.changes().items():
        refused(door, kind, KEY.sign(door.digest(values)), name)


@each
def test_every_part_of_the_domain_is_signed_x_a3_v_a2(kind: Kind, door: Door) -> None:
    economy = door.economy
    chain, contract = economy.evm.chain_id, getattr(door, "token", door.at).address
    for other in (chain + 1, 1, 2**64):
        refused(door, kind, KEY.sign(door.digest(chain=other)), other)
    places = {economy.diamond, economy.credits.address, economy.usd.address, KEY.address, ZERO}
    facet = economy.loupe.call(
        "facetAddress", door.at.data(door.function, *door.call(b"\0" * 65))[:4]
    )
    for place in (places | {facet}) - {contract}:
        refused(door, kind, KEY.sign(door.digest(contract=place)), place)
    for name in {message.name for message in MESSAGES} - {door.message.name} | {""}:
        refused(door, kind, KEY.sign(door.digest(name=name)), name)
    for version in {"1", "2", "3", "01", ""} - {door.message.version}:
        refused(door, kind, KEY.sign(door.digest(version=version)), version)


@each
def test_after_a_chain_split_the_other_sides_signatures_are_void(kind: Kind, door: Door) -> None:
    evm, signature = door.economy.evm, KEY.sign(door.digest())
    evm.chain_id += 1
    evm.timestamp += 0  # the clock and the chain id change together
    try:
        # Where a field depends on the chain id, the old message is wrong whoever signs it.
        if not kind.names_chain:
            assert accepts(door, KEY.sign(door.digest()), kind.refusal)
        with reverts(kind.names_chain or kind.refusal):
            door.send(signature)
    finally:
        evm.chain_id -= 1
        evm.timestamp += 0
    assert accepts(door, signature, kind.refusal)


@each
def test_no_message_stands_in_for_another(kind: Kind, door: Door) -> None:
    """Same fields under another type, and the digest without its parts."""
    fields = door.message.type.partition("(")[2]
    for primary in {message.primary for message in MESSAGES} - {door.message.primary}:
        refused(door, kind, KEY.sign(door.digest(kind=f"{primary}({fields}")), primary)
    struct, digest = signing.struct_hash(door.message.type, *door.values), door.digest()
    for wrong in (
        struct,
        keccak(digest),
        keccak(b"\x19Ethereum Signed Message:\n32" + digest),
        keccak(b"\x19Ethereum Signed Message:\n32" + struct),
        signing.digest(b"\0" * 32, struct),
    ):
        refused(door, kind, KEY.sign(wrong), wrong)


@each
def test_another_key_signs_nothing(kind: Kind, door: Door) -> None:
    economy, digest = door.economy, door.digest()
    for key in (OTHER, economy.owner, economy.scheduler, *economy.keys.values()):
        refused(door, kind, key.sign(digest), key)


@each
def test_one_form_of_each_signature_x_a4_v_a3(kind: Kind, door: Door) -> None:
    """The high half of the curve, the recovery byte, points that are none."""
    good = KEY.sign(door.digest())
    r, s, v = good[:32], good[32:64], good[64]
    zero, order = b"\0" * 32, SECP256K1_N.to_bytes(32, "big")
    high = (SECP256K1_N - int.from_bytes(s, "big")).to_bytes(32, "big")
    bad = [(r, s, 55 - v)]  # the other parity
    bad += [(zero, s, v), (r, zero, v), (zero, zero, v), (order, s, v), (b"\xff" * 32, s, v)]
    if kind.form != COMPACT:  # which has neither a recovery byte nor room for a high s
        bad += [(r, high, 55 - v), (r, high, v), (r, b"\xff" * 32, v), (r, order, v)]
        bad += [(r, s, odd) for odd in (2, 26, 29, 35, 128, 255)]
        bad += [(r, s, 28 - v), (zero, zero, 0), (zero, zero, 1)]
        assert accepts(door, r + s + bytes([v - 27]), kind.refusal) is kind.low_v
    for parts in bad:
        refused(door, kind, parts[0] + parts[1] + bytes([parts[2]]), parts)
    assert accepts(door, good, kind.refusal)


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.form == BYTES], ids=lambda kind: kind.name
)
def test_lengths(kind: Kind, door: Door) -> None:
    """65 bytes. An EIP-2098 signature is not one of them, nor is one with something behind it."""
    good = KEY.sign(door.digest())
    s, v = int.from_bytes(good[32:64], "big"), good[64]
    compact = good[:32] + (s | (v - 27) << 255).to_bytes(32, "big")
    for wrong in (b"", good[:1], good[:64], compact, good + b"\0", b"\0" + good, good + good):
        refused(door, kind, wrong, len(wrong))
    for filled in (b"\0" * 65, b"\xff" * 65, b"\0" * 64, b"\0" * 66):
        refused(door, kind, filled, filled[:1])
    # ERC-6492 is for contracts: around a key's signature it makes none, here or where it is understood.
    refused(door, kind, wrap(door.economy.diamond, b"", good), "wrapped")


@each
def test_nobody_signs_for_an_account_that_never_signed(kind: Kind, economy: Economy) -> None:
    """An account without code, whose key nobody has: no junk is its signature."""
    door = kind.open(economy, Signer(b"\x01" * 20, None))
    for junk in (b"\0" * 65, b"\x05" * 65, KEY.sign(door.digest())):
        refused(door, kind, junk, junk[:1])
