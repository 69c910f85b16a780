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


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    try:
        parse_json(data)
    except ValueError:
        return
