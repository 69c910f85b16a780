"""What the language itself provides, as tables: signatures, types and mutability of each name."""

from __future__ import annotations

from typing import NamedTuple

from compiler.semantics.types import (
    ADDRESS,
    ADDRESS_PAYABLE,
    BYTES,
    BYTES4,
    BYTES32,
    FIXED_BYTES,
    UINT8,
    UINT256,
    Type,
)


class BuiltinFunction(NamedTuple):
    """`mutability` is what a function that calls it needs at least."""

    parameters: tuple[Type, ...]
    result: Type | None
    mutability: str


_BYTES = BYTES["memory"]

# Plain functions: arguments are converted to the parameter types.
FUNCTIONS: dict[str, BuiltinFunction] = {
    "keccak256": BuiltinFunction((_BYTES,), BYTES32, "pure"),
    "sha256": BuiltinFunction((_BYTES,), BYTES32, "pure"),
    "ripemd160": BuiltinFunction((_BYTES,), FIXED_BYTES[20], "pure"),
    "ecrecover": BuiltinFunction((BYTES32, UINT8, BYTES32, BYTES32), ADDRESS, "pure"),
    "addmod": BuiltinFunction((UINT256, UINT256, UINT256), UINT256, "pure"),
    "mulmod": BuiltinFunction((UINT256, UINT256, UINT256), UINT256, "pure"),
    "gasleft": BuiltinFunction((), UINT256, "view"),
    "blockhash": BuiltinFunction((UINT256,), BYTES32, "view"),
    "blobhash": BuiltinFunction((UINT256,), BYTES32, "view"),
    "selfdestruct": BuiltinFunction((ADDRESS_PAYABLE,), None, "nonpayable"),
}

# Checked case by case in check_calls.py.
SPECIAL_FUNCTIONS = frozenset(("require", "assert", "revert", "type", "erc7201"))
OBJECTS = frozenset(("msg", "block", "tx", "abi", "this", "super"))
BUILTIN_NAMES = (*sorted(FUNCTIONS), *sorted(SPECIAL_FUNCTIONS), *sorted(OBJECTS))


class EnvironmentWord(NamedTuple):
    """A member such as `msg.sender`: the opcode that reads it."""

    opcode: str
    type: Type
    mutability: str


ENVIRONMENT: dict[str, dict[str, EnvironmentWord]] = {
    "msg": {
        "sender": EnvironmentWord("caller", ADDRESS, "view"),
        "value": EnvironmentWord("callvalue", UINT256, "view"),
        "sig": EnvironmentWord("sig", BYTES4, "pure"),
        "data": EnvironmentWord("calldata", BYTES["calldata"], "pure"),
    },
    "block": {
        "timestamp": EnvironmentWord("timestamp", UINT256, "view"),
        "number": EnvironmentWord("number", UINT256, "view"),
        "coinbase": EnvironmentWord("coinbase", ADDRESS_PAYABLE, "view"),
        "prevrandao": EnvironmentWord("prevrandao", UINT256, "view"),
        "difficulty": EnvironmentWord("prevrandao", UINT256, "view"),
        "gaslimit": EnvironmentWord("gaslimit", UINT256, "view"),
        "chainid": EnvironmentWord("chainid", UINT256, "view"),
        "basefee": EnvironmentWord("basefee", UINT256, "view"),
        "blobbasefee": EnvironmentWord("blobbasefee", UINT256, "view"),
    },
    "tx": {
        "origin": EnvironmentWord("origin", ADDRESS, "view"),
        "gasprice": EnvironmentWord("gasprice", UINT256, "view"),
    },
}

ABI_FUNCTIONS = frozenset(
    ("encode", "encodePacked", "encodeWithSelector", "encodeWithSignature", "encodeCall", "decode")
)
ADDRESS_MEMBERS = frozenset(
    ("balance", "code", "codehash", "call", "staticcall", "delegatecall", "send", "transfer")
)
