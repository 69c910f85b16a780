"""Which memory an instruction reads."""

from __future__ import annotations

from compiler.ir.ops import COUNTED, RAW
from compiler.ir.values import Module, Value

WORD = 32
# The operands that say so: (address, size) by their places, a constant size negative.
_READ = {
    "mload": (0, -WORD),
    "keccak256": (0, 1),
    "mcopy": (1, 2),
    "create": (1, 2),
    "create2": (1, 2),
    "call": (3, 4),
    "callcode": (3, 4),
    "delegatecall": (2, 3),
    "staticcall": (2, 3),
    "return": (0, 1),
    "revert": (0, 1),
    **{f"log{n}": (0, 1) for n in range(5)},
}


def read_by_hand(inst: Value) -> tuple[Value, Value | int] | None:
    """Address and size of what an instruction of hand-written code reads; None where it reads nothing."""
    if inst.op not in _READ or inst.imm not in (RAW, COUNTED):
        return None
    at, much = _READ[inst.op]
    if much < 0:
        return inst.args[at], -much
    size = inst.args[much]
    if size.op != "const":
        return inst.args[at], size
    return (inst.args[at], size.imm) if size.imm else None


def fixed_read(module: Module, start: int) -> Value | None:
    """Hand-written code that reads what lies from `start` on, by a number and not by a pointer."""
    for function in module.functions.values():
        for inst in function.instructions():
            found = read_by_hand(inst)
            if found is not None and found[0].op == "const":
                address, size = found[0].imm, found[1]
                if address + (size if isinstance(size, int) else 1) > start:
                    return inst
    return None
