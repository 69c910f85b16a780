"""Promotion: the words of an object in memory whose address nobody else learns become values.

Assumes: SSA; addresses as value numbering leaves them. Does: where the free-memory pointer is taken,
moved past a fixed size before anybody else takes it, and used for nothing but loading and storing whole words of that object, each
load is the word stored last; where paths meet that stored different ones, a parameter of the block
brings it. Such an object needs no memory. Leaves alone objects with a word that is read before it is
written, and modules with assembly that looks at memory without a promise where. Preserves: the order
of all else. (Scalar replacement of aggregates; parameters are placed where a load asks for them, as in
Braun et al., "Simple and Efficient Construction of SSA Form", 2013.)
"""

from __future__ import annotations

from collections import defaultdict

from compiler.analysis.cfg import predecessors, reverse_postorder
from compiler.ir.ops import FMP, effects
from compiler.ir.values import Block, Edge, Function, Value
from compiler.passes.rewrite import Replacements, apply

Word = tuple[Value, int]
"""An object, and the offset of a word in it."""


def run(function: Function) -> bool:
    """Whether anything was promoted."""
    if len(reverse_postorder(function)) < len(function.blocks):
        return False  # what is loaded where nothing leads was never stored
    changed = False
    while True:  # an object that was only stored in a promoted one may be next
        objects = _objects(function)
        if not objects:
            return changed
        places = _places(function, objects)
        if not places.objects:
            return changed
        _Promotion(function, places).run()
        changed = True


class _Places:
    """The loads and stores of objects that may be promoted, by what they load or store."""

    def __init__(self) -> None:
        self.objects: set[Value] = set()
        self.word: dict[Value, Word] = {}
        self.moves: dict[Value, Value] = {}


# -- which objects ---------------------------------------------------------------------------------------


def _objects(function: Function) -> dict[Value, int]:
    """What starts as an object of a fixed size: pointer -> bytes."""
    found: dict[Value, int] = {}
    for block in function.blocks:
        newest: Value | None = None  # the pointer, while nobody else can have learned it
        for inst in block.insts:
            if inst.op == "setfmp":
                pointer, size = _sum(inst.args[0])
                if pointer is not None and pointer.op == "fmp":
                    # Twice from one pointer would be two objects at one place.
                    found[pointer] = size if pointer is newest else 0
                newest = None
            elif inst.op == "fmp":
                newest = inst
            elif effects(inst.op, inst.imm)[0] & FMP:
                newest = None
    return {pointer: size for pointer, size in found.items() if size}


def _sum(value: Value) -> tuple[Value | None, int]:
    """`pointer + constant`, or None."""
    if value.op != "add":
        return None, 0
    a, b = value.args
    if b.op == "const":
        return a, b.imm
    return (b, a.imm) if a.op == "const" else (None, 0)


def _places(function: Function, objects: dict[Value, int]) -> _Places:
    """Every use of the objects; one that is used otherwise is not among the result's."""
    places = _Places()
    address: dict[Value, Word] = {pointer: (pointer, 0) for pointer in objects}
    for block in function.blocks:
        for inst in block.insts:
            if inst.op == "add":
                pointer, offset = _sum(inst)
                if pointer is not None and pointer in objects:
                    address[inst] = (pointer, offset)
    left = set(objects)
    for block in function.blocks:
        for inst in block.insts:
            for index, arg in enumerate(inst.args):
                word = address.get(arg)
                if word is None or word[0] not in left:
                    continue
                if inst.op == "setfmp" and word[1]:
                    places.moves[word[0]] = inst
                elif inst.op in ("mload", "mstore") and not index and inst.imm is None:
                    places.word[inst] = word
                    if word[1] % 32 or word[1] + 32 > objects[word[0]]:
                        left.discard(word[0])
                elif inst not in address:
                    left.discard(word[0])
        ends = block.term.args if block.term is not None else []
        for arg in [*ends, *(arg for edge in block.edges for arg in edge.args)]:
            if arg in address:
                left.discard(address[arg][0])
    places.objects = left
    places.objects -= _read_too_early(function, places)
    return places


def _read_too_early(function: Function, places: _Places) -> set[Value]:
    """Objects with a word that some path loads before it stores it."""
    stored_after: dict[Block, set[Word]] = {}
    incoming = predecessors(function)
    order = reverse_postorder(function)
    early: set[Value] = set()
    changed = True
    while changed:
        changed = False
        for block in order:
            known = [
                stored_after[e.source] for e in incoming[block] if e.source in stored_after
            ]  # a way not walked yet agrees with all others
            stored = set.intersection(*known) if known else set()
            for inst in block.insts:
                if inst.op == "fmp" and inst in places.objects:
                    stored = {word for word in stored if word[0] is not inst}
                elif inst in places.word:
                    if inst.op == "mstore":
                        stored.add(places.word[inst])
                    elif places.word[inst] not in stored:
                        early.add(places.word[inst][0])
            if stored_after.get(block) != stored:
                stored_after[block] = stored
                changed = True
    return early


# -- promotion -------------------------------------------------------------------------------------------


class _Promotion:
    def __init__(self, function: Function, places: _Places) -> None:
        self.function = function
        self.places = places
        self.incoming = predecessors(function)
        self.replaced: Replacements = {}
        self.last: defaultdict[Block, dict[Word, Value]] = defaultdict(dict)
        self.first: defaultdict[Block, dict[Word, Value]] = defaultdict(dict)

    def run(self) -> None:
        gone = {self.places.moves[pointer] for pointer in self.places.objects}
        mine = {i: w for i, w in self.places.word.items() if w[0] in self.places.objects}
        blocks = list(self.function.blocks)
        for block in blocks:
            for inst in block.insts:
                if inst in mine and inst.op == "mstore":
                    self.last[block][mine[inst]] = inst.args[1]
        for block in blocks:
            now: dict[Word, Value] = {}
            for inst in block.insts:
                if inst not in mine:
                    continue
                word = mine[inst]
                if inst.op == "mstore":
                    now[word] = inst.args[1]
                else:
                    if word not in now:
                        now[word] = self._before(block, word)
                    self.replaced[inst] = now[word]
        for block in blocks:
            block.insts = [i for i in block.insts if i not in mine and i not in gone]
        apply(self.function, self.replaced)

    def _before(self, block: Block, word: Word) -> Value:
        """What the word is where a block begins."""
        known = self.first[block].get(word)
        if known is not None:
            return known
        edges = self.incoming[block]
        assert edges, "a word that is loaded was stored on every path"
        if len(edges) == 1:
            value = self._after(edges[0].source, word)
        else:
            edges = self._jumps(block)
            value = self.function.new_value("param", [])
            self.first[block][word] = value  # a loop comes back to it
            for edge in edges:
                edge.args.append(self._after(edge.source, word))
            block.params.append(value)
        self.first[block][word] = value
        return value

    def _after(self, block: Block, word: Word) -> Value:
        stored = self.last[block].get(word)
        return self._before(block, word) if stored is None else stored

    def _jumps(self, block: Block) -> list[Edge]:
        """The edges into a block, all of which can carry arguments: only a jump's can."""
        edges = self.incoming[block]
        for index, edge in enumerate(edges):
            term = edge.source.term
            assert term is not None
            if term.op == "jump":
                continue
            between = self.function.new_block()
            between.term = self.function.new_value("jump", [], None, term.pos, term.end)
            between.edges = [Edge(between, block, edge.args)]
            edge.target, edge.args = between, []
            self.incoming[between] = [edge]
            edges[index] = between.edges[0]
            at = self.function.blocks.index(edge.source)
            self.function.blocks.insert(at + 1, between)
        return edges
