"""Signed texts are those of every wallet (ERC-191), in one form."""

from __future__ import annotations

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from hypothesis import given
from hypothesis import strategies as st

from harness.chain.keys import LocalSigner
from harness.protocol.personal import personal_sign, recover_personal

KEY = b"\x11" * 32
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@given(st.text(max_size=200))
def test_as_eth_account_signs(text: str) -> None:
    signer = LocalSigner(KEY)
    signed = personal_sign(signer, text)
    assert signed == Account.sign_message(encode_defunct(text=text), KEY).signature.to_0x_hex()
    assert recover_personal(text, signed) == signer.address


def test_the_second_form_is_refused() -> None:
    raw = bytearray.fromhex(personal_sign(LocalSigner(KEY), "text")[2:])
    raw[32:64] = (ORDER - int.from_bytes(raw[32:64], "big")).to_bytes(32, "big")
    raw[64] = 55 - raw[64]
    with pytest.raises(ValueError, match="upper half"):
        recover_personal("text", "0x" + raw.hex())


@pytest.mark.parametrize(
    "signature", ["", "0x", "0xzz", "0x" + "00" * 65, "0x" + "11" * 64, "0x" + "11" * 66]
)
def test_malformed(signature: str) -> None:
    with pytest.raises(ValueError):
        recover_personal("text", signature)
