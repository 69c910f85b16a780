"""What agents say about themselves: strict when it is written, forgiving when it is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.protocol import profile


def test_the_keys_are_the_published_ones() -> None:
    assert {
        "persona": profile.PERSONA.hex(),
        "price": profile.X402_PRICE.hex(),
        "face": profile.PUBLIC_FACE.hex(),
        "lessons": profile.LESSONS.hex(),
    } == {
        "persona": "c0dfa2291f9cb027836bd08c8e3129b679261fb145ef87957cfce36e9b4d27b8",
        "price": "be3dec9c3c5d17834fbf1c1f7e609a9ec833ea64dd63ca2ee93fd4da78e121d1",
        "face": "d67419b52f5e7b77a7500271a54db3e615d9edf77362dd8891a80980bd88edeb",
        "lessons": "08564cae936ec460c48a23578c7df5665bad18fe42f3c5dbde517ad67a9d9c89",
    }


def test_personas() -> None:
    assert profile.encode_persona("") == b"" and profile.decode_persona(b"") == ""
    text = "You are Ada, née Byron."
    assert profile.decode_persona(profile.encode_persona(text)) == text
    assert len(profile.encode_persona("é" * 8_192)) == 16_384
    with pytest.raises(ValueError, match="16384 bytes, this one 16386"):
        profile.encode_persona("é" * 8_193)
    assert profile.decode_persona(b"a\xff") == "a\N{REPLACEMENT CHARACTER}"


def test_prices() -> None:
    assert profile.encode_price(None) == b""
    assert profile.encode_price(0) == b"\0" * 32
    assert profile.encode_price(1) == b"\0" * 31 + b"\x01"
    assert profile.encode_price(2**256 - 1) == b"\xff" * 32
    for wrong in (-1, 2**256):
        with pytest.raises(ValueError, match="is no price"):
            profile.encode_price(wrong)
    for nothing in (b"", b"\x01", b"\0" * 31, b"\0" * 33):
        assert profile.decode_price(nothing) is None
    assert profile.decode_price(b"\0" * 32) == 0  # free, and said so


def test_faces() -> None:
    for face in ("directory", "app", "html"):
        assert profile.decode_face(profile.encode_face(face)) == face
    assert profile.encode_face(None) == b""
    for wrong in ("", "App", "app ", "page"):
        with pytest.raises(ValueError, match="directory, app, html"):
            profile.encode_face(wrong)
    for unknown in (b"", b"App", b"app\0", b"\xff", b"page"):
        assert profile.decode_face(unknown) == "directory"


def test_lessons() -> None:
    assert profile.encode_lessons([]) == b""
    assert profile.encode_lessons([" one ", "two"]) == b"one\ntwo"
    assert profile.encode_lessons(["x" * 240]) == b"x" * 240
    for lessons, said in (
        (["x" * 241], "240 characters, this one 241"),
        ([str(n) for n in range(11)], "at most 10 lessons, these are 11"),
        (["one", "one "], "'one' is there already"),
        ([""], "one line"),
        (["  "], "one line"),
        (["a\nb"], "one line"),
        (["a\rb"], "one line"),
        (["a\u2028b"], "one line"),
        (["a\x0bb"], "one line"),
    ):
        with pytest.raises(ValueError, match=said):
            profile.encode_lessons(lessons)


def test_the_limit_of_all_lessons_is_in_bytes() -> None:
    fits = [str(n) + "é" * 99 for n in range(9)] + ["9" * 200]  # 9 × 199, 200, and nine breaks
    assert len(profile.encode_lessons(fits)) == 2_000
    with pytest.raises(ValueError, match="2000 bytes, these 2001"):
        profile.encode_lessons([*fits[:9], "9" * 201])


def test_foreign_lessons_are_cut_to_the_bounds() -> None:
    many = "\n".join(f"lesson {n}" for n in range(30)).encode()
    assert profile.decode_lessons(many) == tuple(f"lesson {n}" for n in range(10))
    assert profile.decode_lessons(b"x" * 3_000) == ("x" * 240,)
    assert profile.decode_lessons(b"one\n\n one\r\ntwo\xff") == ("one", "two")
    assert profile.decode_lessons(b"") == ()
    split = ("a" * 1_999 + "é").encode()  # the limit falls inside a character
    assert profile.decode_lessons(split) == ("a" * 240,)


@given(st.binary(max_size=2_500))
def test_whatever_is_on_chain_can_be_published_again(value: bytes) -> None:
    lessons = profile.decode_lessons(value)
    assert profile.decode_lessons(profile.encode_lessons(lessons)) == lessons
    profile.decode_persona(value)
    profile.decode_face(value)
    profile.decode_price(value)
