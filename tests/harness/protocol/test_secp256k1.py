"""Both ways to sign make the same bytes, and refuse the same ones."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.chain.keys import LocalSigner
from harness.protocol.recovery import recover_signer
from harness.protocol.secp256k1 import InPython, Libsecp256k1, recover, secret_key

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
DIGESTS = st.binary(min_size=32, max_size=32)
SCALARS = st.one_of(
    st.sampled_from((0, 1, ORDER // 2, ORDER - 1, ORDER, ORDER + 1, 2**256 - 1)),
    st.integers(0, 2**256 - 1),
)

# RFC 6979 with the key 1, as Bitcoin's libraries test it: the digest is SHA-256 of "Satoshi Nakamoto".
SATOSHI = bytes.fromhex("a0dc65ffca799873cbea0ac274015b9526505daaaed385155425f7337704883e")
SIGNED = (
    "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
    "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"
)


def word(number: int) -> bytes:
    return number.to_bytes(32, "big")


@pytest.mark.parametrize("curve", [Libsecp256k1, InPython])
def test_a_known_signature(curve: type[Libsecp256k1 | InPython]) -> None:
    key = curve(word(1))
    assert key.public_key.hex().startswith("79be667ef9dcbbac55a06295ce870b07")
    signature = key.sign(SATOSHI)
    assert signature[:64].hex() == SIGNED
    assert curve.recover(SATOSHI, signature) == key.public_key


@given(st.integers(1, ORDER - 1), DIGESTS)
@example(1, bytes(32))
@example(ORDER - 1, b"\xff" * 32)
def test_both_sign_and_recover_alike(secret: int, digest: bytes) -> None:
    fast, slow = Libsecp256k1(word(secret)), InPython(word(secret))
    signature = fast.sign(digest)
    assert signature == slow.sign(digest)
    assert signature[64] in (0, 1)
    assert int.from_bytes(signature[32:64], "big") <= ORDER // 2
    assert fast.public_key == slow.public_key
    assert fast.public_key == fast.recover(digest, signature) == slow.recover(digest, signature)


def recovered(
    curve: type[Libsecp256k1 | InPython], digest: bytes, signature: bytes
) -> bytes | None:
    try:
        return curve.recover(digest, signature)
    except ValueError:
        return None


@given(DIGESTS, SCALARS, SCALARS, st.sampled_from((0, 1)))
@example(bytes(32), 1, 1, 0)
@example(bytes(32), 1, ORDER - 1, 1)
def test_both_recover_the_same_of_any_bytes(digest: bytes, r: int, s: int, parity: int) -> None:
    signature = word(r) + word(s) + bytes([parity])
    found = recovered(Libsecp256k1, digest, signature)
    assert found == recovered(InPython, digest, signature)
    assert found is None or (0 < r < ORDER and 0 < s < ORDER)


@pytest.mark.parametrize("curve", [Libsecp256k1, InPython])
@pytest.mark.parametrize("secret", [0, ORDER, ORDER + 1, 2**256 - 1])
def test_what_is_no_key_is_refused_and_not_shown(
    curve: type[Libsecp256k1 | InPython], secret: int
) -> None:
    with pytest.raises(ValueError) as refused:
        curve(word(secret))
    if secret > ORDER:
        assert str(secret) not in str(refused.value)


@pytest.mark.parametrize("size", [0, 20, 31, 33, 64])
def test_a_key_has_32_bytes(size: int) -> None:
    with pytest.raises(ValueError, match=f"32 bytes, got {size}"):
        secret_key(b"\1" * size)


def test_a_signer_is_who_is_recovered() -> None:
    signer = LocalSigner(b"\1" * 32)
    signature = signer.sign_digest(SATOSHI)
    assert recover_signer(SATOSHI, signature) == signer.address
    assert recover(SATOSHI, signature[:64] + bytes([signature[64] - 27])) == (
        secret_key(b"\1" * 32).public_key
    )
