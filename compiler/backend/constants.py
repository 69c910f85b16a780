"""The cheapest way to put a word on the stack.

A PUSH costs 3 gas whatever its length, but each byte of code costs 200 gas once. With `runs`
expected executions the total decides between pushing a word as it is and computing it. How many are
expected follows from what code is optimized for; code that creates a contract runs once.
"""

from __future__ import annotations

from compiler.evm.opcodes import OPCODES, PUSH0, PUSH1
from compiler.evm.words import MASK

BYTE_COST = 200
RUNS = {"gas": 600, "balanced": 200, "size": 1}
_NOT, _SHL, _SHR = OPCODES["not"].byte, OPCODES["shl"].byte, OPCODES["shr"].byte


def push(word: int, has_push0: bool) -> bytes:
    """Plain PUSH."""
    if word == 0 and has_push0:
        return bytes((PUSH0,))
    size = max(1, (word.bit_length() + 7) // 8)
    return bytes((PUSH1 - 1 + size,)) + word.to_bytes(size, "big")


def constant(word: int, has_push0: bool, runs: int) -> bytes:
    """Bytes that leave `word` on the stack at the lowest cost."""
    best = push(word, has_push0)
    if len(best) <= 5:
        return best
    best_cost = _cost(len(best), 3, runs)
    for code, gas in _candidates(word, has_push0):
        cost = _cost(len(code), gas, runs)
        if cost < best_cost:
            best, best_cost = code, cost
    return best


def _cost(size: int, gas: int, runs: int) -> int:
    return size * BYTE_COST + gas * runs


def _candidates(word: int, has_push0: bool) -> list[tuple[bytes, int]]:
    zero_gas = 2 if has_push0 else 3
    found: list[tuple[bytes, int]] = []
    inverted = word ^ MASK
    plain = push(inverted, has_push0)
    found.append((plain + bytes((_NOT,)), (zero_gas if inverted == 0 else 3) + 3))
    ones = (word + 1) & word == 0  # 0…01…1
    if ones:
        shift = 256 - word.bit_length()
        code = push(0, has_push0) + bytes((_NOT,)) + push(shift, has_push0) + bytes((_SHR,))
        found.append((code, zero_gas + 9))
    zeros = (word & -word).bit_length() - 1
    if zeros >= 8:
        code = push(word >> zeros, has_push0) + push(zeros, has_push0) + bytes((_SHL,))
        found.append((code, 9))
        if (word >> zeros) == MASK >> zeros:  # 1…10…0
            code = push(0, has_push0) + bytes((_NOT,)) + push(zeros, has_push0) + bytes((_SHL,))
            found.append((code, zero_gas + 9))
    return found
