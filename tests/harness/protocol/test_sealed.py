"""End-to-end envelopes: what opens, and everything that must not."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.protocol.sealed import MEMBERS, OperatorKey, SealError, seal_request

OPERATOR = "0x00000000000000000000000000000000000000A1"
OTHER = "0x00000000000000000000000000000000000000A2"


@given(st.binary(max_size=2_000), st.binary(max_size=2_000))
def test_there_and_back(asked: bytes, answered: bytes) -> None:
    key = OperatorKey.generate()
    envelope, consumer = seal_request(asked, key.public_hex, OPERATOR)
    assert set(envelope) == MEMBERS
    plaintext, operator = key.open(envelope, OPERATOR)
    assert plaintext == asked
    assert consumer.open_response(operator.seal_response(answered)) == answered


def test_chunks_open_in_their_place_alone() -> None:
    key = OperatorKey.generate()
    envelope, consumer = seal_request(b"hi", key.public_hex, OPERATOR)
    _, operator = key.open(envelope, OPERATOR)
    chunks = [operator.seal_chunk(seq, b"part %d" % seq) for seq in range(3)]
    assert [consumer.open_chunk(seq, chunk) for seq, chunk in enumerate(chunks)] == [
        b"part 0", b"part 1", b"part 2",
    ]  # fmt: skip
    for seq, chunk in [(1, chunks[0]), (0, chunks[1]), (3, chunks[2])]:
        with pytest.raises(SealError):
            consumer.open_chunk(seq, chunk)
    with pytest.raises(SealError):
        consumer.open_chunk(0, "no base64!")


def test_another_exchange_operator_or_direction_does_not_open() -> None:
    key = OperatorKey.generate()
    envelope, consumer = seal_request(b"hi", key.public_hex, OPERATOR)
    second, other_consumer = seal_request(b"hi", key.public_hex, OPERATOR)
    _, operator = key.open(envelope, OPERATOR)
    reply = operator.seal_response(b"answer")
    with pytest.raises(SealError):
        other_consumer.open_response(reply)
    with pytest.raises(SealError):
        key.open(envelope, OTHER)
    with pytest.raises(SealError):
        OperatorKey.generate().open(envelope, OPERATOR)
    with pytest.raises(SealError):  # our own request sent back to us as the answer
        consumer.open_response(envelope)
    with pytest.raises(SealError):  # one exchange's text under another's key
        key.open({**envelope, "epk": second["epk"]}, OPERATOR)


@pytest.mark.parametrize("member", ["nonce", "ct", "epk"])
@given(data=st.data())
def test_a_flipped_bit_does_not_open(member: str, data: st.DataObject) -> None:
    key = OperatorKey.generate()
    envelope, _ = seal_request(b"some text", key.public_hex, OPERATOR)
    raw = bytearray.fromhex(envelope[member])
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    if member == "epk" and bit == len(raw) * 8 - 1:
        return  # X25519 ignores the top bit of a point; it still is part of what is bound
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealError):
        key.open({**envelope, member: raw.hex()}, OPERATOR)


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2}, {"v": "3"}, {"alg": "none"}, {"nonce": "00"}, {"nonce": 5}, {"ct": "zz"}, {"ct": ""}, {"epk": "ab"},
        {"epk": "00" * 32}, {"more": 1},
    ],
)  # fmt: skip
def test_malformed_envelopes(change: dict[str, Any]) -> None:
    key = OperatorKey.generate()
    envelope, _ = seal_request(b"some text", key.public_hex, OPERATOR)
    with pytest.raises(SealError):
        key.open({**copy.deepcopy(envelope), **change}, OPERATOR)


@pytest.mark.parametrize("value", [None, [], "text", {}, {"v": 3}])
def test_what_is_no_envelope_at_all(value: Any) -> None:
    with pytest.raises(SealError):
        OperatorKey.generate().open(value, OPERATOR)


@pytest.mark.parametrize("public", ["", "ab", "zz" * 32, "00" * 31, "00" * 32])
def test_an_announced_key_that_is_none(public: str) -> None:
    with pytest.raises(SealError):
        seal_request(b"", public, OPERATOR)
