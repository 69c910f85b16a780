"""JSON from strangers: the same values as the standard parser, and clean refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.protocol.json_text import MAX_DEPTH, parse_json

TEXT = st.text(max_size=8) | st.sampled_from(["[" * 200, '"' + "[" * 200, "\\" + "{" * 200])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=30,
)


@given(VALUES, st.booleans())
def test_as_the_standard_parser(value: Any, ascii_only: bool) -> None:
    assert parse_json(json.dumps(value, ensure_ascii=ascii_only)) == value


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_depth(opening: str) -> None:
    closing = {"[": "]"}.get(opening, "}")
    assert parse_json(opening * MAX_DEPTH + "1" + closing * MAX_DEPTH)
    for depth in (MAX_DEPTH + 1, 100_000):
        with pytest.raises(ValueError, match="nested deeper"):
            parse_json(opening * depth + "1" + closing * depth)


@pytest.mark.parametrize(
    "text", ["", "nul", "{", '{"a":1,"a":1}', "NaN", "[Infinity]", '"' + "[" * 500, b"\xff"]
)
def test_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError):
        parse_json(text)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32-le"])
def test_no_encoding_is_guessed(encoding: str) -> None:
    """One byte of the trade mark is a quote: to whoever counts bytes the brackets are inside a string."""
    hidden = '["\u2122", ' + "[" * 3_000_000 + '"'
    with pytest.raises(ValueError, match=r"UTF-8|not JSON|nested"):
        parse_json(hidden.encode(encoding))
    with pytest.raises(ValueError):
        parse_json('{"a": 1}'.encode(encoding))


def test_a_string_that_does_not_end_is_read_once() -> None:
    """For each of its quotes once more it would take hours."""
    endless = b"[" + b"[]," * MAX_DEPTH + b'"' + b'\\"' * 1_000_000
    with pytest.raises(ValueError, match="not JSON"):
        parse_json(endless)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"\xff", "not in UTF-8"), ("\ud800", "not in UTF-8"), ("1" * 5_000, "too many digits"),
        (b"\xef\xbb\xbf1", "byte order mark"), ("NaN", "not a JSON number"), ('{"a":1,"a":1}', "occurs twice"),
    ],
)  # fmt: skip
def test_refusals_are_in_words_for_the_sender(text: str | bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        parse_json(text)
    assert "codec" not in str(refused.value) and "sys." not in str(refused.value)


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    try:
        parse_json(data)
    except ValueError:
        return
