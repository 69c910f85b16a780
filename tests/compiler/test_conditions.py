"""What a path has tested: random paths of checks and branches compute and fail as before."""

from __future__ import annotations

import random

import pytest

from compiler.analysis.ranges import Ranges
from compiler.analysis.verifier import verify
from compiler.evm.words import FOLD, MASK, MOD, SIGN
from compiler.ir.ops import OPS
from compiler.ir.values import Block, Edge, Function, Value
from compiler.passes import conditions, value_numbering

EDGES = [
    0,
    1,
    2,
    31,
    32,
    255,
    256,
    (1 << 64) - 1,
    1 << 64,
    1 << 128,
    SIGN - 1,
    SIGN,
    MASK - 1,
    MASK,
]
COMPARE = ("lt", "gt", "slt", "sgt", "eq", "iszero")
COMPUTE = ("add", "sub", "mul", "div", "mod", "and", "or", "xor", "shl", "shr", "signextend", "not")
PARAMETERS = 3


class Path:
    """One way through a function: straight code, checks, and branches whose other side fails."""

    def __init__(self, seed: int) -> None:
        self.choose = random.Random(seed)
        self.function = Function("f", "internal", 1)
        self.block = self._block()
        self.values = [self._new("param", []) for _ in range(PARAMETERS)]
        self.block.params = list(self.values)
        self.tests: list[Value] = []
        for step in range(self.choose.randint(6, 24)):
            self._step(step)
        self._sum_up()

    def _block(self) -> Block:
        block = self.function.new_block()
        self.function.blocks.append(block)
        return block

    def _new(self, op: str, args: list[Value], imm: object = None) -> Value:
        return self.function.new_value(op, args, imm)

    def _step(self, step: int) -> None:
        kind = self.choose.random()
        if kind < 0.25:
            self._add(self.choose.choice(COMPUTE), self.values)
        elif kind < 0.5 or not self.tests:
            self._add(self.choose.choice(COMPARE), self.tests)
            if self.choose.random() < 0.3:
                self._add(self.choose.choice(("or", "and")), self.tests, self.tests)
        elif kind < 0.6:
            self._idiom()
        elif kind < 0.8:
            self.block.insts.append(self._new("guard", [self._test()], ("panic", step)))
        else:
            self._branch(step)

    def _idiom(self) -> None:
        """Checks as lowering writes them."""
        a, b = self.choose.choice(self.values), self.choose.choice(self.values)
        kind = self.choose.randrange(6)
        if kind == 0:  # a product
            product = self._put("mul", a, b)
            exact = self._put("eq", self._put("div", product, a), b)
            self.tests.append(self._put("iszero", self._put("or", self._put("iszero", a), exact)))
        elif kind == 1:  # a sum
            total = self._put("add", a, b)
            self.tests.append(self._put("lt", total, self.choose.choice([a, b, *self.values])))
            self.values.append(total)
        elif kind == 2:  # a difference
            self.tests.append(self._put("lt", a, b))
            self.values.append(self._put("sub", a, b))
        elif kind == 3:  # a narrow word
            width = self.choose.choice((8, 64, 128, 255))
            self.tests.append(self._put("shr", self.function.constant(width), a))
        elif kind == 4:  # a signed bound
            bound = self.function.constant(self.choose.choice(EDGES))
            args = [a, bound] if self.choose.random() < 0.5 else [bound, a]
            self.tests.append(self._put(self.choose.choice(("slt", "sgt")), *args))
        else:  # a bound
            self.tests.append(self._put("gt", a, self.function.constant(self.choose.choice(EDGES))))

    def _put(self, op: str, *args: Value) -> Value:
        value = self._new(op, list(args))
        self.block.insts.append(value)
        return value

    def _add(self, op: str, kept: list[Value], among: list[Value] | None = None) -> None:
        args = [self._operand(among) for _ in range(OPS[op].arity)]
        value = self._new(op, args)
        self.block.insts.append(value)
        kept.append(value)

    def _operand(self, among: list[Value] | None) -> Value:
        if among:
            return self.choose.choice(among)
        if self.choose.random() < 0.35:
            return self.function.constant(
                self.choose.choice(EDGES) + self.choose.choice((-1, 0, 0, 1))
            )
        return self.choose.choice(self.values + self.tests)

    def _test(self) -> Value:
        return self.choose.choice(self.tests + self.values[-1:])

    def _branch(self, step: int) -> None:
        """One side fails; now and then both go on to the same place, where nothing new is known."""
        source, goes_on = self.block, self._block()
        source.term = self._new("branch", [self._test()])
        other = goes_on
        if self.choose.random() < 0.8:
            other = self._block()
            other.term = self._new("fail", [], ("panic", step))
        targets = [other, goes_on] if self.choose.random() < 0.5 else [goes_on, other]
        source.edges = [Edge(source, target, []) for target in targets]
        self.block = goes_on

    def _sum_up(self) -> None:
        """Everything computed matters for the result."""
        total = self.function.constant(7)
        for value in self.values + self.tests:
            for op, args in (("mul", [total, self.function.constant(31)]), ("xor", [total, value])):
                total = self._new(op, [total, args[1]])
                self.block.insts.append(total)
        self.block.term = self._new("ret", [total])


Known = dict[Value, int]


def word(value: Value, known: Known) -> int:
    return int(value.imm) if value.op == "const" else known[value]


def step(inst: Value, known: Known) -> None:
    known[inst] = FOLD[inst.op](*(word(arg, known) for arg in inst.args))


def outcome(function: Function, inputs: list[int]) -> object:
    """The result, or the reason of the first check that fails."""
    known = dict(zip(function.params, inputs, strict=True))
    block = function.entry
    while True:
        for inst in block.insts:
            if inst.op != "guard":
                step(inst, known)
            elif word(inst.args[0], known):
                return inst.imm
        term = block.term
        assert term is not None
        if term.op == "ret":
            return word(term.args[0], known)
        if term.op == "fail":
            return term.imm
        block = block.edges[0 if word(term.args[0], known) else 1].target


def drawn(seed: int) -> tuple[Path, list[list[int]]]:
    words = random.Random(~seed)
    return Path(seed), [[_word(words) for _ in range(PARAMETERS)] for _ in range(60)]


def _word(words: random.Random) -> int:
    kind = words.random()
    if kind < 0.4:
        return (words.choice(EDGES) + words.choice((-1, 0, 1))) % MOD
    return words.randrange(1 << words.choice((2, 8, 64, 128, 255, 256)))


@pytest.mark.parametrize("start", range(0, 1500, 100))
def test_random_paths_end_as_before(start: int) -> None:
    changed = passed = 0
    for seed in range(start, start + 100):
        path, inputs = drawn(seed)
        before = [outcome(path.function, given) for given in inputs]
        passed += sum(isinstance(ending, int) for ending in before)
        value_numbering.run(path.function)
        changed += conditions.run(path.function)
        value_numbering.run(path.function)
        verify(path.function)
        after = [outcome(path.function, given) for given in inputs]
        assert after == before, seed
    assert changed > 40 and passed > 500  # else this tests nothing


class Forgetful(Ranges):
    """Works every answer out anew."""

    def of(self, value: Value, depth: int = 4) -> tuple[int, int]:
        self._forget_answers()
        return super().of(value, depth)


def test_an_answer_is_never_older_than_the_facts() -> None:
    narrowed = 0
    for seed in range(400):
        path, _ = drawn(seed)
        quick, slow, asked = Ranges(), Forgetful(), list(path.function.params)
        marks = []
        for inst in path.function.entry.insts:
            asked.append(inst)
            if inst.op != "guard":
                continue
            marks.append((quick.mark(), slow.mark()))
            for ranges in (quick, slow):
                ranges.assume(inst.args[0], False)
            assert [quick.of(v) for v in asked] == [slow.of(v) for v in asked], seed
            narrowed += sum(quick.of(v) != (0, 2**256 - 1) for v in asked)
        for of_quick, of_slow in reversed(marks):
            quick.forget(of_quick)
            slow.forget(of_slow)
            assert [quick.of(v) for v in asked] == [slow.of(v) for v in asked], seed
    assert narrowed > 1_000


def test_a_difference_that_was_asked_for_hears_of_a_new_order() -> None:
    function = Function("f", "internal", 1)
    a, b = (function.new_value("param", []) for _ in range(2))
    less = function.new_value("lt", [a, b])
    difference, ranges = function.new_value("sub", [a, b]), Ranges()
    for value in (a, b):  # so that the order narrows neither
        ranges.assume(function.new_value("gt", [value, function.constant(100)]), False)
    assert ranges.of(difference) == (0, MASK)
    mark = ranges.mark()
    ranges.assume(less, False)
    assert ranges.of(difference) == (0, 100)
    ranges.forget(mark)
    assert ranges.of(difference) == (0, MASK)


@pytest.mark.parametrize("start", range(0, 1500, 100))
def test_what_is_known_is_true(start: int) -> None:
    """Every range and every order, at every place, for all words that come there."""
    for seed in range(start, start + 100):
        path, inputs = drawn(seed)
        here = [dict(zip(path.function.params, given, strict=True)) for given in inputs]
        ranges, block = Ranges(), path.function.entry
        while here:
            for inst in block.insts:
                if inst.op == "guard":
                    here = [known for known in here if not word(inst.args[0], known)]
                    ranges.assume(inst.args[0], False)
                    assert not lies(ranges, here), (seed, inst)
                else:
                    for known in here:
                        step(inst, known)
            assert not lies(ranges, here), (seed, block)
            if block.term is None or block.term.op != "branch":
                break
            condition, (then, otherwise) = block.term.args[0], block.edges
            holds = then.target.term is None or then.target.term.op != "fail"
            if then.target is not otherwise.target:
                here = [known for known in here if bool(word(condition, known)) == holds]
                ranges.assume(condition, holds)
            block = then.target if holds else otherwise.target


def lies(ranges: Ranges, here: list[Known]) -> list[object]:
    """What is claimed of values and does not hold for one of the runs that came here."""
    values = list(here[0]) if here else []
    found: list[object] = []
    for value in values:
        low, high = ranges.of(value)
        found += [(value, low, high) for known in here if not low <= known[value] <= high]
    for a in values:
        for b in values:
            if ranges.at_most(a, b):
                strictly = ranges.less(a, b)
                found += [(a, b) for known in here if known[a] + strictly > known[b]]
    return found
