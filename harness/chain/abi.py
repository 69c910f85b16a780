"""Values <-> ABI bytes, and the entries of an interface: functions, events, errors.

Entries come from one line of text (`harness.chain.signature`) or from a compiler's JSON. Addresses
are decoded to EIP-55 text, tuples to plain tuples, `bytesN` to bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from eth_abi.codec import ABICodec
from eth_abi.decoding import UnsignedIntegerDecoder
from eth_abi.encoding import UnsignedIntegerEncoder
from eth_abi.exceptions import DecodingError
from eth_abi.registry import BaseEquals
from eth_abi.registry import registry as shared_registry
from eth_utils.crypto import keccak

from harness.chain.records import LogRecord
from harness.chain.signature import Declaration, Parameter, parse
from harness.protocol.addresses import to_address

_Entry = TypeVar("_Entry")


def _strict_codec() -> ABICodec:
    """A codec of our own: tools loaded in the same process re-register the shared `uint` so that it
    pads short data with zeros, and a read that failed must never look like a zero."""
    registry = shared_registry.copy()  # type: ignore[no-untyped-call]
    registry.unregister("uint")
    uint = BaseEquals("uint")  # type: ignore[no-untyped-call]
    registry.register(uint, UnsignedIntegerEncoder, UnsignedIntegerDecoder, label="uint")
    return ABICodec(registry)


_codec = _strict_codec()


@dataclass(frozen=True)
class Function:
    """A callable entry; `selector` is its 4-byte id."""

    declaration: Declaration

    @cached_property
    def selector(self) -> bytes:
        return keccak(text=self.signature)[:4]

    @property
    def name(self) -> str:
        return self.declaration.name

    @property
    def signature(self) -> str:
        return self.declaration.signature

    def encode(self, *values: Any) -> bytes:
        """Calldata for these values; ValueError when number or type of values is wrong."""
        return self.selector + encode(self.declaration.inputs, values)

    def decode_output(self, data: bytes) -> Any:
        """Returned data -> the value, a tuple of values when there are several, None when none."""
        values = decode(self.declaration.outputs, data)
        if not values:
            return None
        return values[0] if len(values) == 1 else values

    def decode_input(self, calldata: bytes) -> dict[str, Any]:
        """Calldata with the selector -> values by parameter name."""
        if calldata[:4] != self.selector:
            raise ValueError(f"calldata 0x{calldata[:4].hex()} is not a call of {self.signature}")
        return named(self.declaration.inputs, decode(self.declaration.inputs, calldata[4:]))


@dataclass(frozen=True)
class Event:
    """A log entry; `topic` is its first topic."""

    declaration: Declaration

    @cached_property
    def topic(self) -> bytes:
        return keccak(text=self.declaration.signature)

    @property
    def name(self) -> str:
        return self.declaration.name

    def matches(self, log: LogRecord) -> bool:
        indexed = sum(parameter.indexed for parameter in self.declaration.inputs)
        return len(log.topics) == indexed + 1 and log.topics[0] == self.topic

    def decode(self, log: LogRecord) -> dict[str, Any]:
        """Values by parameter name; an indexed string, bytes, array or struct is only its hash."""
        plain = [p for p in self.declaration.inputs if not p.indexed]
        values = iter(decode(plain, log.data))
        topics = iter(log.topics[1:])
        result: dict[str, Any] = {}
        for position, parameter in enumerate(self.declaration.inputs):
            name = parameter.name or f"arg{position}"
            if not parameter.indexed:
                result[name] = next(values)
            elif _is_hashed(parameter):
                result[name] = next(topics)
            else:
                result[name] = decode([parameter], next(topics))[0]
        return result

    def find(self, logs: Iterable[LogRecord], address: str | None = None) -> list[dict[str, Any]]:
        """Decode all records of this event, of one emitter when `address` is given."""
        return [
            self.decode(log)
            for log in logs
            if self.matches(log) and (address is None or log.address == address)
        ]


@dataclass(frozen=True)
class ErrorEntry:
    """A custom error."""

    declaration: Declaration

    @cached_property
    def selector(self) -> bytes:
        return keccak(text=self.declaration.signature)[:4]

    @property
    def name(self) -> str:
        return self.declaration.name

    def decode(self, data: bytes) -> dict[str, Any]:
        return named(self.declaration.inputs, decode(self.declaration.inputs, data[4:]))


@dataclass(frozen=True)
class Interface:
    """Entries of one contract or facet, by kind."""

    functions: tuple[Function, ...] = ()
    events: tuple[Event, ...] = ()
    errors: tuple[ErrorEntry, ...] = ()

    @classmethod
    def of(cls, *lines: str) -> Interface:
        """From text, one declaration per line."""
        parsed = [parse(line) for text in lines for line in text.strip().splitlines() if line]
        return cls.from_declarations(parsed)

    @classmethod
    def from_json(cls, abi: Sequence[Mapping[str, Any]]) -> Interface:
        """From a compiler's ABI; constructor, fallback and receive entries are left out."""
        return cls.from_declarations(
            Declaration(
                entry["type"],
                entry["name"],
                tuple(map(parameter_from_json, entry.get("inputs", ()))),
                tuple(map(parameter_from_json, entry.get("outputs", ()))),
            )
            for entry in abi
            if entry.get("type") in ("function", "event", "error")
        )

    @classmethod
    def from_declarations(cls, declarations: Iterable[Declaration]) -> Interface:
        found = list(declarations)
        return cls(
            tuple(Function(d) for d in found if d.kind == "function"),
            tuple(Event(d) for d in found if d.kind == "event"),
            tuple(ErrorEntry(d) for d in found if d.kind == "error"),
        )

    def function(self, name: str) -> Function:
        """The function of this name or exact signature; KeyError when there is not exactly one."""
        return _only(name, [f for f in self.functions if name in (f.name, f.signature)])

    def event(self, name: str) -> Event:
        return _only(name, [e for e in self.events if e.name == name])

    def error(self, name: str) -> ErrorEntry:
        return _only(name, [e for e in self.errors if e.name == name])

    def __or__(self, other: Interface) -> Interface:
        return Interface(
            tuple(dict.fromkeys((*self.functions, *other.functions))),
            tuple(dict.fromkeys((*self.events, *other.events))),
            tuple(dict.fromkeys((*self.errors, *other.errors))),
        )


def constructor_inputs(abi: Sequence[Mapping[str, Any]]) -> tuple[Parameter, ...]:
    """The constructor's parameters; none when the contract has no constructor."""
    for entry in abi:
        if entry.get("type") == "constructor":
            return tuple(map(parameter_from_json, entry.get("inputs", ())))
    return ()


def encode(parameters: Sequence[Parameter], values: Sequence[Any]) -> bytes:
    """Encode values; ValueError with the parameter types when they do not fit."""
    if len(parameters) != len(values):
        wanted = ", ".join(f"{p.type} {p.name}".strip() for p in parameters)
        raise ValueError(f"expected {len(parameters)} values ({wanted}), got {len(values)}")
    return _codec.encode([p.type for p in parameters], list(values))


def decode(parameters: Sequence[Parameter], data: bytes) -> tuple[Any, ...]:
    """Decode exactly these parameters; ValueError when the data is too short or malformed."""
    if not parameters:
        return ()
    try:
        values = _codec.decode([p.type for p in parameters], data)
    except (DecodingError, OverflowError, UnicodeDecodeError) as reason:
        types = ",".join(p.type for p in parameters)
        raise ValueError(f"0x{data.hex()} does not decode as ({types}): {reason}") from reason
    return tuple(_clean(p.type, p.components, v) for p, v in zip(parameters, values, strict=True))


def named(parameters: Sequence[Parameter], values: Sequence[Any]) -> dict[str, Any]:
    """Values by parameter name, `argN` for unnamed ones."""
    return {
        parameter.name or f"arg{position}": value
        for position, (parameter, value) in enumerate(zip(parameters, values, strict=True))
    }


def _clean(kind: str, components: tuple[Parameter, ...], value: Any) -> Any:
    if kind.endswith("]"):
        item = kind[: kind.rindex("[")]
        return tuple(_clean(item, components, entry) for entry in value)
    if kind == "address":
        return to_address(value)
    if kind.startswith("("):
        return tuple(
            _clean(c.type, c.components, v) for c, v in zip(components, value, strict=True)
        )
    return value


def _is_hashed(parameter: Parameter) -> bool:
    return parameter.type in ("bytes", "string") or parameter.type.endswith(("]", ")"))


def parameter_from_json(entry: Mapping[str, Any]) -> Parameter:
    components = tuple(map(parameter_from_json, entry.get("components", ())))
    kind = entry["type"]
    if kind.startswith("tuple"):
        kind = f"({','.join(c.type for c in components)})" + kind[len("tuple") :]
    return Parameter(kind, entry.get("name", ""), bool(entry.get("indexed", False)), components)


def _only(name: str, found: list[_Entry]) -> _Entry:
    if len(found) != 1:
        raise KeyError(f"{name!r} names {len(found)} entries")
    return found[0]
