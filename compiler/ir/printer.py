"""FIR as text that `ir.reader` parses back.

fn "Counter.add" internal results=1 {
b0(%1, %2):
  %3 = add %1, %2
  guard lt?…                      a check; its reason follows the colon
  branch %4, b1, b2(%3)
}
"""

from __future__ import annotations

from typing import Any

from compiler.ir.values import Block, Edge, Function, Module, Reason, Value


def print_module(module: Module) -> str:
    """All functions of a module, entries first in the header."""
    lines = [
        f"module {_text(module.name)} reserved={module.reserved_words} non_payable={int(module.non_payable)}"
        + (" unsafe_memory=1" if module.unsafe_memory else "")
    ]
    lines += [
        f"dispatch {selector:#010x} {_text(name)}" for selector, name in module.dispatch.items()
    ]
    for kind in ("receive", "fallback", "constructor"):
        name = getattr(module, kind)
        if name is not None:
            lines.append(f"{kind} {_text(name)}")
    if module.unmatched:
        lines.append(f"unmatched x{module.unmatched.hex()}")
    lines += [f"embed {_text(name)}" for name in module.embedded]
    parts = ["\n".join(lines) + "\n"]
    parts += [print_function(function) for function in module.functions.values()]
    return "\n".join(parts)


def print_function(function: Function) -> str:
    """One function; values are numbered in order of appearance."""
    names = _number(function)
    lines = [f"fn {_text(function.name)} {function.kind} results={function.results} {{"]
    for block in function.blocks:
        params = ", ".join(names[p] for p in block.params)
        lines.append(f"b{block.id}({params}):" if params else f"b{block.id}:")
        lines += [f"  {_inst(inst, names)}" for inst in block.insts]
        if block.term is not None:
            lines.append(f"  {_term(block, names)}")
    return "\n".join([*lines, "}"]) + "\n"


def _number(function: Function) -> dict[Value, str]:
    names: dict[Value, str] = {}
    for block in function.blocks:
        for value in (*block.params, *block.insts):
            names[value] = f"%{len(names) + 1}"
    return names


def _operand(value: Value, names: dict[Value, str]) -> str:
    if value.op == "const":
        return str(value.imm) if value.imm < 10 else f"{value.imm:#x}"
    if value.op == "result":
        return f"{_operand(value.args[0], names)}.{value.imm}"
    if value.op == "undefined":
        return "undefined"
    return names.get(value, f"%?{value.id}")


def _inst(inst: Value, names: dict[Value, str]) -> str:
    args = ", ".join(_operand(a, names) for a in inst.args)
    head = f"{names[inst]} = "
    if inst.op == "icall":
        callee, results = inst.imm
        return f"{head}icall {_text(callee)} {results} ({args})"
    text = f"{inst.op} {args}" if args else inst.op
    if inst.op == "guard":
        text += f" : {_reason(inst.imm)}"
    elif inst.imm is not None:
        text += f" : {_text(inst.imm)}"
    return head + text


def _term(block: Block, names: dict[Value, str]) -> str:
    term = block.term
    assert term is not None
    args = [_operand(a, names) for a in term.args]
    if term.op == "switch":
        cases = [
            f"{word:#x} {_edge(e, names)}" for word, e in zip(term.imm, block.edges, strict=False)
        ]
        return f"switch {args[0]} [{', '.join(cases)}] {_edge(block.edges[-1], names)}"
    parts = args + [_edge(e, names) for e in block.edges]
    text = f"{term.op} {', '.join(parts)}" if parts else term.op
    if term.op == "fail":
        text += f" : {_reason(term.imm)}"
    elif term.imm is not None:
        text += f" : {_text(term.imm)}"
    return text


def _edge(edge: Edge, names: dict[Value, str]) -> str:
    args = ", ".join(_operand(a, names) for a in edge.args)
    return f"b{edge.target.id}({args})" if args else f"b{edge.target.id}"


def _reason(reason: Reason) -> str:
    kind, *rest = reason
    if not rest:
        return str(kind)
    if kind == "message":
        return f"message x{rest[0].hex()}"
    return f"{kind} {rest[0]:#x}"


def _text(value: Any) -> str:
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
