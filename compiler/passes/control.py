"""Control simplification.

Assumes: SSA. Does: drops unreachable blocks, decides branches on constants and turns inverted ones,
removes parameters that always carry one value, joins a block with its only successor, skips empty
blocks. Preserves: the order of effects on every path.
"""

from __future__ import annotations

from compiler.analysis.cfg import predecessors, reverse_postorder
from compiler.ir.values import Block, Edge, Function, Value
from compiler.passes.rewrite import Replacements, apply, resolve


def run(function: Function) -> bool:
    """Simplify to a fixed point; whether anything changed."""
    changed = False
    while True:
        step = _decide_branches(function)
        step |= _failing_branches(function)
        step |= _drop_unreachable(function)
        step |= _drop_parameters(function)
        step |= _join_blocks(function)
        step |= _skip_empty(function)
        if not step:
            return changed
        changed = True


def _decide_branches(function: Function) -> bool:
    changed = False
    for block in function.blocks:
        term = block.term
        if term is None or term.op not in ("branch", "switch"):
            continue
        value = term.args[0]
        if term.op == "branch":
            then, otherwise = block.edges
            if value.op == "const":
                _jump(block, then if value.imm else otherwise)
                changed = True
            elif value.op == "iszero" and value.args[0].op != "const":
                term.args[0] = value.args[0]
                block.edges = [otherwise, then]
                changed = True
            elif then.target is otherwise.target and then.args == otherwise.args:
                _jump(block, then)
                changed = True
        elif value.op == "const":
            matching = [
                e for e, word in zip(block.edges, term.imm, strict=False) if word == value.imm
            ]
            _jump(block, matching[0] if matching else block.edges[-1])
            changed = True
    return changed


def _failing_branches(function: Function) -> bool:
    """A branch to a block that only reverts is a check."""
    changed = False
    for block in function.blocks:
        term = block.term
        if term is None or term.op != "branch":
            continue
        then, otherwise = block.edges
        for failing, other, inverted in ((then, otherwise, False), (otherwise, then, True)):
            target = failing.target
            if target.insts or target.params or target.term is None or target.term.op != "fail":
                continue
            condition = term.args[0]
            if inverted:
                condition = function.new_value("iszero", [condition], None, term.pos, term.end)
                block.insts.append(condition)
            reason = target.term
            guard = function.new_value("guard", [condition], reason.imm, reason.pos, reason.end)
            block.insts.append(guard)
            _jump(block, other)
            changed = True
            break
    return changed


def _jump(block: Block, edge: Edge) -> None:
    assert block.term is not None
    block.term = Value("jump", [], None, block.term.pos, block.term.end)
    block.edges = [edge]


def _drop_unreachable(function: Function) -> bool:
    reachable = set(reverse_postorder(function))
    if len(reachable) == len(function.blocks):
        return False
    function.blocks = [b for b in function.blocks if b in reachable]
    return True


def _drop_parameters(function: Function) -> bool:
    """A parameter whose edges all bring the same value (or itself) is that value."""
    incoming = predecessors(function)
    replaced: Replacements = {}
    changed = True
    while changed:
        changed = False
        for block in function.blocks[1:]:
            edges = incoming[block]
            for index in range(len(block.params) - 1, -1, -1):
                parameter = block.params[index]
                same: Value | None = None
                for edge in edges:
                    value = resolve(edge.args[index], replaced)
                    if value is parameter or value is same:
                        continue
                    if same is not None:
                        break
                    same = value
                else:
                    if same is None:
                        continue
                    replaced[parameter] = same
                    del block.params[index]
                    for edge in edges:
                        del edge.args[index]
                    changed = True
    apply(function, replaced)
    return bool(replaced)


def _join_blocks(function: Function) -> bool:
    """A block that only jumps to a block nothing else reaches swallows it."""
    incoming = predecessors(function)
    replaced: Replacements = {}
    gone: set[Block] = set()
    for block in function.blocks:
        if block in gone:
            continue
        while block.term is not None and block.term.op == "jump":
            edge = block.edges[0]
            target = edge.target
            if target is block or target is function.entry or len(incoming[target]) != 1:
                break
            for parameter, value in zip(target.params, edge.args, strict=True):
                replaced[parameter] = value
            block.insts += target.insts
            block.term = target.term
            block.edges = target.edges
            for further in block.edges:
                further.source = block
            gone.add(target)
    if not gone:
        return False
    function.blocks = [b for b in function.blocks if b not in gone]
    apply(function, replaced)
    return True


def _skip_empty(function: Function) -> bool:
    """Edges into an empty block without parameters go straight to where it jumps."""
    changed = False
    for block in function.blocks:
        for edge in block.edges:
            target = edge.target
            if target.params or target.insts or target.term is None or target.term.op != "jump":
                continue
            onward = target.edges[0]
            if onward.target is target or target is function.entry:
                continue
            if block.term is not None and block.term.op != "jump" and onward.args:
                continue  # edges of a branch carry no arguments
            edge.target = onward.target
            edge.args = list(onward.args)
            changed = True
    return changed
