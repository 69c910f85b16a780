"""Encryption to the enclave's key, against a second implementation of the same format."""

from __future__ import annotations

import hashlib
import hmac
import secrets

import pytest
from coincurve import PrivateKey as OtherPrivate
from coincurve import PublicKey as OtherPublic
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eth_keys.datatypes import PrivateKey as EthKey
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.confidential import ecies

SECRET = bytes(range(1, 33))
FIXED = "acefcff701f0dd84d53b05a10ae0e709bfe2ce2e1c"


def other_key(secret: bytes, public: bytes) -> bytes:
    """The AES key by another curve library, and HKDF written out."""
    point = OtherPublic(public).multiply(secret).format(compressed=False)
    pseudo_random = hmac.digest(bytes(32), point[1:33], "sha256")
    return hmac.digest(pseudo_random, b"ecdsa_encryption\x01", "sha256")


def other_encrypt(text: str, public: bytes) -> str:
    secret, nonce = secrets.token_bytes(32), secrets.token_bytes(12)
    own = OtherPrivate(secret).public_key.format(compressed=False)
    sealed = AESGCM(other_key(secret, public)).encrypt(nonce, text.encode(), None)
    return (own + nonce + sealed).hex()


def other_decrypt(sealed: str, secret: bytes) -> str:
    raw = bytes.fromhex(sealed)
    key = other_key(secret, raw[:65])
    return AESGCM(key).decrypt(raw[65:77], raw[77:], None).decode()


@settings(max_examples=20, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=("Cs",))))
def test_both_ways_with_the_other_implementation(text: str) -> None:
    key = ecies.private_key(SECRET)
    public = ecies.public_bytes(key)
    assert other_decrypt(ecies.encrypt(text, public), SECRET) == text
    assert ecies.decrypt(other_encrypt(text, public), key) == text


def test_a_fixed_ciphertext() -> None:
    """Nonce and keys fixed, made by the other implementation: formats do not drift."""
    key = ecies.private_key(SECRET)
    ephemeral = hashlib.sha256(b"ephemeral").digest()
    own = OtherPrivate(ephemeral).public_key.format(compressed=False)
    aes = other_key(ephemeral, ecies.public_bytes(key))
    sealed = own + bytes(12) + AESGCM(aes).encrypt(bytes(12), b"hello", None)
    assert sealed.hex().endswith(FIXED)
    assert ecies.decrypt(sealed.hex(), key) == "hello"


def test_no_two_ciphertexts_are_alike() -> None:
    public = ecies.public_bytes(ecies.generate_key())
    assert len({ecies.encrypt("same", public) for _ in range(20)}) == 20


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_changed_bit_is_read(data: st.DataObject) -> None:
    key = ecies.private_key(SECRET)
    sealed = bytearray(bytes.fromhex(ecies.encrypt("a secret", ecies.public_bytes(key))))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(ecies.UnreadableText):
        ecies.decrypt(sealed.hex(), key)


@pytest.mark.parametrize("text", ["", "hello", "zz", "00" * 92, "04" + "00" * 120, "ab" * 200, "é"])
def test_what_is_no_ciphertext(text: str) -> None:
    with pytest.raises(ecies.UnreadableText):
        ecies.decrypt(text, ecies.generate_key())


def test_another_key_reads_nothing() -> None:
    sealed = ecies.encrypt("a secret", ecies.public_bytes(ecies.generate_key()))
    with pytest.raises(ecies.UnreadableText):
        ecies.decrypt(sealed, ecies.generate_key())


def test_public_keys() -> None:
    public = ecies.public_bytes(ecies.private_key(SECRET))
    assert ecies.parse_public(public.hex()) == public
    assert ecies.parse_public("0x" + public[1:].hex()) == public
    assert ecies.address_of(public) == EthKey(SECRET).public_key.to_checksum_address()
    for bad in ("", "04", public.hex()[:-2], "05" + public[1:].hex(), "00" * 64, "zz" * 64):
        with pytest.raises(ValueError):
            ecies.parse_public(bad)
