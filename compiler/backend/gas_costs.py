"""What each instruction costs at most, given the operands that are known (EIP-2929, 2028, 3860 and the Yellow Paper)."""

from __future__ import annotations

from typing import Any

from compiler.evm.opcodes import OPCODES

COLD_ACCOUNT, COLD_SLOT = 2600, 2100
DEAREST_WRITE = 20_000 + COLD_SLOT
NEW_ACCOUNT = 25_000
MOST_MEMORY = 1 << 20  # words; costs more gas than a block has

_FIXED = {
    "balance": COLD_ACCOUNT,
    "extcodesize": COLD_ACCOUNT,
    "extcodehash": COLD_ACCOUNT,
    "sload": COLD_SLOT,
    "sstore": DEAREST_WRITE,
    "selfdestruct": 5000 + COLD_ACCOUNT + NEW_ACCOUNT,
}
# Where operands say which memory is touched: (address, size) by their places, a constant size negative.
_TOUCHED = {
    "mload": (0, -32),
    "mstore": (0, -32),
    "mstore8": (0, -1),
    "keccak256": (0, 1),
    "return": (0, 1),
    "revert": (0, 1),
    "calldatacopy": (0, 2),
    "codecopy": (0, 2),
    "returndatacopy": (0, 2),
    "extcodecopy": (1, 3),
    **{f"log{n}": (0, 1) for n in range(5)},
}
_COPIES = {"calldatacopy": 2, "codecopy": 2, "returndatacopy": 2, "extcodecopy": 3, "mcopy": 2}
_WRITES = frozenset(("mstore8", "calldatacopy", "codecopy", "returndatacopy", "extcodecopy"))
# Base cost and cost per word of data of the precompiled contracts that Solidity itself calls.
_PRECOMPILES = {1: (3000, 0), 2: (60, 12), 3: (600, 120), 4: (15, 3)}


class MemoryUse:
    """How many words are in use, and what stands in the free-memory pointer."""

    __slots__ = ("pointer", "words")

    def __init__(self, words: int, pointer: Any) -> None:
        self.words = words
        self.pointer = pointer

    def touch(self, address: Any, size: Any, writes: bool = False) -> bool:
        """Extend memory to hold these bytes; False where that is not known."""
        if size == 0 and isinstance(size, int):
            return True
        if not isinstance(address, int) or not isinstance(size, int):
            return False
        end = (address + size + 31) // 32
        if end > MOST_MEMORY:
            return False
        self.words = max(self.words, end)
        if writes and address < 0x60 and address + size > 0x40:
            self.pointer = None
        return True


def memory_cost(words: int) -> int:
    """What so many words of memory cost in all."""
    return 3 * words + words * words // 512


def cost_of(name: str, operands: list[Any], memory: MemoryUse) -> int | None:
    """The most it can cost apart from memory, which is extended here; None where unknown."""
    if name in ("create", "create2", "call", "callcode", "delegatecall"):
        return None
    if name == "staticcall":
        return _precompile(operands, memory)
    if name == "mcopy":
        target, source, size = operands
        touched = memory.touch(source, size) and memory.touch(target, size, writes=True)
        return 3 + 3 * _words(size) if touched else None
    if name == "returndatacopy" and operands[2] != 0:
        return None  # more than was returned takes all gas there is
    cost = _FIXED.get(name, OPCODES[name].gas)
    if name in _TOUCHED:
        where, much = _TOUCHED[name]
        size = -much if much < 0 else operands[much]
        if not memory.touch(operands[where], size, name in _WRITES):
            return None
        if name == "mstore":
            _store(operands[0], operands[1], memory)
        elif name == "keccak256":
            cost += 6 * _words(size)
        elif name.startswith("log"):
            cost += 8 * size
        elif name in _COPIES:
            cost += 3 * _words(size)
        if name == "extcodecopy":
            cost += COLD_ACCOUNT - OPCODES[name].gas
    elif name == "exp":
        power = operands[1]
        cost += 50 * ((power.bit_length() + 7) // 8 if isinstance(power, int) else 32)
    return cost


def _words(size: int) -> int:
    return (size + 31) // 32


def _store(address: int, word: Any, memory: MemoryUse) -> None:
    if address == 0x40:
        memory.pointer = word
    elif 0x20 < address < 0x60:
        memory.pointer = None


def _precompile(operands: list[Any], memory: MemoryUse) -> int | None:
    """A precompiled contract with an input of known size; it never takes more than its price."""
    _, address, start, size, out, out_size = operands
    price = _PRECOMPILES.get(address) if isinstance(address, int) else None
    if price is None or not memory.touch(start, size):
        return None
    if not memory.touch(out, out_size, writes=True):
        return None
    return 100 + price[0] + price[1] * _words(size)
