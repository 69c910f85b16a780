"""Which values are needed at the start of each block (constants never are)."""

from __future__ import annotations

from compiler.ir.values import Block, Function, Value


class Liveness:
    """`live_in[block]` holds the values the block or its successors use, its own parameters not
    counted unless used; `live_out[block]` those needed after it (edge arguments not included)."""

    __slots__ = ("live_in", "live_out")

    def __init__(self, function: Function) -> None:
        results = inner_call_results(function)
        uses: dict[Block, set[Value]] = {}
        defines: dict[Block, set[Value]] = {}
        for block in function.blocks:
            uses[block], defines[block] = _local(block, results)
        self.live_in: dict[Block, set[Value]] = {b: set(uses[b]) for b in function.blocks}
        self.live_out: dict[Block, set[Value]] = {b: set() for b in function.blocks}
        work = list(function.blocks)
        queued = set(work)
        sources: dict[Block, list[Block]] = {b: [] for b in function.blocks}
        for block in function.blocks:
            for edge in block.edges:
                sources[edge.target].append(block)
        while work:
            block = work.pop()
            queued.discard(block)
            out = self.live_out[block]
            for edge in block.edges:
                out |= self.live_in[edge.target].difference(edge.target.params)
            before = len(self.live_in[block])
            self.live_in[block] |= out - defines[block]
            if len(self.live_in[block]) != before:
                for source in sources[block]:
                    if source not in queued:
                        queued.add(source)
                        work.append(source)


def inner_call_results(function: Function) -> dict[Value, dict[int, Value]]:
    """For each inner call with several results, the value that names each used one."""
    found: dict[Value, dict[int, Value]] = {}
    for block in function.blocks:
        ends = [] if block.term is None else block.term.args
        for args in (*(i.args for i in block.insts), ends, *(e.args for e in block.edges)):
            for arg in args:
                if arg.op == "result":
                    found.setdefault(arg.args[0], {})[arg.imm] = arg
    return found


def _local(block: Block, results: dict[Value, dict[int, Value]]) -> tuple[set[Value], set[Value]]:
    """(values used before they are defined here, values defined here)."""
    used: set[Value] = set()
    defined: set[Value] = set()
    for inst in block.insts:
        for arg in inst.args:
            if arg.op != "const" and arg not in defined:
                used.add(arg)
        defined.add(inst)
        if inst.op == "icall" and inst in results:
            defined.update(results[inst].values())
    ends = list(block.term.args) if block.term is not None else []
    for edge in block.edges:
        ends += edge.args
    for arg in ends:
        if arg.op != "const" and arg not in defined:
            used.add(arg)
    return used, defined
