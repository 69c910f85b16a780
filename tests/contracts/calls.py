"""A typed call layer over `Evm`: names and Python values in, decoded values, events and errors out.

`Bound` puts one ABI at one address. Errors are decoded with that same ABI, so a test that expects
`NotOpen` from the bounty facet also proves that the facet's ABI declares it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from eth_abi.codec import ABICodec
from eth_abi.decoding import AddressDecoder
from eth_abi.registry import BaseEquals
from eth_abi.registry import registry as default_registry
from eth_utils.crypto import keccak

from harness.chain.evm import Evm, Log, Outcome
from tests.contracts import words


class _RawAddress(AddressDecoder):
    """Addresses as 20 bytes, the way `Evm` has them."""

    decoder_fn = staticmethod(bytes)


def _codec() -> ABICodec:
    registry = default_registry.copy()
    registry.unregister_decoder("address")
    registry.register_decoder(BaseEquals("address"), _RawAddress, label="address")
    return ABICodec(registry)


_abi = _codec()
encode, decode = _abi.encode, _abi.decode


class Event(NamedTuple):
    """A decoded log."""

    address: bytes
    name: str
    args: dict[str, Any]


class Reverted(Exception):
    """A call reverted. `error` is the declared name, `Panic`, `Error`, or "" for no or unknown data."""

    def __init__(self, call: str, error: str, args: tuple[Any, ...], raw: bytes) -> None:
        self.error = error
        self.values = args
        self.raw = raw
        super().__init__(f"{call} reverted: {error or raw.hex() or 'no data'}{args}")


class Receipt(NamedTuple):
    """What a state-changing call did."""

    value: Any
    events: list[Event]
    outcome: Outcome

    def only(self, name: str) -> dict[str, Any]:
        """The arguments of the one event called `name`."""
        found = [event for event in self.events if event.name == name]
        assert len(found) == 1, f"{len(found)} {name} events in {self.events}"
        return found[0].args

    def names(self) -> list[str]:
        return [event.name for event in self.events]


def type_of(parameter: dict[str, Any]) -> str:
    """The canonical ABI type of a parameter, tuples spelled out."""
    kind = str(parameter["type"])
    if not kind.startswith("tuple"):
        return kind
    inner = ",".join(type_of(component) for component in parameter["components"])
    return f"({inner}){kind[5:]}"


def signature_of(entry: dict[str, Any]) -> str:
    return f"{entry['name']}({','.join(type_of(item) for item in entry['inputs'])})"


def selector_of(entry: dict[str, Any]) -> bytes:
    return keccak(text=signature_of(entry))[:4]


class Interface:
    """Codec for one ABI. Overloaded functions are addressed by their full signature."""

    def __init__(self, abi: list[dict[str, Any]]) -> None:
        self.abi = abi
        self.functions: dict[str, dict[str, Any]] = {}
        self.errors: dict[bytes, dict[str, Any]] = {}
        self.events: dict[int, dict[str, Any]] = {}
        for entry in abi:
            if entry["type"] == "function":
                self.functions[signature_of(entry)] = entry
                self.functions.setdefault(entry["name"], entry)
            elif entry["type"] == "error":
                self.errors[selector_of(entry)] = entry
            elif entry["type"] == "event":
                self.events[int.from_bytes(keccak(text=signature_of(entry)), "big")] = entry

    def selectors(self) -> dict[bytes, str]:
        """Every function's selector and signature."""
        entries = [entry for entry in self.abi if entry["type"] == "function"]
        return {selector_of(entry): signature_of(entry) for entry in entries}

    @functools.cache  # noqa: B019  (an interface lives as long as the process)
    def _shape(self, name: str) -> tuple[bytes, list[str], list[str]]:
        """Selector, input types and output types: spelling them out costs more than most calls."""
        entry = self.functions[name]
        inputs, outputs = ([type_of(i) for i in entry[side]] for side in ("inputs", "outputs"))
        return selector_of(entry), inputs, outputs

    def encode(self, name: str, args: tuple[Any, ...]) -> bytes:
        selector, types, _ = self._shape(name)
        return selector + (words.encode(types, args) or encode(types, list(args)))

    def decode(self, name: str, data: bytes) -> Any:
        """One value as itself, several as a tuple, none as None."""
        types = self._shape(name)[2]
        values = words.decode(types, data)
        if values is None:
            values = decode(types, data)
        if not values:
            return None
        return values[0] if len(values) == 1 else tuple(values)

    def error(self, raw: bytes) -> tuple[str, tuple[Any, ...]]:
        builtin = {bytes.fromhex("4e487b71"): "Panic", bytes.fromhex("08c379a0"): "Error"}
        if raw[:4] in builtin:
            kind = "uint256" if builtin[raw[:4]] == "Panic" else "string"
            return builtin[raw[:4]], tuple(decode([kind], raw[4:]))
        entry = self.errors.get(raw[:4])
        if entry is None:
            return "", ()
        return entry["name"], tuple(decode([type_of(i) for i in entry["inputs"]], raw[4:]))

    def event(self, log: Log) -> Event | None:
        entry = self.events.get(log.topics[0]) if log.topics else None
        if entry is None:
            return None
        plain = [item for item in entry["inputs"] if not item["indexed"]]
        values = iter(decode([type_of(item) for item in plain], log.data))
        topics = iter(log.topics[1:])
        args = {
            item["name"]: _topic(item, next(topics)) if item["indexed"] else next(values)
            for item in entry["inputs"]
        }
        return Event(log.address, entry["name"], args)


def _topic(item: dict[str, Any], topic: int) -> Any:
    """Of an indexed string or bytes there is only the hash."""
    word = topic.to_bytes(32, "big")
    return word if type_of(item) in ("string", "bytes") else decode([type_of(item)], word)[0]


class Bound:
    """One interface at one address of one Evm."""

    def __init__(self, evm: Evm, address: bytes, abi: list[dict[str, Any]]) -> None:
        self.evm = evm
        self.address = address
        self.interface = Interface(abi)

    def data(self, name: str, *args: Any) -> bytes:
        """Calldata of a call."""
        return self.interface.encode(name, args)

    def call(self, name: str, *args: Any, sender: bytes = b"\x00" * 20) -> Any:
        """Read without keeping effects."""
        outcome = self.evm.view(self.address, self.data(name, *args), sender=sender)
        return self._value(name, outcome)

    def send(self, name: str, *args: Any, sender: bytes, value: int = 0) -> Receipt:
        """Change state; raises `Reverted`."""
        outcome = self.evm.call(self.address, self.data(name, *args), sender=sender, value=value)
        return Receipt(self._value(name, outcome), self.events(outcome), outcome)

    def events(self, outcome: Outcome) -> list[Event]:
        """The logs of this address that this interface knows."""
        logs = [log for log in outcome.logs if log.address == self.address]
        return [event for event in map(self.interface.event, logs) if event is not None]

    def _value(self, name: str, outcome: Outcome) -> Any:
        if not outcome.success:
            error, args = self.interface.error(outcome.output)
            raise Reverted(name, error, args, outcome.output)
        return self.interface.decode(name, outcome.output)


@contextmanager
def reverts(error: str, *values: Any) -> Iterator[None]:
    """The body must revert with `error`; with `values`, with exactly these arguments."""
    try:
        yield
    except Reverted as failure:
        assert failure.error == error, f"expected {error}, got {failure}"
        if values:
            assert failure.values == values, f"expected {error}{values}, got {failure}"
        return
    raise AssertionError(f"expected a revert with {error}")
