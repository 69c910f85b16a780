"""Digests against an independent implementation and the known type hashes; strict wire parsing."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from harness.chain.keys import LocalSigner
from harness.protocol.addresses import checksum
from harness.protocol.authorization import (
    CANCEL_PAYMENT,
    PAYMENT,
    TRANSFER,
    Authorization,
    SignedAuthorization,
    authorization_id,
    facet_domain,
    sign,
)
from harness.protocol.recovery import recover_signer
from harness.protocol.typed_data import Domain

UINT = st.integers(0, 2**256 - 1)
ADDRESS = st.binary(min_size=20, max_size=20).map(checksum)
NONCE = st.binary(min_size=32, max_size=32)
AUTHORIZATION = st.builds(Authorization, ADDRESS, ADDRESS, UINT, UINT, UINT, NONCE)

_FIELDS = [
    {"name": "from", "type": "address"}, {"name": "to", "type": "address"},
    {"name": "value", "type": "uint256"}, {"name": "validAfter", "type": "uint256"},
    {"name": "validBefore", "type": "uint256"}, {"name": "nonce", "type": "bytes32"},
]  # fmt: skip


def test_type_hashes_are_the_published_ones() -> None:
    known = {
        PAYMENT: "2bf07b601a3e03009e0940697f0f9638de6d92642ade2080974ac818d48a381e",
        CANCEL_PAYMENT: "e10054be8abeffb5658701fbb90283c880ae669d27feaa00a288019d563c75be",
        TRANSFER: "7c7c6cdb67a18743f49ec6fa9b35f50d52ed05cbed4cc592e13b44501c1a2267",
    }
    for kind, digest in known.items():
        assert kind.hash.hex() == digest


@given(AUTHORIZATION, st.sampled_from([PAYMENT, TRANSFER]), st.integers(1, 2**64), ADDRESS)
def test_digests_agree_with_eth_account(
    authorization: Authorization, kind: Any, chain_id: int, contract: str
) -> None:
    domain = Domain("Some Name", "2", chain_id, contract)
    message = encode_typed_data(
        full_message={
            "types": {
                "EIP712Domain": [
                    {"name": "name", "type": "string"}, {"name": "version", "type": "string"},
                    {"name": "chainId", "type": "uint256"},
                    {"name": "verifyingContract", "type": "address"},
                ],
                kind.name: _FIELDS,
            },
            "primaryType": kind.name,
            "domain": {
                "name": "Some Name", "version": "2", "chainId": chain_id,
                "verifyingContract": contract,
            },
            "message": dict(zip(("from", "to", "value", "validAfter", "validBefore", "nonce"),
                                authorization.values, strict=True)),
        }
    )  # fmt: skip
    expected = keccak(b"\x19\x01" + message.header + message.body)
    assert authorization.digest(kind, domain.separator) == expected


@given(AUTHORIZATION, st.binary(min_size=1, max_size=200))
def test_the_wire_form_reads_back(authorization: Authorization, signature: bytes) -> None:
    signed = SignedAuthorization(authorization, signature)
    wire = signed.to_wire()
    assert SignedAuthorization.from_wire(wire) == signed
    shouted = {**wire["authorization"], "from": authorization.payer.upper().replace("0X", "0x")}
    assert SignedAuthorization.from_wire({**wire, "authorization": shouted}) == signed


@pytest.mark.parametrize(
    "change",
    [
        {"value": 5}, {"value": "05"}, {"value": "+5"}, {"value": " 5"}, {"value": "0x5"},
        {"value": "5.0"}, {"value": "1e3"}, {"value": "٣"}, {"value": ""}, {"value": None},
        {"value": str(2**256)}, {"validAfter": "-1"}, {"from": "0x12"}, {"from": "1" * 42},
        {"to": None}, {"nonce": "0x" + "0" * 63}, {"nonce": "0x" + "g" * 64}, {"nonce": b"\0" * 32},
    ],
)  # fmt: skip
def test_loose_spellings_are_refused(change: dict[str, Any]) -> None:
    good = Authorization(checksum(b"\1" * 20), checksum(b"\2" * 20), 5, 0, 9, b"\3" * 32).to_wire()
    Authorization.from_wire(good)
    with pytest.raises(ValueError, match=next(iter(change))):
        Authorization.from_wire({**good, **change})


@pytest.mark.parametrize("wire", [{}, {"authorization": []}, {"authorization": {}, "signature": 1}])
def test_what_is_no_payload_is_refused(wire: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        SignedAuthorization.from_wire(wire)


def test_a_huge_signature_is_refused() -> None:
    good = Authorization(checksum(b"\1" * 20), checksum(b"\2" * 20), 5, 0, 9, b"\3" * 32)
    with pytest.raises(ValueError, match="more than"):
        SignedAuthorization.from_wire(SignedAuthorization(good, b"\1" * 9000).to_wire())


def test_signing_binds_the_signer_and_draws_a_nonce() -> None:
    signer = LocalSigner.from_phrase("payer")
    separator = facet_domain(1, checksum(b"\7" * 20)).separator
    payee = checksum(b"\2" * 20)
    one, two = (
        sign(signer, PAYMENT, separator, payee=payee, value=5, valid_before=99) for _ in range(2)
    )
    assert one.authorization.nonce != two.authorization.nonce
    assert (
        recover_signer(one.authorization.digest(PAYMENT, separator), one.signature)
        == signer.address
    )
    official = Account.unsafe_sign_hash(
        one.authorization.digest(PAYMENT, separator), signer._secret
    )
    assert one.signature == official.signature


@given(NONCE, ADDRESS, ADDRESS, st.integers(1, 2**64))
def test_identities_differ_by_every_part(
    nonce: bytes, payer: str, token: str, chain_id: int
) -> None:
    here = authorization_id(chain_id, token, payer, nonce)
    other = bytes([nonce[0] ^ 1]) + nonce[1:]
    assert here != authorization_id(chain_id, token, payer, other)
    assert here != authorization_id(chain_id + 1, token, payer, nonce)
    if token != payer:
        assert here != authorization_id(chain_id, payer, token, nonce)
