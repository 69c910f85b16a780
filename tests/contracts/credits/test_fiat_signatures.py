"""What counts as the issuer's signature under a FiatMint: the whole matrix, for keys and for contracts."""

from __future__ import annotations

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from tests.contracts.calls import Bound, Receipt, reverts
from tests.contracts.credits.gate import FOREVER, Gate
from tests.contracts.economy import ETHER, Economy
from tests.contracts.payments.rail import wrap
from tests.contracts.signing import SECP256K1_N, Key, digest, separator

AMOUNT = 10 * ETHER
NAME, VERSION = "localharness-mintgate", "1"
ACCEPT, REFUSE, REVERT, SHORT, BURN_GAS, BOMB, DIRTY, EMPTY = range(8)


@pytest.fixture
def gate(economy: Economy) -> Gate:
    return Gate(economy)


def send(gate: Gate, sig: bytes) -> Receipt:
    return gate.send(
        "mintFromFiat", gate.alice, AMOUNT, gate.receipt_id("r"), FOREVER, sig, sender=gate.carol
    )


def refused(gate: Gate, sig: bytes) -> None:
    with reverts("BadSignature"):
        send(gate, sig)
    assert (gate.credit(), gate.info()[2]) == (0, False)


def test_a_wallets_signature_mints(gate: Gate) -> None:
    """What a wallet shows and signs is what the gate checks."""
    economy = gate.economy
    message = {
        "to": "0x" + gate.alice.hex(),
        "amount": AMOUNT,
        "receiptId": gate.receipt_id("r"),
        "validBefore": FOREVER,
    }
    data = {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "FiatMint": [
                {"name": "to", "type": "address"},
                {"name": "amount", "type": "uint256"},
                {"name": "receiptId", "type": "bytes32"},
                {"name": "validBefore", "type": "uint256"},
            ],
        },
        "domain": {
            "name": NAME,
            "version": VERSION,
            "chainId": economy.evm.chain_id,
            "verifyingContract": "0x" + economy.diamond.hex(),
        },
        "primaryType": "FiatMint",
        "message": message,
    }
    key = economy.fiat_issuer.private.to_bytes()
    signed = Account.sign_message(encode_typed_data(full_message=data), key)
    send(gate, bytes(signed.signature))
    assert gate.credit() == AMOUNT


@pytest.mark.parametrize("field", ["chain", "contract", "name", "version", "none"])
def test_a_domain_of_something_else(gate: Gate, field: str) -> None:
    economy = gate.economy
    parts = {
        "name": NAME,
        "version": VERSION,
        "chain_id": economy.evm.chain_id,
        "contract": economy.diamond,
    }
    parts |= {
        "chain": {"chain_id": economy.evm.chain_id + 1},
        "contract": {"contract": economy.code["MintGateFacet"]},
        "name": {"name": "localharness-x402"},
        "version": {"version": "2"},
        "none": {},
    }[field]
    sig = gate.signed(domain=separator(**parts))[4]  # type: ignore[arg-type]
    if field == "none":
        send(gate, sig)
    else:
        refused(gate, sig)


def test_a_signature_follows_the_chain_id(gate: Gate) -> None:
    """After a chain split the other side's signatures are void: the separator is built at call time."""
    sig = gate.signed()[4]
    gate.economy.evm.chain_id += 1
    gate.economy.later(1)  # the clock and the chain id change together
    try:
        with reverts("BadSignature"):
            send(gate, sig)
        send(gate, gate.signed()[4])
    finally:
        gate.economy.evm.chain_id -= 1
        gate.economy.later(1)


def test_a_digest_without_its_prefix_or_domain(gate: Gate) -> None:
    from eth_utils.crypto import keccak

    from tests.contracts.calls import encode
    from tests.contracts.signing import FIAT_MINT

    types = ["bytes32", "address", "uint256", "bytes32", "uint256"]
    values = [keccak(text=FIAT_MINT), gate.alice, AMOUNT, gate.receipt_id("r"), FOREVER]
    struct = keccak(encode(types, values))
    issuer = gate.economy.fiat_issuer
    personal = keccak(b"\x19Ethereum Signed Message:\n32" + struct)
    for wrong in (struct, personal, digest(b"\0" * 32, struct)):
        refused(gate, issuer.sign(wrong))
    renamed = keccak(encode(types, [keccak(text="Mint()"), *values[1:]]))
    domain = gate.facet.call("fiatMintDomainSeparator")
    refused(gate, issuer.sign(digest(domain, renamed)))
    send(gate, issuer.sign(digest(domain, struct)))


def test_the_high_half_of_the_curve(gate: Gate) -> None:
    sig = gate.signed()[4]
    s, v = int.from_bytes(sig[32:64], "big"), sig[64]
    high = sig[:32] + (SECP256K1_N - s).to_bytes(32, "big") + bytes([55 - v])
    refused(gate, high)
    refused(gate, high[:64] + bytes([v]))
    send(gate, sig)


def test_the_recovery_byte(gate: Gate) -> None:
    sig = gate.signed()[4]
    v = sig[64]
    for odd in {*range(256)} - {v, v - 27}:
        with reverts("BadSignature"):
            send(gate, sig[:64] + bytes([odd]))
    for good in (v, v - 27):
        mark = gate.economy.evm.snapshot()
        send(gate, sig[:64] + bytes([good]))
        gate.economy.evm.revert(mark)


def test_lengths(gate: Gate) -> None:
    sig = gate.signed()[4]
    compact = sig[:32] + ((sig[64] - 27) << 255 | int.from_bytes(sig[32:64], "big")).to_bytes(
        32, "big"
    )
    for wrong in (b"", sig[:1], sig[:64], sig + b"\0", sig + sig, compact, b"\0" * 64):
        refused(gate, wrong)


def test_points_that_are_none(gate: Gate) -> None:
    zero, order = b"\0" * 32, SECP256K1_N.to_bytes(32, "big")
    sig = gate.signed()[4]
    for r, s in ((zero, sig[32:64]), (sig[:32], zero), (zero, zero), (order, sig[32:64])):
        refused(gate, r + s + bytes([sig[64]]))
        refused(gate, r + s + b"\0")


def test_a_wrapped_signature_is_not_unwrapped(gate: Gate) -> None:
    """ERC-6492 would call out before anything is settled; the gate has no use for it."""
    sig = gate.signed()[4]
    refused(gate, wrap(gate.economy.diamond, b"", sig))


@pytest.fixture
def contract(gate: Gate) -> Bound:
    """An issuer that is a contract."""
    signer = gate.economy.bound("HostileSigner", gate.economy.create("HostileSigner"))
    gate.send("setFiatIssuerSigner", signer.address)
    return signer


@pytest.mark.parametrize(
    ("mode", "good"),
    [
        (ACCEPT, True),
        (REFUSE, False),
        (REVERT, False),
        (SHORT, False),
        (BURN_GAS, False),
        (BOMB, False),
        (DIRTY, False),
        (EMPTY, False),
    ],
)
@pytest.mark.parametrize("sig", [b"", b"\x05" * 64, b"\x05" * 65, b"\x05" * 500])
def test_a_contract_as_issuer(
    gate: Gate, contract: Bound, mode: int, good: bool, sig: bytes
) -> None:
    contract.send("setMode", mode, sender=gate.alice)
    if good:
        send(gate, sig)
        with reverts("ReceiptUsed"):
            send(gate, sig)
    else:
        refused(gate, sig)


def test_a_contract_that_burns_gas_burns_a_bounded_amount(gate: Gate, contract: Bound) -> None:
    contract.send("setMode", BURN_GAS, sender=gate.alice)
    data = gate.facet.data("mintFromFiat", gate.alice, AMOUNT, gate.receipt_id("r"), FOREVER, b"")
    outcome = gate.economy.evm.call(gate.economy.diamond, data, sender=gate.carol)
    assert not outcome.success
    assert 200_000 < outcome.transaction_gas < 300_000


def test_a_contract_as_issuer_is_not_asked_about_others_keys(gate: Gate, contract: Bound) -> None:
    """A refusing contract is not saved by a signature of its predecessor or its owner."""
    contract.send("setMode", REFUSE, sender=gate.alice)
    refused(gate, gate.signed()[4])
    refused(gate, gate.signed(key=Key.named("deployer"))[4])


def test_a_delegated_account_as_issuer(gate: Gate) -> None:
    """EIP-7702: the key signs as before, and so does the delegate."""
    economy = gate.economy
    accepting = economy.create("HostileSigner")
    economy.evm.set_code(economy.fiat_issuer.address, b"\xef\x01\x00" + accepting)
    mark = economy.evm.snapshot()
    send(gate, gate.signed()[4])
    economy.evm.revert(mark)
    send(gate, b"the delegate likes everything")
