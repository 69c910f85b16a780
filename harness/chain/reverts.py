"""Revert data -> a ContractError with the Solidity error's name and values."""

from __future__ import annotations

from collections.abc import Iterable

from harness.chain.abi import ErrorEntry, Interface
from harness.chain.errors import ContractError

_BUILT_IN = Interface.of("error Error(string message)", "error Panic(uint256 code)")

_PANICS = {
    0x01: "assertion failed",
    0x11: "arithmetic overflow or underflow",
    0x12: "division or modulo by zero",
    0x21: "value is not a member of the enum",
    0x22: "storage byte array is wrongly encoded",
    0x31: "pop on an empty array",
    0x32: "array index out of bounds",
    0x41: "too much memory allocated",
    0x51: "call of an uninitialised function variable",
}


class ErrorTable:
    """Known errors by selector. `Error(string)` and `Panic(uint256)` are always in it."""

    def __init__(self, errors: Iterable[ErrorEntry] = ()) -> None:
        self._by_selector = {entry.selector: entry for entry in (*_BUILT_IN.errors, *errors)}

    def decode(self, data: bytes) -> ContractError:
        """The error behind revert data; `name` is None when no entry fits."""
        entry = self._by_selector.get(data[:4]) if len(data) >= 4 else None
        if entry is None:
            return ContractError(data)
        try:
            arguments = entry.decode(data)
        except ValueError:
            return ContractError(data)
        note = _PANICS.get(arguments["code"], "") if entry.name == "Panic" else ""
        return ContractError(data, entry.name, arguments, note)

    def explain(self, error: ContractError) -> ContractError:
        """The same error with its name, when this table knows it and the error has none yet."""
        return self.decode(error.data) if error.name is None else error


BUILT_IN_ERRORS = ErrorTable()
