"""Algebra on single instructions: when an operation is really one of its operands, a constant, or
a cheaper operation. Used while building and again by the folding pass.

Each rule holds for all 256-bit words; tests check them exhaustively on small words.
"""

from __future__ import annotations

from collections.abc import Callable

from compiler.evm.words import BITS, MASK
from compiler.ir.bits import is_boolean, known_bits, without_unneeded
from compiler.ir.values import Function, Value

Emit = Callable[..., Value]


_FAR = 1 << 128


def simplified(function: Function, op: str, args: tuple[Value, ...], emit: Emit) -> Value | None:
    """An equal value that costs less, or None."""
    rule = _RULES.get(op)
    return rule(function, args, emit) if rule is not None else None


def is_const(value: Value, word: int) -> bool:
    return value.op == "const" and value.imm == word


def _add(f: Function, args: tuple[Value, ...], emit: Emit) -> Value | None:
    a, b = args
    if is_const(a, 0):
        return b
    if is_const(b, 0):
        return a
    if a.op == "const":
        a, b = b, a
    if b.op == "const" and a.op == "add" and a.args[1].op == "const":  # (x + c) + d
        return emit("add", a.args[0], f.constant(a.args[1].imm + b.imm))
    if b.op == "const" and b is not args[1]:  # keep the constant on the right
        return emit("add", a, b)
    return None


def _sub(f: Function, args: tuple[Value, ...], emit: Emit) -> Value | None:
    a, b = args
    if is_const(b, 0):
        return a
    if a is b:
        return f.constant(0)
    if b.op == "const":
        return emit("add", a, f.constant(-b.imm))
    base_a, offset_a = _offset(a)
    base_b, offset_b = _offset(b)
    if base_a is base_b:  # (x + c) - (x + d)
        return f.constant(offset_a - offset_b)
    if base_a.op == "add" and base_b in base_a.args:  # ((x + y) + c) - (x + d)
        other = base_a.args[1] if base_a.args[0] is base_b else base_a.args[0]
        return emit("add", other, f.constant(offset_a - offset_b))
    return None


def _offset(value: Value) -> tuple[Value, int]:
    """A value as something plus a constant."""
    if value.op == "add" and value.args[1].op == "const":
        return value.args[0], value.args[1].imm
    return value, 0


def _mul(f: Function, args: tuple[Value, ...], emit: Emit) -> Value | None:
    a, b = args if args[1].op == "const" else (args[1], args[0])
    if b.op != "const":
        return None
    if b.imm == 0:
        return b
    if b.imm == 1:
        return a
    if b.imm & (b.imm - 1) == 0:
        return emit("shl", f.constant(b.imm.bit_length() - 1), a)
    return None


def _div(f: Function, args: tuple[Value, ...], emit: Emit) -> Value | None:
    a, b = args
    if b.op != "const":
        return None
    if b.imm == 1:
        return a
    if b.imm and b.imm & (b.imm - 1) == 0:
        return emit("shr", f.constant(b.imm.bit_length() - 1), a)
    return None


def _mod(f: Function, args: tuple[Value, ...], emit: Emit) -> Value | None:
    a, b = args
    if b.op == "const" and b.imm and b.imm & (b.imm - 1) == 0:
        return emit("and", a, f.constant(b.imm - 1))
    return None


def _and(f: Function, args: tuple[Value, ...], emit: Emit) -> Value | None:
    a, b = args
    if a is b:
        return a
    if a.op == "const":
        a, b = b, a
    if b.op != "const":
        return None
    if b.imm == 0:
        return b
    if b.imm == MASK or known_bits(a) & ~b.imm == 0:
        return a
    if a.op == "and" and a.args[1].op == "const":
        return emit("and", a.args[0], f.constant(a.args[1].imm & b.imm))
    if a.op == "shr" and a.args[0].op == "const" and a.args[0].imm < 256:
        shift = a.args[0]
        inner = without_unneeded(a.args[1], b.imm << shift.imm & MASK)
        if inner is not a.args[1]:
            return emit("and", emit("shr", shift, inner), b)
    if a.op == "or":
        return _and_of_or(f, a, b, emit)
    return emit("and", a, b) if args[0] is b else None


def _and_of_or(f: Function, a: Value, b: Value, emit: Emit) -> Value | None:
    """A packed word masked again: what the mask takes away need not be put in."""
    inner = without_unneeded(a, b.imm)
    if inner is not a:
        return emit("and", inner, b)
    for word, field in (a.args, reversed(a.args)):
        masked = word.op == "and" and word.args[1].op == "const"
        if masked and known_bits(field) & ~b.imm == 0:
            kept = emit("and", word.args[0], f.constant(word.args[1].imm & b.imm))
            return emit("or", kept, field)
    return None


def _or(f: Function, args: tuple[Value, ...], emit: Emit) -> Value | None:
    a, b = args
    if a is b or is_const(b, 0):
        return a
    if is_const(a, 0):
        return b
    return None


def _xor(f: Function, args: tuple[Value, ...], emit: Emit) -> Value | None:
    a, b = args
    if a is b:
        return f.constant(0)
    if is_const(b, 0):
        return a
    if is_const(a, 0):
        return b
    return None


def _eq(f: Function, args: tuple[Value, ...], emit: Emit) -> Value | None:
    a, b = args
    if a is b:
        return f.constant(1)
    if is_const(a, 0):
        return emit("iszero", b)
    if is_const(b, 0):
        return emit("iszero", a)
    return None


def _iszero(f: Function, args: tuple[Value, ...], emit: Emit) -> Value | None:
    a = args[0]
    if a.op == "iszero" and is_boolean(a.args[0]):
        return a.args[0]
    return None


def _lt(f: Function, args: tuple[Value, ...], emit: Emit) -> Value | None:
    a, b = args
    if a is b or is_const(b, 0):
        return f.constant(0)
    if is_const(b, 1):
        return emit("iszero", a)
    if b.op == "const" and known_bits(a) < b.imm:
        return f.constant(1)
    if a.op == "add" and a.args[0] is b and is_const(a.args[1], 1):  # x + 1 < x
        return emit("iszero", a)
    return None


def _gt(f: Function, args: tuple[Value, ...], emit: Emit) -> Value | None:
    a, b = args
    if a is b or is_const(a, 0):
        return f.constant(0)
    if is_const(a, 1):
        return emit("iszero", b)
    if b.op == "const" and known_bits(a) <= b.imm:
        return f.constant(0)
    return None


def _slt(f: Function, args: tuple[Value, ...], emit: Emit) -> Value | None:
    """`size - 4 < n`, signed, is `size < n + 4` for sizes that are far from a sign."""
    a, b = args
    if a is b:
        return f.constant(0)
    size, less = _offset(a)
    less = -less & MASK
    if b.op == "const" and b.imm < _FAR and less < _FAR and known_bits(size) < _FAR:
        return emit("lt", size, f.constant(b.imm + less))
    return None


def _same_is_zero(f: Function, args: tuple[Value, ...], emit: Emit) -> Value | None:
    return f.constant(0) if args[0] is args[1] else None


def _shift(f: Function, args: tuple[Value, ...], emit: Emit) -> Value | None:
    amount, value = args
    if is_const(amount, 0) or is_const(value, 0):
        return value
    if amount.op == "const" and amount.imm >= 256:
        return f.constant(0)
    return None


def _together(f: Function, amount: Value, further: Value) -> Value:
    """Of two shifts, one after the other; a sum that does not fit a word still shifts everything away."""
    return f.constant(min(amount.imm + further.imm, BITS))


def _shl(f: Function, args: tuple[Value, ...], emit: Emit) -> Value | None:
    amount, value = args
    if amount.op == "const" and value.op == "shl" and value.args[0].op == "const":
        return emit("shl", _together(f, amount, value.args[0]), value.args[1])
    return _shift(f, args, emit)


def _shr(f: Function, args: tuple[Value, ...], emit: Emit) -> Value | None:
    amount, value = args
    if amount.op == "const" and value.op == "shr" and value.args[0].op == "const":
        return emit("shr", _together(f, amount, value.args[0]), value.args[1])
    if amount.op == "const" and value.op == "shl" and value.args[0] is amount and amount.imm < 256:
        inner = value.args[1]  # (x << c) >> c keeps the low bits
        return emit("and", inner, f.constant(MASK >> amount.imm))
    if amount.op == "const" and amount.imm < 256:
        inner = without_unneeded(value, MASK << amount.imm & MASK)
        if inner is not value:
            return emit("shr", amount, inner)
    return _shift(f, args, emit)


def _not(f: Function, args: tuple[Value, ...], emit: Emit) -> Value | None:
    return args[0].args[0] if args[0].op == "not" else None


def _signextend(f: Function, args: tuple[Value, ...], emit: Emit) -> Value | None:
    size, value = args
    if size.op != "const":
        return None
    if size.imm >= 31:
        return value
    if known_bits(value) < 1 << (8 * size.imm + 7):
        return value
    if value.op == "signextend" and value.args[0].op == "const" and value.args[0].imm <= size.imm:
        return value
    return None


def _exp(f: Function, args: tuple[Value, ...], emit: Emit) -> Value | None:
    base, exponent = args
    if is_const(exponent, 0):
        return f.constant(1)
    if is_const(exponent, 1):
        return base
    if is_const(base, 2):
        return emit("shl", exponent, f.constant(1))
    return None


_RULES: dict[str, Callable[[Function, tuple[Value, ...], Emit], Value | None]] = {
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "div": _div,
    "mod": _mod,
    "and": _and,
    "or": _or,
    "xor": _xor,
    "eq": _eq,
    "iszero": _iszero,
    "lt": _lt,
    "gt": _gt,
    "slt": _slt,
    "sgt": _same_is_zero,
    "shl": _shl,
    "shr": _shr,
    "not": _not,
    "signextend": _signextend,
    "exp": _exp,
}
