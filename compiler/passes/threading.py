"""Jump threading: what a path already decided is not asked again.

Assumes: SSA, edges of a branch carry no arguments. Does: where a block tests a parameter first and an
edge brings a constant for it, that path goes straight to the outcome. A check moves into the blocks
before, and where it is known to fail they end there; not round a loop. Preserves: the order of effects on every path.

This is how `a && b` and results of small functions stop being values (Mueller and Whalley, "Avoiding
conditional branches by code replication", 1995).
"""

from __future__ import annotations

from compiler.analysis.cfg import predecessors
from compiler.analysis.uses import use_counts
from compiler.ir.values import Block, Edge, Function, Value


def run(function: Function) -> bool:
    """Thread what can be threaded; whether anything changed."""
    changed = again = False
    while True:
        threading = _Threading(function)
        again = False
        for block in function.blocks[1:]:
            while block.params and threading.thread(block):
                again = True
        if not again:
            return changed
        changed = True


class _Threading:
    """One walk over a function. Edges and uses are counted once and kept up to date."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.incoming = predecessors(function)
        self.uses = use_counts(function)

    def thread(self, block: Block) -> bool:
        edges = self.incoming[block]
        if not any(arg.op == "const" for edge in edges for arg in edge.args):
            return False
        if any(edge.source.term is None or edge.source.term.op != "jump" for edge in edges):
            return False
        return self._past_branch(block) or self._into_check(block)

    def _past_branch(self, block: Block) -> bool:
        """The block is nothing but a branch on its only parameter."""
        term, edges = block.term, self.incoming[block]
        if block.insts or len(block.params) != 1 or term is None or term.op != "branch":
            return False
        parameter = block.params[0]
        if term.args[0] is not parameter:
            return False
        known = [edge for edge in edges if edge.args[0].op == "const" and edge.source is not block]
        then, otherwise = block.edges
        if not known or then.target.params or otherwise.target.params:
            return False
        if self.uses[parameter] > 1:
            return False  # somebody behind the branch needs the value itself
        self.incoming[block] = [edge for edge in edges if edge not in known]
        for edge in known:
            edge.target = (then if edge.args[0].imm else otherwise).target
            edge.args = []
            self.incoming[edge.target].append(edge)
        return True

    def _into_check(self, block: Block) -> bool:
        """The block begins with a check of a parameter."""
        found = _first_check(block)
        if found is None:
            return False
        check, index, inverted = found
        edges = self.incoming[block]
        if not any(edge.args[index].op == "const" for edge in edges):
            return False
        behind = _behind(block)
        if any(edge.source in behind for edge in edges):
            return False  # a check moved round a loop would come back to where it was, for ever
        block.insts.remove(check)
        self.uses[check.args[0]] -= 1
        kept: list[Edge] = []
        for edge in edges:
            value, source = edge.args[index], edge.source
            if value.op == "const" and bool(value.imm) != inverted:
                source.term = Value("fail", [], check.imm, check.pos, check.end)
                source.edges = []
                self.uses.subtract(edge.args)
                continue
            kept.append(edge)
            if value.op != "const":
                self._check(source, value, check, inverted)
        self.incoming[block] = kept
        return True

    def _check(self, source: Block, value: Value, check: Value, inverted: bool) -> None:
        """The check at the end of a block in front."""
        new_value = self.function.new_value
        self.uses[value] += 1
        if inverted:
            value = new_value("iszero", [value], None, check.pos, check.end)
            self.uses[value] += 1
            source.insts.append(value)
        source.insts.append(new_value("guard", [value], check.imm, check.pos, check.end))


def _behind(block: Block) -> set[Block]:
    """Every block that a path from this one leads to."""
    found: set[Block] = set()
    todo = [block]
    while todo:
        fresh = [target for target in todo.pop().successors if target not in found]
        found.update(fresh)
        todo += fresh
    return found


def _first_check(block: Block) -> tuple[Value, int, bool] | None:
    """A guard that runs before anything else, which parameter it looks at, and whether it is inverted."""
    if not block.insts:
        return None
    check, inverted = block.insts[0], False
    if check.op == "iszero" and len(block.insts) > 1 and block.insts[1].args == [check]:
        check, inverted = block.insts[1], True
    if check.op != "guard":
        return None
    tested = check.args[0].args[0] if inverted else check.args[0]
    if tested not in block.params:
        return None
    return check, block.params.index(tested), inverted
