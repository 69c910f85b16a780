"""Ways to bend what was right: values of another type or size, text that is no JSON, heads that are no head."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

# Values that something once mistook for another: at the edges of types, of encodings and of patience.
ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**53 + 1, 2**63, 2**64, 2**256, -(2**256), 10**400,
    0.1, -0.0, 1e308, 1e-320, "", " ", "0", "-1", "1e9", "NaN", "null", "0x", "0x" + "0" * 40,
    "0x" + "f" * 64, "0x" + "g" * 40, "\x00", "a\x00b", "\ud800", "\u202e", "é" * 300, "💥", "١٢٣",
    "a" * 5_000, "9" * 4_500, "9" * 78, "..", "../../etc/passwd", "%00", "' or 1=1 --", "${x}", [], {},
    [[]], [None], {"": None}, {"__proto__": {}}, ["a"] * 300, {"$ref": "#"},
)  # fmt: skip
LONG = 60_000


def bend(value: Any, rng: random.Random) -> Any:
    """The value with one to three places changed."""
    found = copy.deepcopy(value)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        found = _bend_once(found, rng)
    return found


def _bend_once(value: Any, rng: random.Random) -> Any:
    places = list(_places(value))
    if not places or rng.random() < 0.05:
        return odd(rng)
    holder, key = rng.choice(places)
    how = rng.random()
    if how < 0.15:
        del holder[key]
    elif how < 0.25 and isinstance(holder, dict):
        holder[rng.choice((f"{key}2", "", "extra", str(key).upper()))] = odd(rng)
    elif how < 0.45:
        holder[key] = _near(holder[key], rng)
    else:
        holder[key] = odd(rng)
    return value


def odd(rng: random.Random) -> Any:
    return copy.deepcopy(rng.choice(ODD_VALUES))


def _near(value: Any, rng: random.Random) -> Any:
    """Almost the same: the mistakes that checks of type and pattern let through."""
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, int):
        written = f"{value}.0" if abs(value) > 2**1000 else float(value)
        return rng.choice((value + 1, value - 1, -value, written, str(value), value * 2**64))
    if isinstance(value, float):
        return rng.choice((str(value), -value, value * 1e300))
    if isinstance(value, str) and value:
        at = rng.randrange(len(value))
        return rng.choice(
            (
                value[:at] + rng.choice("0Zé\n\x00 ") + value[at + 1 :],
                value[:at], value + value[-1], value.upper(), f" {value}", f"{value}\n",
            )
        )  # fmt: skip
    return [value] if rng.random() < 0.5 else {"value": value}


def _places(value: Any) -> Any:
    if isinstance(value, dict):
        for key, member in value.items():
            yield value, key
            yield from _places(member)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield value, index
            yield from _places(member)


def mangled(text: bytes, rng: random.Random) -> bytes:
    """A body that is no JSON any more, or hardly."""
    at = rng.randrange(len(text) + 1)
    inner = rng.choice(
        (
            b"NaN",
            b"Infinity",
            b"1e999",
            b"-",
            b"01",
            b"1" * 5_000,
            b"\xff\xfe",
            b"\x00",
            b'"\\ud800"',
        )
    )
    return rng.choice(
        (
            text[:at],
            text[:at] + b"\x00" + text[at:],
            text[:at] + b"\xff\xc0" + text[at:],
            text[:at] + bytes([rng.randrange(256)]) + text[at + 1 :],
            text + text,
            text + b" garbage",
            b"\xef\xbb\xbf" + text,
            text.decode("utf-8", "replace").encode("utf-16"),
            b"[" * rng.choice((65, 1_000, 30_000)) + text,
            b'{"a":' * rng.choice((65, 5_000)) + text,
            b'{"a":1,"a":2}',
            b'{"a":' + inner + b"}",
            text.replace(b":", b":" + inner + b",", 1),
            b'"' + b"a" * LONG + b'"',
            b"", b" \n\t", b"null", b"[]", b"0", b'"text"', b"true",
        )
    )  # fmt: skip


def odd_text(rng: random.Random) -> str:
    """For a header, a query or a part of a path."""
    return rng.choice(
        (
            "", " ", "0", "-1", "1e9", "99999999999999999999999", "NaN", "inf", "true", "null", "a" * 9_000,
            "0x", "0x" + "00" * 20, "0x" + "aB" * 20, "0x" + "f" * 64, "é", "💥", "\x7f", "a,b", "a;b", "'\"",
            "../..", "..%2f..", "%", "%zz", "%00", "%ff%fe", "[]", "{}", "*", "\\", "=?utf-8?q?a?=", "x" * 70,
            "1" * 400, "0" * 129, "2027-Q1", "serve", "exact", "vault", "cheapest",
        )
    )  # fmt: skip


def to_bytes(value: Any) -> bytes:
    """JSON, lone surrogates and all."""
    return json.dumps(value).encode()
