"""`why FILE CONTRACT.FUNCTION`: what the optimizer made of one function, and what it could not.

Everything is counted in the printed stages: FIR as lowering made it, the same behind the passes, and the code.
A function that was copied into its callers is counted there, in both, so that the numbers can be compared.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from typing import Any

from compiler.analysis.call_graph import callees_first, calls_of, inner_calls
from compiler.backend.assembly import LABEL, OP, PUSH, REF, TABLE, Item
from compiler.backend.generate import generate
from compiler.evm.opcodes import OPCODES
from compiler.ir.reader import read_module
from compiler.ir.values import Function, Module
from compiler.options import DEFAULT_LEVEL, GOALS, OPTIMIZER_LEVELS, CompileOptions
from compiler.passes.inlining import SMALL, size
from compiler.why_names import NoSuchFunction, find

HASHES = ("mapslot", "arrayslot", "keccak256")
STORAGE = ("sload", "sstore", "tload", "tstore")
CALLS = ("call", "callcode", "delegatecall", "staticcall", "create", "create2")


def run(argv: list[str]) -> int:
    """The command; returns the exit status. Raises CompileError."""
    from compiler.cli import refuse

    parser = argparse.ArgumentParser(
        prog="python -m compiler why",
        description="What the optimizer did in one function, and what its code costs.",
    )
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("function", metavar="CONTRACT.FUNCTION")
    parser.add_argument("-O", dest="optimize", type=int, choices=OPTIMIZER_LEVELS, default=DEFAULT_LEVEL,
        help="optimizer level")  # fmt: skip
    parser.add_argument("--optimize-for", choices=GOALS, default="gas", help="what counts")
    parser.add_argument("--json", action="store_true", help="as JSON")
    arguments = parser.parse_args(argv)
    if not os.path.isfile(arguments.file):
        folder = os.path.isdir(arguments.file)
        what = "is a folder; name the file in it" if folder else "not found"
        return refuse(f"source file {arguments.file!r} {what}", arguments.json)
    roots = (".", os.path.dirname(arguments.file) or ".")
    options = CompileOptions(
        optimize=arguments.optimize, optimize_for=arguments.optimize_for, allowed_roots=roots
    )
    try:
        found = explain(arguments.file, arguments.function, options)
    except NoSuchFunction as problem:
        return refuse(str(problem), arguments.json)
    print(json.dumps(found, indent=2) if arguments.json else "\n".join(map(_text, found)))
    return 0


def explain(file: str, name: str, options: CompileOptions) -> list[dict[str, Any]]:
    """A report for each function of that name. Raises CompileError and NoSuchFunction."""
    from compiler import compile_files

    compilation = compile_files([file], options, emit=["ir", "ir-opt"])
    contract, before, names = find(name, compilation)
    optimized = contract.texts["ir-opt runtime"]
    after, code = read_module(optimized), _Code(read_module(optimized))
    return [_report(n, before, after, code, options.optimize_for) for n in names]


def _report(name: str, before: Module, after: Module, code: _Code, goal: str) -> dict[str, Any]:
    report: dict[str, Any] = {"function": name}
    if name not in after.functions:
        report["inlined"] = "into all its callers; look at those"
        return report
    left = {call.imm[0] for call in inner_calls(after.functions[name])}
    reached = _reached(before, name)
    report["calls"] = {
        "inlined": sorted(n for n in reached if n not in after.functions),
        "kept": {n: _why_kept(n, after, goal) for n in sorted(left)},
    }
    was, now = _counts(before, name), _counts(after, name)
    report["checks"] = _compared(was, now, lambda op: op.startswith("guard"))
    report["storage"] = _compared(was, now, lambda op: op in STORAGE)
    report["hashes"] = _compared(was, now, lambda op: op in HASHES)
    report["external calls"] = _compared(was, now, lambda op: op in CALLS)
    report["operations"] = {"before": sum(was.values()), "after": sum(now.values())}
    report["memory"] = _memory(after.functions[name], now)
    report["spilled"] = code.generated.spilled.get(name, 0)
    report |= code.measure(name, after)
    return report


def _why_kept(name: str, after: Module, goal: str) -> str:
    if name in _reached(after, name):
        return "calls itself"
    bytes_, limit = size(after.functions[name]), SMALL[goal]
    if bytes_ > limit:
        return f"about {bytes_} bytes; for {goal}, bodies of up to {limit} are copied to several callers"
    return "only called on the way to a revert, or its caller is large enough"


def _reached(module: Module, name: str) -> Counter[str]:
    """Functions called from this one, directly or not, and from how many places."""
    found: Counter[str] = Counter()
    todo, seen = [name], {name}
    while todo:
        for call in inner_calls(module.functions[todo.pop()]):
            callee = call.imm[0]
            found[callee] += 1
            if callee not in seen:
                seen.add(callee)
                todo.append(callee)
    return found


def _counts(module: Module, name: str) -> Counter[str]:
    """Operations of a function with those of its callees, once for each place that calls them."""
    totals: dict[str, Counter[str]] = {}
    for at in callees_first(calls_of(module)):
        own: Counter[str] = Counter()
        for inst in module.functions[at].instructions():
            if inst.op == "icall":
                own.update(totals.get(inst.imm[0], {}))  # nothing for what calls itself
            elif inst.op in ("guard", "fail"):
                own[f"guard {_reason(inst.imm)}"] += 1
            else:
                own[inst.op] += 1
        totals[at] = own
    return totals[name]


def _reason(reason: Any) -> str:
    kind, *rest = reason
    if kind == "panic":
        return f"panic {rest[0]:#x}"
    return {"message": "with a text", "error": "with an error"}.get(kind, "without data")


def _compared(was: Counter[str], now: Counter[str], which: Any) -> dict[str, dict[str, int]]:
    names = sorted(op for op in was | now if which(op))
    return {op.removeprefix("guard "): {"before": was[op], "after": now[op]} for op in names}


def _memory(function: Function, now: Counter[str]) -> str:
    if any(inst.op == "setfmp" for inst in function.entry.insts):
        return "allocates: the free-memory pointer is set up"
    if now["fmp"]:
        return "allocates through its caller's pointer"
    return "allocates nothing: the free-memory pointer is left out"


class _Code:
    """The code of a module, and which of its items belong to which function."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.generated = generate(module)
        self.items = list(self.generated.items)
        self.place = {str(i.value): n for n, i in enumerate(self.items) if i.kind == LABEL}

    def measure(self, name: str, after: Module) -> dict[str, Any]:
        """Size, gas, and the way through the dispatch."""
        alone = Module("alone")
        alone.functions = {n: after.functions[n] for n in (name, *_reached(after, name))}
        own = _own_items(alone, name)
        measured: dict[str, Any] = {
            "bytes": sum(map(_bytes, own)),
            "static gas": sum(map(_gas, own)),
        }
        selectors = [s for s, n in after.dispatch.items() if n == name]
        if selectors:
            measured["dispatch"] = {"strategy": self._strategy(), "gas": self._gas_to(selectors[0])}
        return measured

    def _strategy(self) -> str:
        head = self.items[: self._end_of_dispatch()]
        if any(i.kind == TABLE for i in head):
            return "a table of 16 places"
        if any(i.kind == OP and i.value == "gt" for i in head):
            return "by halves"
        return "one after the other"

    def _end_of_dispatch(self) -> int:
        return min((n for label, n in self.place.items() if label.startswith("f")), default=0)

    def _gas_to(self, selector: int) -> int:
        """Gas from the first instruction to the function, as the EVM would run it."""
        at, gas, stack = 0, 0, list[Any]()
        while not (self.items[at].kind == LABEL and str(self.items[at].value).startswith("f")):
            item = self.items[at]
            at += 1
            if item.kind == PUSH or item.kind == REF:
                stack.append(item.value)
                gas += 2 if item.value == 0 and item.kind == PUSH else 3
            elif item.kind == TABLE:
                stack.append(item.labels())
                gas += 3
            elif item.kind == LABEL:
                gas += 1
            else:
                gas += _gas(item)
                at = self._step(str(item.value), stack, selector, at)
        return gas

    def _step(self, op: str, stack: list[Any], selector: int, at: int) -> int:
        """One instruction of a dispatch; where to go on."""
        if op in ("callvalue", "calldatasize", "calldataload"):
            if op == "calldataload":
                stack.pop()
            stack.append({"callvalue": 0, "calldatasize": 4, "calldataload": selector << 224}[op])
        elif op.startswith("dup"):
            stack.append(stack[-int(op[3:])])
        elif op == "pop":
            stack.pop()
        elif op == "iszero":
            stack.append(int(not stack.pop()))
        elif op == "jump":
            return self.place[str(stack.pop())]
        elif op == "jumpi":
            target, condition = stack.pop(), stack.pop()
            return self.place[str(target)] if condition else at
        else:
            a, b = stack.pop(), stack.pop()
            stack.append(_calculate(op, a, b))
        return at


def _calculate(op: str, a: Any, b: Any) -> Any:
    if isinstance(b, tuple):  # the table, shifted by sixteen bits a place
        return b[a // 16]
    if isinstance(a, str) or isinstance(b, str):  # a label taken out of the table
        return a if isinstance(a, str) else b
    return {"eq": int(a == b), "gt": int(a > b), "lt": int(a < b), "shr": b >> a, "and": a & b}[op]


def _own_items(module: Module, name: str) -> list[Item]:
    """The items of one function, without what it calls and without the dispatch."""
    kept = {name: module.functions[name]}
    rest = {n: f for n, f in module.functions.items() if n != name}
    module.functions = {**kept, **rest}
    module.dispatch = {1: name, 2: name}  # named from elsewhere, so that its label stays
    items = list(generate(module).items)
    starts = [n for n, i in enumerate(items) if i.kind == LABEL and str(i.value).startswith("f")]
    end = starts[1] if len(starts) > 1 else len(items)
    cold = next(
        (n for n, i in enumerate(items) if i.kind == LABEL and str(i.value).startswith("r")), end
    )
    return items[starts[0] : min(end, cold)]


def _gas(item: Item) -> int:
    """The fixed part; what storage, memory and calls cost comes on top."""
    if item.kind == LABEL:
        return 1
    if item.kind == OP and not str(item.value).startswith(("dup", "swap")):
        return OPCODES[str(item.value)].gas
    return 2 if item.kind == PUSH and item.value == 0 else 3


def _bytes(item: Item) -> int:
    if item.kind in (OP, LABEL):
        return 1
    if item.kind == PUSH:
        return 1 + (int(str(item.value)).bit_length() + 7) // 8
    return 33 if item.kind == TABLE else 3


def _text(report: dict[str, Any]) -> str:
    lines = [str(report["function"])]
    for key, value in report.items():
        if key == "function" or value == {}:
            continue
        lines += _rows(key, value)
    return "\n".join(lines)


def _rows(key: str, value: Any) -> list[str]:
    if not isinstance(value, dict):
        return [f"  {key.ljust(16)}{value}"]
    if set(value) == {"before", "after"}:
        return [f"  {key.ljust(16)}{value['before']} -> {value['after']}"]
    lines = [f"  {key}"]
    for name, inner in value.items():
        if isinstance(inner, dict) and set(inner) == {"before", "after"}:
            inner = f"{inner['before']} -> {inner['after']}"
        elif isinstance(inner, dict):
            inner = "; ".join(f"{n}: {why}" for n, why in inner.items()) or "none"
        elif isinstance(inner, list):
            inner = ", ".join(inner) or "none"
        lines.append(f"    {name.ljust(14)}{inner}")
    return lines
