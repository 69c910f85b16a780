"""Equality of trees for all words, by z3, where that is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.fir.trees import Tree
from tests.fir.words import HIGHEST

try:
    import z3
except ImportError:
    z3 = None  # type: ignore[assignment]

MILLISECONDS = 700


def available() -> bool:
    return z3 is not None


class Unsayable(Exception):
    """The solver has no such operation."""


def _word(number: int) -> Any:
    return z3.BitVecVal(number, 256)


def _bit(condition: Any) -> Any:
    return z3.If(condition, _word(1), _word(0))


def _by(b: Any, result: Any) -> Any:
    """Division by zero gives zero."""
    return z3.If(b == 0, _word(0), result)


def _wide(op: Callable[[Any, Any], Any], a: Any, b: Any, n: Any) -> Any:
    a, b, m = (z3.ZeroExt(257, word) for word in (a, b, n))
    return _by(n, z3.Extract(255, 0, z3.URem(op(a, b), m)))


def _signextend(place: Any, word: Any) -> Any:
    if not z3.is_bv_value(place):
        raise Unsayable
    bits = 8 * (place.as_long() + 1)
    return word if bits > 248 else z3.SignExt(256 - bits, z3.Extract(bits - 1, 0, word))


_MEANING: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: _by(b, z3.UDiv(a, b)),
    "sdiv": lambda a, b: _by(b, a / b),
    "mod": lambda a, b: _by(b, z3.URem(a, b)),
    "smod": lambda a, b: _by(b, z3.SRem(a, b)),
    "addmod": lambda a, b, n: _wide(lambda p, q: p + q, a, b, n),
    "mulmod": lambda a, b, n: _wide(lambda p, q: p * q, a, b, n),
    "signextend": _signextend,
    "lt": lambda a, b: _bit(z3.ULT(a, b)),
    "gt": lambda a, b: _bit(z3.UGT(a, b)),
    "slt": lambda a, b: _bit(a < b),
    "sgt": lambda a, b: _bit(a > b),
    "eq": lambda a, b: _bit(a == b),
    "iszero": lambda a: _bit(a == 0),
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "xor": lambda a, b: a ^ b,
    "not": lambda a: ~a,
    "byte": lambda n, a: z3.If(z3.ULT(n, 32), z3.LShR(a, 248 - 8 * n) & 255, _word(0)),
    "shl": lambda n, a: a << n,
    "shr": lambda n, a: z3.LShR(a, n),
    "sar": lambda n, a: a >> n,
}


def _said(tree: Tree) -> Any:
    if isinstance(tree, tuple):
        if tree[0] not in _MEANING:
            raise Unsayable
        return _MEANING[tree[0]](*(_said(part) for part in tree[1:]))
    return z3.BitVec(tree, 256) if isinstance(tree, str) else _word(tree)


def _holds(claim: Any) -> bool | None:
    solver = z3.Solver()
    solver.set("timeout", MILLISECONDS)
    solver.add(z3.Not(claim))
    answer = solver.check()
    return None if answer == z3.unknown else bool(answer == z3.unsat)


def same(one: Tree, other: Tree) -> bool | None:
    """None where the solver cannot say it, or not in time."""
    try:
        return _holds(_said(one) == _said(other))
    except Unsayable:
        return None


def fits(tree: Tree, mask: int) -> bool | None:
    """Whether all bits outside the mask are always zero."""
    try:
        return _holds(_said(tree) & _word(HIGHEST - mask) == 0)
    except Unsayable:
        return None
