"""Instructions that touch nothing but the stack."""

from __future__ import annotations

from typing import Any

from eth.vm.logic import arithmetic, comparison, duplication, flow, stack, swap

from harness.chain.interpreter.instructions import Instruction, Logic, Run, borrowed

MASK = 2**256 - 1
SIGN = 2**255
WORD = 2**256


def push(stack: list[int], word: Any, computation: Any) -> None:
    stack.append(word)


def _pop(stack: list[int], operand: Any, computation: Any) -> None:
    stack.pop()


def _dup(stack: list[int], position: Any, computation: Any) -> None:
    stack.append(stack[position])


def _swap(stack: list[int], position: Any, computation: Any) -> None:
    stack[-1], stack[position] = stack[position], stack[-1]


def nothing(stack: list[int], operand: Any, computation: Any) -> None:
    pass


def _add(stack: list[int], operand: Any, computation: Any) -> None:
    stack[-1] = (stack.pop() + stack[-1]) & MASK


def _mul(stack: list[int], operand: Any, computation: Any) -> None:
    stack[-1] = (stack.pop() * stack[-1]) & MASK


def _sub(stack: list[int], operand: Any, computation: Any) -> None:
    stack[-1] = (stack.pop() - stack[-1]) & MASK


def _div(stack: list[int], operand: Any, computation: Any) -> None:
    numerator = stack.pop()
    denominator = stack[-1]
    stack[-1] = numerator // denominator if denominator else 0


def _mod(stack: list[int], operand: Any, computation: Any) -> None:
    value = stack.pop()
    modulus = stack[-1]
    stack[-1] = value % modulus if modulus else 0


def _lt(stack: list[int], operand: Any, computation: Any) -> None:
    stack[-1] = 1 if stack.pop() < stack[-1] else 0


def _gt(stack: list[int], operand: Any, computation: Any) -> None:
    stack[-1] = 1 if stack.pop() > stack[-1] else 0


def _slt(stack: list[int], operand: Any, computation: Any) -> None:
    # Flipping the sign bit maps signed order onto unsigned order.
    stack[-1] = 1 if stack.pop() ^ SIGN < stack[-1] ^ SIGN else 0


def _sgt(stack: list[int], operand: Any, computation: Any) -> None:
    stack[-1] = 1 if stack.pop() ^ SIGN > stack[-1] ^ SIGN else 0


def _eq(stack: list[int], operand: Any, computation: Any) -> None:
    stack[-1] = 1 if stack.pop() == stack[-1] else 0


def _iszero(stack: list[int], operand: Any, computation: Any) -> None:
    stack[-1] = 0 if stack[-1] else 1


def _and(stack: list[int], operand: Any, computation: Any) -> None:
    stack[-1] = stack.pop() & stack[-1]


def _or(stack: list[int], operand: Any, computation: Any) -> None:
    stack[-1] = stack.pop() | stack[-1]


def _xor(stack: list[int], operand: Any, computation: Any) -> None:
    stack[-1] = stack.pop() ^ stack[-1]


def _not(stack: list[int], operand: Any, computation: Any) -> None:
    stack[-1] ^= MASK


def _shl(stack: list[int], operand: Any, computation: Any) -> None:
    shift = stack.pop()
    stack[-1] = (stack[-1] << shift) & MASK if shift < 256 else 0


def _shr(stack: list[int], operand: Any, computation: Any) -> None:
    shift = stack.pop()
    stack[-1] = stack[-1] >> shift if shift < 256 else 0


def _binary(run: Run) -> Instruction:
    return Instruction(run, 2, -1)


def _unary(run: Run) -> Instruction:
    return Instruction(run, 1, 0)


INSTRUCTIONS: dict[Logic, Instruction] = {
    stack.pop: Instruction(_pop, 1, -1),
    flow.jumpdest: Instruction(nothing, 0, 0),
    arithmetic.add: _binary(_add),
    arithmetic.mul: _binary(_mul),
    arithmetic.sub: _binary(_sub),
    arithmetic.div: _binary(_div),
    arithmetic.mod: _binary(_mod),
    comparison.lt: _binary(_lt),
    comparison.gt: _binary(_gt),
    comparison.slt: _binary(_slt),
    comparison.sgt: _binary(_sgt),
    comparison.eq: _binary(_eq),
    comparison.iszero: _unary(_iszero),
    comparison.and_op: _binary(_and),
    comparison.or_op: _binary(_or),
    comparison.xor: _binary(_xor),
    comparison.not_op: _unary(_not),
    arithmetic.shl: _binary(_shl),
    arithmetic.shr: _binary(_shr),
    **{
        logic: borrowed(logic, 2)
        for logic in (
            arithmetic.sdiv,
            arithmetic.smod,
            arithmetic.signextend,
            arithmetic.sar,
            comparison.byte_op,
        )
    },
    **{logic: borrowed(logic, 3) for logic in (arithmetic.addmod, arithmetic.mulmod)},
    **{getattr(duplication, f"dup{n}"): Instruction(_dup, n, 1, -n) for n in range(1, 17)},
    **{getattr(swap, f"swap{n}"): Instruction(_swap, n + 1, 0, -n - 1) for n in range(1, 17)},
}
PUSHES: dict[Logic, int] = {getattr(stack, f"push{size}"): size for size in range(33)}
"""How many bytes of code each PUSH takes."""
