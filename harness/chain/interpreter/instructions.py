"""What the interpreter knows of an instruction: what it does to the stack, and the function that does it.

A function is known by the library's function that it stands for. Whoever puts another function into an
`opcodes` table (a tracer, a test, a fork with a new rule) therefore gets exactly that function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from eth.abc import OpcodeAPI

Logic = Callable[..., Any]
Run = Callable[[list[int], Any, Any], None]
"""Takes the stack (integers, the top last), the operand and the computation."""


class Instruction(NamedTuple):
    """`needs` words must be there, `change` is by how many the stack grows.

    An `exact` instruction sees how much gas is left, or can fail in another way than for want of gas;
    nothing after it may have been paid for when it runs.
    """

    run: Run
    needs: int
    change: int
    operand: Any = None
    exact: bool = False


def borrowed(logic: Logic, pops: int, pushes: int = 1, exact: bool = False) -> Instruction:
    """The library's own function as an instruction, where there is little to win."""
    run = _borrow_result if pushes else _borrow
    return Instruction(run, pops, pushes - pops, logic, exact)


def _borrow(stack: list[int], logic: Logic, computation: Any) -> None:
    logic(computation)


def _borrow_result(stack: list[Any], logic: Logic, computation: Any) -> None:
    logic(computation)
    top = stack[-1]
    if type(top) is bytes:
        stack[-1] = int.from_bytes(top, "big")


def logic_of(opcode: OpcodeAPI) -> Logic | None:
    """The function behind an entry of an `opcodes` table; calls and creations have none."""
    return getattr(opcode, "logic_fn", None)


def gas_of(opcode: OpcodeAPI) -> int:
    """What the entry asks before its function runs."""
    return int(getattr(opcode, "gas_cost"))  # noqa: B009 - the library does not declare it
