"""Bodies from strangers: what is taken for an object, and what is refused before anybody works with it."""

from __future__ import annotations

import pytest

from harness.http.bodies import BadBody, parse_object


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'{"a": "\\ud83d\\ude00 \xf0\x9f\x98\x80"}', {"a": "😀 😀"}),
        (b'{"a": "\\\\ud800"}', {"a": "\\ud800"}),
        (b"{}", {}),
    ],
)
def test_text_in_utf_8_is_read(text: bytes, value: object) -> None:
    assert parse_object(text) == value


@pytest.mark.parametrize(
    "text",
    [
        b'{"a": "\\ud83d"}', b'{"a": ["\\uDE00\\uD83D"]}', b'{"\\ud800": 1}', b'{"a": "\xed\xa0\x80"}',
        '{"a": 1}'.encode("utf-16"), '{"a": 1}'.encode("utf-16-le"), '{"a": 1}'.encode("utf-32"), b'\xef\xbb\xbf{"a": 1}', b'{"a": "\xff"}',
        b"[]", b"", b'{"a": 1, "a": 2}', b'{"a": NaN}', b'{"a": ' + b"[" * 70 + b"]" * 70 + b"}",
    ],
)  # fmt: skip
def test_what_could_not_be_written_again_is_refused(text: bytes) -> None:
    with pytest.raises(BadBody):
        parse_object(text)
