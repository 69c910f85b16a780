"""Arithmetic with Solidity's checks: what reverts, and with which panic.

Operands are clean words of one type; results are clean too. `checked` arithmetic panics with 0x11
on overflow; a zero divisor panics with 0x12 even in `unchecked` code, but gives 0 in the lite
dialect. Each `guard` condition is non-zero exactly when the mathematical result does not fit.
"""

from __future__ import annotations

from compiler.evm.words import MASK, SIGN
from compiler.ir.values import Value
from compiler.lowering.frame import PANIC_DIVISION, PANIC_OVERFLOW, Frame
from compiler.semantics.types import FixedBytesType, IntType, Type


class Arithmetic(Frame):
    """Binary and unary operators on words."""

    wrapping_division = False  # the lite dialect: x / 0 == 0

    def wrap(self, value: Value, type_: Type) -> Value:
        """Any word reduced to the type: high bits cut off, sign extended."""
        if isinstance(type_, IntType):
            if type_.bits == 256:
                return value
            if type_.signed:
                return self.emit("signextend", self.const(type_.bits // 8 - 1), value)
            return self.mask(value, type_.bits)
        if isinstance(type_, FixedBytesType) and type_.size < 32:
            return self.emit("and", value, self.const(-1 << 8 * (32 - type_.size)))
        return value

    def binary(self, op: str, a: Value, b: Value, type_: Type, checked: bool) -> Value:
        """`a op b` for arithmetic and bit operators."""
        if op in ("&", "|", "^"):
            return self.emit({"&": "and", "|": "or", "^": "xor"}[op], a, b)
        assert isinstance(type_, IntType)
        if op in ("/", "%"):
            return self._divide(op, a, b, type_, checked)
        if op == "**":
            return self._power(a, b, type_, checked)
        name = {"+": "add", "-": "sub", "*": "mul"}[op]
        result = self.emit(name, a, b)
        if not checked:
            return self.wrap(result, type_)
        if op == "*":
            self._check_product(result, a, b, type_)
        elif type_.signed:
            self._check_signed_sum(op, result, a, b, type_)
        elif op == "-":
            self.panic_if(self.emit("lt", a, b), PANIC_OVERFLOW)
        elif type_.bits == 256:
            self.panic_if(self.emit("lt", result, a if b.op == "const" else b), PANIC_OVERFLOW)
        else:
            self.panic_if(self.emit("gt", result, self.const(type_.maximum)), PANIC_OVERFLOW)
        return result

    def _check_signed_sum(self, op: str, result: Value, a: Value, b: Value, type_: IntType) -> None:
        if type_.bits < 256:
            self._check_narrow_signed(result, type_)
            return
        # Adding a negative number must make the result smaller, anything else must not.
        moved = self.emit("slt" if op == "+" else "sgt", result, a)
        self.panic_if(self.emit("xor", moved, self.emit("slt", b, self.const(0))), PANIC_OVERFLOW)

    def _check_narrow_signed(self, result: Value, type_: IntType) -> None:
        self.panic_if(self.emit("xor", result, self.wrap(result, type_)), PANIC_OVERFLOW)

    def _check_product(self, result: Value, a: Value, b: Value, type_: IntType) -> None:
        if type_.bits <= 128:  # the exact product fits into a word
            if type_.signed:
                self._check_narrow_signed(result, type_)
            else:
                self.panic_if(self.emit("gt", result, self.const(type_.maximum)), PANIC_OVERFLOW)
            return
        if a.op == "const":
            a, b = b, a
        divide = "sdiv" if type_.signed else "div"
        if b.op == "const" and b.imm and not type_.signed:
            self.panic_if(self.emit("gt", a, self.const(type_.maximum // b.imm)), PANIC_OVERFLOW)
            return
        exact = self.emit("eq", self.emit(divide, result, a), b)
        self.panic_if(self.is_zero(self.emit("or", self.is_zero(a), exact)), PANIC_OVERFLOW)
        if type_.signed and type_.bits == 256:
            # sdiv(MIN, -1) is MIN again, so the division above misses -1 * MIN.
            lowest = self.emit("eq", b, self.const(SIGN))
            negative = self.emit("slt", a, self.const(0))
            self.panic_if(self.emit("and", negative, lowest), PANIC_OVERFLOW)
        elif type_.signed:
            self._check_narrow_signed(result, type_)
        elif type_.bits < 256:
            self.panic_if(self.emit("gt", result, self.const(type_.maximum)), PANIC_OVERFLOW)

    def _divide(self, op: str, a: Value, b: Value, type_: IntType, checked: bool) -> Value:
        if not self.wrapping_division:
            self.panic_if(self.is_zero(b), PANIC_DIVISION)
        if op == "%":
            return self.emit("smod" if type_.signed else "mod", a, b)
        if not type_.signed:
            return self.emit("div", a, b)
        if checked:
            lowest = self.emit("eq", a, self.const(type_.minimum))
            minus_one = self.emit("eq", b, self.const(-1))
            self.panic_if(self.emit("and", lowest, minus_one), PANIC_OVERFLOW)
        return self.wrap(self.emit("sdiv", a, b), type_)

    def negate(self, value: Value, type_: IntType, checked: bool) -> Value:
        """`-value`"""
        if checked:
            self.panic_if(self.emit("eq", value, self.const(type_.minimum)), PANIC_OVERFLOW)
        return self.wrap(self.emit("sub", self.const(0), value), type_)

    def step(self, op: str, value: Value, type_: IntType, checked: bool) -> Value:
        """`value + 1` or `value - 1`; the only overflow is at the end of the range."""
        result = self.add(value, 1 if op == "+" else -1)
        if not checked:
            return self.wrap(result, type_)
        if op == "+" and type_.maximum == MASK:
            past_the_end = self.is_zero(result)  # shorter than a comparison with the largest word
        else:
            edge = type_.maximum if op == "+" else type_.minimum
            past_the_end = self.emit("eq", value, self.const(edge))
        self.panic_if(past_the_end, PANIC_OVERFLOW)
        return result

    # -- shifts and powers -------------------------------------------------------------------------

    def shift(self, op: str, value: Value, amount: Value, type_: Type) -> Value:
        """`value << amount`, `value >> amount`; amounts past the width give 0 (or the sign)."""
        if op == "<<":
            return self.wrap(self.emit("shl", amount, value), type_)
        if isinstance(type_, IntType) and type_.signed:
            return self.emit("sar", amount, value)
        return self.wrap(self.emit("shr", amount, value), type_)

    def _power(self, base: Value, exponent: Value, type_: IntType, checked: bool) -> Value:
        if not checked:
            return self.wrap(self.emit("exp", base, exponent), type_)
        if base.op == "const" and not type_.signed and base.imm > 1:
            limit, power = 0, base.imm
            while power <= type_.maximum:
                limit, power = limit + 1, power * base.imm
            self.panic_if(self.emit("gt", exponent, self.const(limit)), PANIC_OVERFLOW)
            return self.emit("exp", base, exponent)
        name = f"checked_exp_{type_.name}"
        return self.routine(name, [base, exponent], 1, lambda f, p: f.power_routine(p, type_))[0]

    def power_routine(self, params: list[Value], type_: IntType) -> None:
        """Square and multiply; each product that is needed is checked, the last square is not."""
        builder = self.builder
        base_key, exponent_key, result_key = object(), object(), object()
        builder.write(base_key, params[0])
        builder.write(exponent_key, params[1])
        builder.write(result_key, self.const(1))
        head, inside, odd, even = (builder.new_block() for _ in range(4))
        square, done = builder.new_block(), builder.new_block()
        builder.jump(head)
        builder.start(head)
        builder.branch(builder.read(exponent_key), inside, done)
        builder.resume(inside)
        builder.branch(self.mask(builder.read(exponent_key), 1), odd, even)
        builder.resume(odd)
        product = self.binary("*", builder.read(result_key), builder.read(base_key), type_, True)
        builder.write(result_key, product)
        builder.jump(even)
        builder.resume(even)
        rest = self.emit("shr", self.const(1), builder.read(exponent_key))
        builder.write(exponent_key, rest)
        builder.branch(rest, square, done)
        builder.resume(square)
        base = builder.read(base_key)
        builder.write(base_key, self.binary("*", base, base, type_, True))
        builder.jump(head)
        builder.seal(head)
        builder.resume(done)
        self.ret(builder.read(result_key))

    # -- comparison --------------------------------------------------------------------------------

    def compare(self, op: str, a: Value, b: Value, type_: Type) -> Value:
        """1 or 0."""
        if op == "==":
            return self.emit("eq", a, b)
        if op == "!=":
            return self.is_zero(self.emit("eq", a, b))
        signed = isinstance(type_, IntType) and type_.signed
        less, greater = ("slt", "sgt") if signed else ("lt", "gt")
        if op == "<":
            return self.emit(less, a, b)
        if op == ">":
            return self.emit(greater, a, b)
        return self.is_zero(self.emit(greater if op == "<=" else less, a, b))
