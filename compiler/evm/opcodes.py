"""One row per EVM opcode: byte, words popped, words pushed, base gas, first EVM version."""

from __future__ import annotations

from typing import NamedTuple

# In order: a later version has everything an earlier one has.
EVM_VERSIONS = ("paris", "shanghai", "cancun", "prague", "osaka")
DEFAULT_EVM_VERSION = "cancun"


class Opcode(NamedTuple):
    """`gas` is the fixed part only; memory, storage and call costs come on top."""

    name: str
    byte: int
    pops: int
    pushes: int
    gas: int
    since: str = "paris"


_ROWS = (
    Opcode("stop", 0x00, 0, 0, 0),
    Opcode("add", 0x01, 2, 1, 3),
    Opcode("mul", 0x02, 2, 1, 5),
    Opcode("sub", 0x03, 2, 1, 3),
    Opcode("div", 0x04, 2, 1, 5),
    Opcode("sdiv", 0x05, 2, 1, 5),
    Opcode("mod", 0x06, 2, 1, 5),
    Opcode("smod", 0x07, 2, 1, 5),
    Opcode("addmod", 0x08, 3, 1, 8),
    Opcode("mulmod", 0x09, 3, 1, 8),
    Opcode("exp", 0x0A, 2, 1, 10),
    Opcode("signextend", 0x0B, 2, 1, 5),
    Opcode("lt", 0x10, 2, 1, 3),
    Opcode("gt", 0x11, 2, 1, 3),
    Opcode("slt", 0x12, 2, 1, 3),
    Opcode("sgt", 0x13, 2, 1, 3),
    Opcode("eq", 0x14, 2, 1, 3),
    Opcode("iszero", 0x15, 1, 1, 3),
    Opcode("and", 0x16, 2, 1, 3),
    Opcode("or", 0x17, 2, 1, 3),
    Opcode("xor", 0x18, 2, 1, 3),
    Opcode("not", 0x19, 1, 1, 3),
    Opcode("byte", 0x1A, 2, 1, 3),
    Opcode("shl", 0x1B, 2, 1, 3),
    Opcode("shr", 0x1C, 2, 1, 3),
    Opcode("sar", 0x1D, 2, 1, 3),
    Opcode("clz", 0x1E, 1, 1, 5, "osaka"),
    Opcode("keccak256", 0x20, 2, 1, 30),
    Opcode("address", 0x30, 0, 1, 2),
    Opcode("balance", 0x31, 1, 1, 100),
    Opcode("origin", 0x32, 0, 1, 2),
    Opcode("caller", 0x33, 0, 1, 2),
    Opcode("callvalue", 0x34, 0, 1, 2),
    Opcode("calldataload", 0x35, 1, 1, 3),
    Opcode("calldatasize", 0x36, 0, 1, 2),
    Opcode("calldatacopy", 0x37, 3, 0, 3),
    Opcode("codesize", 0x38, 0, 1, 2),
    Opcode("codecopy", 0x39, 3, 0, 3),
    Opcode("gasprice", 0x3A, 0, 1, 2),
    Opcode("extcodesize", 0x3B, 1, 1, 100),
    Opcode("extcodecopy", 0x3C, 4, 0, 100),
    Opcode("returndatasize", 0x3D, 0, 1, 2),
    Opcode("returndatacopy", 0x3E, 3, 0, 3),
    Opcode("extcodehash", 0x3F, 1, 1, 100),
    Opcode("blockhash", 0x40, 1, 1, 20),
    Opcode("coinbase", 0x41, 0, 1, 2),
    Opcode("timestamp", 0x42, 0, 1, 2),
    Opcode("number", 0x43, 0, 1, 2),
    Opcode("prevrandao", 0x44, 0, 1, 2),
    Opcode("gaslimit", 0x45, 0, 1, 2),
    Opcode("chainid", 0x46, 0, 1, 2),
    Opcode("selfbalance", 0x47, 0, 1, 5),
    Opcode("basefee", 0x48, 0, 1, 2),
    Opcode("blobhash", 0x49, 1, 1, 3, "cancun"),
    Opcode("blobbasefee", 0x4A, 0, 1, 2, "cancun"),
    Opcode("pop", 0x50, 1, 0, 2),
    Opcode("mload", 0x51, 1, 1, 3),
    Opcode("mstore", 0x52, 2, 0, 3),
    Opcode("mstore8", 0x53, 2, 0, 3),
    Opcode("sload", 0x54, 1, 1, 100),
    Opcode("sstore", 0x55, 2, 0, 100),
    Opcode("jump", 0x56, 1, 0, 8),
    Opcode("jumpi", 0x57, 2, 0, 10),
    Opcode("pc", 0x58, 0, 1, 2),
    Opcode("msize", 0x59, 0, 1, 2),
    Opcode("gas", 0x5A, 0, 1, 2),
    Opcode("jumpdest", 0x5B, 0, 0, 1),
    Opcode("tload", 0x5C, 1, 1, 100, "cancun"),
    Opcode("tstore", 0x5D, 2, 0, 100, "cancun"),
    Opcode("mcopy", 0x5E, 3, 0, 3, "cancun"),
    Opcode("push0", 0x5F, 0, 1, 2, "shanghai"),
    Opcode("log0", 0xA0, 2, 0, 375),
    Opcode("log1", 0xA1, 3, 0, 750),
    Opcode("log2", 0xA2, 4, 0, 1125),
    Opcode("log3", 0xA3, 5, 0, 1500),
    Opcode("log4", 0xA4, 6, 0, 1875),
    Opcode("create", 0xF0, 3, 1, 32000),
    Opcode("call", 0xF1, 7, 1, 100),
    Opcode("callcode", 0xF2, 7, 1, 100),
    Opcode("return", 0xF3, 2, 0, 0),
    Opcode("delegatecall", 0xF4, 6, 1, 100),
    Opcode("create2", 0xF5, 4, 1, 32000),
    Opcode("staticcall", 0xFA, 6, 1, 100),
    Opcode("revert", 0xFD, 2, 0, 0),
    Opcode("invalid", 0xFE, 0, 0, 0),
    Opcode("selfdestruct", 0xFF, 1, 0, 5000),
)

OPCODES: dict[str, Opcode] = {row.name: row for row in _ROWS}
PUSH0, PUSH1, DUP1, SWAP1, JUMPDEST, INVALID = 0x5F, 0x60, 0x80, 0x90, 0x5B, 0xFE
MAX_REACH = 16  # DUP16 and SWAP16 are the deepest stack moves
MAX_CODE_SIZE = 24_576  # EIP-170
MAX_INIT_CODE_SIZE = 49_152  # EIP-3860

_BY_BYTE: dict[int, Opcode] = {row.byte: row for row in _ROWS}


def name_of(byte: int) -> str | None:
    """Mnemonic of an opcode byte, PUSH/DUP/SWAP included; None where nothing is assigned."""
    if 0x60 <= byte <= 0x7F:
        return f"push{byte - 0x5F}"
    if 0x80 <= byte <= 0x8F:
        return f"dup{byte - 0x7F}"
    if 0x90 <= byte <= 0x9F:
        return f"swap{byte - 0x8F}"
    row = _BY_BYTE.get(byte)
    return row.name if row else None


def available(name: str, evm_version: str) -> bool:
    """Whether an EVM version has an opcode."""
    return EVM_VERSIONS.index(OPCODES[name].since) <= EVM_VERSIONS.index(evm_version)
