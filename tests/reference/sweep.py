"""Many messages to every function, drawn quickly: words at the ends of their types against each other, then all else."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from random import Random
from typing import Any

from eth_abi import encode

from tests.differential.messages import ADDRESSES, SENDERS, canonical, selector_of
from tests.differential.twins import Message

BENT = 8  # one message of so many is cut short or has stray bits


def ends(type_: str) -> list[int]:
    """The numbers of an integer type where carelessness shows."""
    bits = int(type_.removeprefix("u").removeprefix("int"))
    if type_.startswith("u"):
        return [0, 1, 2, 2**bits - 1, 2 ** (bits - 1)]
    return [0, 1, -1, 3, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1]


def sweep(abi: list[dict[str, Any]], at: bytes, rounds: int, rng: Random) -> list[Message]:
    """`rounds` messages a function and, where it takes one or two integers, every pair of ends. In random order."""
    functions = [e for e in abi if e["type"] == "function"]
    own = [at + selector_of(e) for e in functions]
    found = []
    for entry in functions:
        types = [i["type"] for i in entry["inputs"]]
        if 0 < len(types) <= 2 and all("int" in t and "[" not in t for t in types):
            found += [_message(entry, v, rng) for v in product(*map(ends, types))]
        for _ in range(rounds if types else 2):
            values = tuple(_value(i, rng, own) for i in entry["inputs"])
            found.append(_message(entry, values, rng))
    found += [Message(rng.randbytes(rng.choice((0, 1, 4, 36)))) for _ in range(3)]
    rng.shuffle(found)
    return found


def given_arguments(constructor: dict[str, Any], rng: Random) -> bytes:
    """Arguments of a constructor, encoded."""
    inputs = constructor["inputs"]
    return encode([canonical(i) for i in inputs], [_value(i, rng, []) for i in inputs])


def in_parts(messages: list[Message], size: int) -> Iterator[list[Message]]:
    """Pieces for chains of their own."""
    for start in range(0, len(messages), size):
        yield messages[start : start + size]


def _message(entry: dict[str, Any], values: tuple[Any, ...], rng: Random) -> Message:
    data = selector_of(entry) + encode([canonical(i) for i in entry["inputs"]], values)
    if len(data) > 4 and not rng.randrange(BENT):
        data = _bent(data, rng)
    payable = entry["stateMutability"] == "payable"
    wei = rng.choice((0, 1, 10**18)) if payable else int(not rng.randrange(60))
    return Message(data, rng.choice(SENDERS), wei, rng.choice((0, 0, 0, 3600)))


def _bent(data: bytes, rng: Random) -> bytes:
    place = rng.randrange(4, len(data))
    kind = rng.randrange(3)
    if kind == 0:
        return data[:place]
    if kind == 1:
        return data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :]
    word = rng.choice((0, 1, 31, 32, 64, 2**64 - 1, 2**64, 2**255, 2**256 - 1, 2**256 - 32))
    place = 4 + (place - 4) // 32 * 32
    return data[:place] + word.to_bytes(32, "big") + data[place + 32 :]


def _value(entry: dict[str, Any], rng: Random, own: list[bytes]) -> Any:
    return _of(entry["type"], entry.get("components", []), rng, own)


def _of(type_: str, components: list[dict[str, Any]], rng: Random, own: list[bytes]) -> Any:
    if type_.endswith("]"):
        inner, _, length = type_[:-1].rpartition("[")
        count = int(length) if length else rng.choice((0, 1, 2, 3, 5))
        return [_of(inner, components, rng, own) for _ in range(count)]
    if type_ == "tuple":
        return tuple(_value(c, rng, own) for c in components)
    if "int" in type_:
        if rng.randrange(2):
            return rng.choice(ends(type_))
        low, high = min(ends(type_)), max(ends(type_))
        return rng.choice((rng.randint(0, min(20, high)), rng.randint(low, high)))
    if type_ == "address":
        return "0x" + rng.choice(ADDRESSES).hex()
    if type_ == "bool":
        return bool(rng.randrange(2))
    if type_ in ("bytes", "string"):
        size = rng.choice((0, 1, 5, 31, 32, 33, 64, 70))
        return rng.randbytes(size) if type_ == "bytes" else "aé"[: size % 3] + "x" * size
    if type_ == "function":
        return rng.choice([*own, b"\0" * 24])
    size = int(type_.removeprefix("bytes"))
    return rng.choice((b"\0" * size, b"\xff" * size, rng.randbytes(size)))
