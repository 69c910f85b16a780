"""Every operator on every pair of words at the edges of its type, against whole numbers in Python.

Random operands seldom meet where arithmetic turns: the smallest number divided by minus one, a sum that
is one too large. Here they all do, checked and unchecked.
"""

from __future__ import annotations

import pytest

from compiler import CompileOptions, compile_sources
from tests.invariants.chain import EVM

TYPES = ("uint8", "int8", "int72", "uint128", "uint136", "int248", "uint256", "int256")
OPERATORS = (
    "+",
    "-",
    "*",
    "/",
    "%",
    "&",
    "|",
    "^",
    "<<",
    ">>",
    "**",
    "<",
    "<=",
    ">",
    ">=",
    "==",
    "!=",
    "neg",
    "not",
    "++",
    "--",
)
OVERFLOW, DIVISION = 0x11, 0x12
WORD = 2**256


def bounds(type_: str) -> tuple[int, int]:
    bits = int(type_.removeprefix("u").removeprefix("int"))
    return (0, 2**bits - 1) if type_.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def words(type_: str) -> list[int]:
    low, high = bounds(type_)
    near = {0, 1, 2, 3, low, low + 1, high, high - 1, low // 2, high // 2, high // 2 + 1, -1, -2}
    return sorted(w for w in near if low <= w <= high)


def source(type_: str) -> str:
    """`f` is checked, `g` is not; the operator is chosen by its number."""
    lines = []
    for number, op in enumerate(OPERATORS):
        value = f"a {op} b"
        if op in ("<<", ">>", "**"):
            value = f"a {op} c"
        elif op in ("<", "<=", ">", ">=", "==", "!="):
            value = f"(a {op} b ? {type_}(1) : {type_}(0))"
        elif op == "neg":
            value = "-a" if type_.startswith("int") else "0 - a"
        elif op == "not":
            value = "~a"
        elif op in ("++", "--"):
            value = f"{op}a"
        lines.append(f"if (op == {number}) return {value};")
    body = " ".join(lines)
    head = f"(uint256 op, {type_} a, {type_} b, uint16 c) external pure returns ({type_})"
    return f"""pragma solidity ^0.8.20; contract C {{
        function f{head} {{ {body} revert(); }}
        function g{head} {{ unchecked {{ {body} }} revert(); }} }}"""


def expected(op: str, a: int, b: int, c: int, type_: str, checked: bool) -> tuple[bool, int]:
    """(succeeds, result or panic code)"""
    low, high = bounds(type_)
    if op in ("/", "%") and b == 0:
        return False, DIVISION
    exact = _exact(op, a, b, c)
    if low <= exact <= high:
        return True, exact
    if checked and op in ("+", "-", "*", "/", "**", "neg", "++", "--"):
        return False, OVERFLOW
    wrapped = exact % (high - low + 1)
    return True, wrapped if wrapped <= high else wrapped - (high - low + 1)


def _exact(op: str, a: int, b: int, c: int) -> int:
    sign = -1 if (a < 0) != (b < 0) else 1
    results = {
        "+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: sign * (abs(a) // abs(b)),
        "%": lambda: (-1 if a < 0 else 1) * (abs(a) % abs(b)), "&": lambda: a & b, "|": lambda: a | b, "^": lambda: a ^ b,
        "<<": lambda: a << c, ">>": lambda: a >> c, "**": lambda: a**c, "neg": lambda: -a,
        "not": lambda: ~a, "++": lambda: a + 1, "--": lambda: a - 1,
        "<": lambda: int(a < b), "<=": lambda: int(a <= b), ">": lambda: int(a > b), ">=": lambda: int(a >= b),
        "==": lambda: int(a == b), "!=": lambda: int(a != b),
    }  # fmt: skip
    return results[op]()


@pytest.mark.parametrize("type_", TYPES)
def test_operators_at_the_edges(type_: str) -> None:
    for level in (0, 1):
        contract = compile_sources(
            {"a.sol": source(type_)}, CompileOptions(optimize=level)
        ).contract("C")
        evm = EVM()
        address = evm.deploy(contract.bytecode).created
        assert address is not None
        for name, checked in (("f", True), ("g", False)):
            selector = bytes.fromhex(contract.selectors[f"{name}(uint256,{type_},{type_},uint16)"])
            for number, op, a, b, c in _cases(type_):
                data = b"".join((w % WORD).to_bytes(32, "big") for w in (number, a, b, c))
                outcome = evm.view(address, selector + data)
                succeeds, value = expected(op, a, b, c, type_, checked)
                output = outcome.output if outcome.success else outcome.output[4:]
                found = outcome.success, int.from_bytes(output, "big")
                assert found == (succeeds, value % WORD), (op, a, b, c, checked)


def _cases(type_: str) -> list[tuple[int, str, int, int, int]]:
    every = words(type_)
    cases = []
    for number, op in enumerate(OPERATORS):
        if op in ("<<", ">>"):
            cases += [
                (number, op, a, 0, c) for a in every for c in (0, 1, 7, 8, 127, 255, 256, 300)
            ]
        elif op == "**":
            cases += [(number, op, a, 0, c) for a in every for c in (0, 1, 2, 3, 7, 8, 31, 255)]
        elif op in ("neg", "not", "++", "--"):
            cases += [(number, op, a, 0, 0) for a in every]
        else:
            cases += [(number, op, a, b, 0) for a in every for b in every]
    return cases
