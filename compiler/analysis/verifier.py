"""The laws of FIR; one function per law. Run after every pass in tests and with `--verify-each`."""

from __future__ import annotations

from compiler.analysis.cfg import predecessors, reverse_postorder
from compiler.analysis.dominators import immediate_dominators
from compiler.diagnostics.errors import InternalCompilerError
from compiler.ir.ops import OPS, TERMINATORS
from compiler.ir.printer import print_function
from compiler.ir.values import Block, Function, Module, Value

_EDGES = {"jump": 1, "branch": 2}


class FirError(InternalCompilerError):
    """A law does not hold; the message has the function's text."""


def verify_module(module: Module) -> None:
    """All laws for all functions, and that every callee exists with the right shape."""
    for function in module.functions.values():
        verify(function)
        for inst in function.instructions():
            if inst.op == "icall":
                _check_call(module, function, inst)
    for name in module.entries():
        if name not in module.functions:
            raise FirError(f"entry {name} does not exist")


def _check_call(module: Module, function: Function, inst: Value) -> None:
    name, results = inst.imm
    callee = module.functions.get(name)
    if callee is None:
        _fail(function, f"call of {name}, which does not exist")
    elif (
        callee.kind != "internal"
        or callee.results != results
        or len(callee.params) != len(inst.args)
    ):
        _fail(function, f"call of {name} does not match its header")


def verify(function: Function) -> None:
    """All laws for one function."""
    for law in (_blocks_end, _edges_match, _arity, _single_definition, _dominance):
        law(function)


def _fail(function: Function, message: str) -> None:
    raise FirError(f"{message}, in\n{print_function(function)}")


def _blocks_end(function: Function) -> None:
    """Every block has one terminator, and terminators stand nowhere else."""
    for block in function.blocks:
        if block.term is None or block.term.op not in TERMINATORS:
            _fail(function, f"b{block.id} does not end")
        if any(inst.op in TERMINATORS for inst in block.insts):
            _fail(function, f"b{block.id} has a terminator among its instructions")


def _edges_match(function: Function) -> None:
    """Edges fit the terminator and carry one argument per parameter of their target."""
    members = set(function.blocks)
    for block in function.blocks:
        assert block.term is not None
        op = block.term.op
        wanted = len(block.term.imm) + 1 if op == "switch" else _EDGES.get(op, 0)
        if len(block.edges) != wanted:
            _fail(function, f"b{block.id} ends with {op} and has {len(block.edges)} edges")
        for edge in block.edges:
            if edge.source is not block or edge.target not in members:
                _fail(function, f"edge of b{block.id} is broken")
            if edge.target is function.entry:
                _fail(function, f"b{block.id} jumps to the entry")
            if len(edge.args) != len(edge.target.params):
                _fail(
                    function,
                    f"edge b{block.id} -> b{edge.target.id} has {len(edge.args)} arguments",
                )


def _arity(function: Function) -> None:
    """Every operation has as many operands as its row says."""
    for inst in function.instructions():
        row = OPS.get(inst.op)
        if row is None:
            _fail(function, f"unknown operation {inst.op}")
        elif row.arity >= 0 and len(inst.args) != row.arity:
            _fail(function, f"{inst.op} has {len(inst.args)} operands")
        if inst.op == "ret" and len(inst.args) != function.results:
            _fail(function, f"returns {len(inst.args)} values of {function.results}")


def _single_definition(function: Function) -> None:
    """No value is defined twice."""
    seen: set[Value] = set()
    for block in function.blocks:
        for value in (*block.params, *block.insts):
            if value in seen:
                _fail(function, f"{value!r} is defined twice")
            seen.add(value)


def _dominance(function: Function) -> None:
    """Every use is dominated by its definition."""
    dominator = immediate_dominators(function)
    home: dict[Value, tuple[Block, int]] = {}
    for block in function.blocks:
        for parameter in block.params:
            home[parameter] = (block, -1)
        for index, inst in enumerate(block.insts):
            home[inst] = (block, index)
    incoming = predecessors(function)
    for block in reverse_postorder(function):
        if block is not function.entry and not incoming[block]:
            _fail(function, f"b{block.id} has no predecessor")
        for index, inst in enumerate(block.insts):
            for arg in inst.args:
                _check_use(function, arg, block, index, home, dominator)
        uses = list(block.term.args) if block.term else []
        for edge in block.edges:
            uses += edge.args
        for arg in uses:
            _check_use(function, arg, block, len(block.insts), home, dominator)


def _check_use(
    function: Function,
    value: Value,
    block: Block,
    index: int,
    home: dict[Value, tuple[Block, int]],
    dominator: dict[Block, Block],
) -> None:
    if value.op in ("const", "undefined"):
        return
    if value.op == "result":
        value = value.args[0]
    if value not in home:
        _fail(function, f"{value!r} is used in b{block.id} but defined nowhere")
    where, at = home[value]
    if where is block:
        if at >= index:
            _fail(function, f"{value!r} is used in b{block.id} before it is defined")
        return
    walk = block
    while dominator[walk] is not walk:
        walk = dominator[walk]
        if walk is where:
            return
    _fail(function, f"{value!r}, defined in b{where.id}, does not reach its use in b{block.id}")
