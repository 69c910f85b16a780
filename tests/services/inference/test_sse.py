"""Events out of bytes: where they are cut changes nothing, and none may be too large."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.inference.sse import ServerEvent, SseParser, SseTooLarge, encode_event

lines = st.sampled_from(
    ["data: a", "data:b", "data:  c", "data", "event: x", ": comment", "id: 3", "retry: 5", "", "", "date: no", "data: é😀"]
)  # fmt: skip
ends = st.sampled_from(["\n", "\r\n", "\r"])


def parsed(*parts: bytes) -> list[ServerEvent]:
    parser = SseParser()
    events = [event for part in parts for event in parser.feed(part)]
    return events + parser.end()


@given(st.lists(st.tuples(lines, ends), max_size=20), st.lists(st.integers(0, 400), max_size=15))
def test_cuts_change_nothing(text: list[tuple[str, str]], cuts: list[int]) -> None:
    data = "".join(line + end for line, end in text).encode()
    whole = parsed(data)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    assert parsed(*[data[a:b] for a, b in pairwise(edges)]) == whole
    assert parsed(*[data[i : i + 1] for i in range(len(data))]) == whole


def test_the_standard_s_examples() -> None:
    assert parsed(b"data: YHOO\ndata: +2\ndata: 10\n\n") == [ServerEvent("message", "YHOO\n+2\n10")]
    stream = (
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third\n\n"
    )
    assert [event.data for event in parsed(stream)] == ["first event", "second event", " third"]
    assert [event.data for event in parsed(b"data\n\ndata\ndata\n\n")] == ["", "\n"]
    assert parsed(b"\xef\xbb\xbfevent: x\r\ndata: 1\r\n\r\n") == [ServerEvent("x", "1")]
    assert parsed(b"event: only\n\n") == []
    assert parsed(b"data: cut off") == [ServerEvent("message", "cut off")]


@given(st.text(max_size=50), st.none() | st.just("halo"))
def test_what_is_encoded_comes_back(data: str, name: str | None) -> None:
    text = data.replace("\r", "")
    expected = ServerEvent(name or "message", text)
    assert (
        parsed(encode_event(text.encode("utf-8", "replace").decode(), name))[0].name
        == expected.name
    )
    if text.isascii():
        assert parsed(encode_event(text, name)) == [expected]


@pytest.mark.parametrize(
    "part", [b"data: " + b"x" * 200, b"data: xxxxxxxxx\n" * 20, b": " + b"x" * 200]
)
def test_an_event_may_not_be_too_large(part: bytes) -> None:
    parser = SseParser(most=100)
    with pytest.raises(SseTooLarge):
        for i in range(0, len(part), 7):
            parser.feed(part[i : i + 7])
    assert len(SseParser(most=100).feed(b"data: 1\n\n" * 1000)) == 1000
