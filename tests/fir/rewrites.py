"""Every rewriting of expressions that the compiler does, checked: what stands there afterwards is the same word.

Not rules are listed here but expressions, all of them up to a depth over parameters and numbers at the edges, and the
shapes of packed fields, calldata checks and offsets beyond it. Whatever the compiler makes of one is compared with it:
on words at the edges, its own numbers and their neighbours among them, and by z3 for all words where that is installed.
What the compiler says of a value's bits is checked in the same way.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

from compiler.ir.bits import is_boolean, known_bits, without_unneeded
from tests.fir import proofs
from tests.fir.trees import Tree, by_builder, by_numbering, computed, named, numbers, plain, shown
from tests.fir.words import HIGHEST, PURE, SIZE

UNARY = ("iszero", "not", "clz")
TERNARY = ("addmod", "mulmod")
BINARY = tuple(op for op in PURE if op not in UNARY + TERNARY)
# Numbers where a rule could begin or cease to hold.
FEW = (0, 1, 2, 31, 32, 96, 255, 256, 2**8, 2**160 - 1, 2**255, HIGHEST)
MANY = tuple(sorted({*FEW, 3, 4, 7, 8, 16, 30, 33, 64, 128, 160, 248, 254, 257, 2**64, 2**64 - 1, 2**128, 2**128 - 1, 2**128 + 1,
                     2**160, 2**255 - 1, HIGHEST - 1, HIGHEST - 31, HIGHEST - 3, HIGHEST - 2**160 + 1, 0xFF << 8, 0xFF << 248, HIGHEST << 96 & HIGHEST}))  # fmt: skip
DENSELY = 2_000
EDGES = (0, 1, 2, 31, 32, 127, 128, 255, 256, 2**64, 2**128, 2**160 - 1, 2**160, 2**255 - 1, 2**255, 2**255 + 1, HIGHEST - 1, HIGHEST)  # fmt: skip


def shallow() -> Iterator[Tree]:
    """All of depth one."""
    leaves = ("x", "y", *MANY)
    for op in UNARY:
        yield from ((op, leaf) for leaf in leaves)
    for op in BINARY:
        yield from ((op, a, b) for a, b in product(leaves, repeat=2))
    for op in TERNARY:
        yield from ((op, *given) for given in product(("x", "y", *FEW[:6], HIGHEST), repeat=3))


def deeper() -> Iterator[Tree]:
    """All of depth two with one operation inside."""
    inner: list[Tree] = [(op, "x") for op in UNARY]
    inner += [(op, a, b) for op in BINARY for a, b in product(("x", "y", *FEW), repeat=2) if "x" in (a, b)]  # fmt: skip
    for part in inner:
        yield from ((op, part) for op in UNARY)
        for op, other in product(BINARY, ("x", "y", part, *FEW)):
            yield (op, part, other)
            yield (op, other, part)


def shapes() -> Iterator[Tree]:
    """Depth three and four, as lowering writes them: packed fields, offsets, calldata checks, truth values."""
    masks = (1, 0xFF, 2**64 - 1, 2**96 - 1, 2**128 - 1, 2**160 - 1, 0xFF << 8, 0xFF << 160, (2**96 - 1) << 160, HIGHEST ^ 0xFF, HIGHEST ^ (2**160 - 1))  # fmt: skip
    shifts = (1, 8, 32, 96, 128, 160, 248, 255)
    for mask, other, shift in product(masks, masks, shifts):
        field_ = ("shl", shift, ("and", "y", other))
        word = ("or", ("and", "x", mask), field_)
        yield ("and", word, other)
        yield ("and", ("shr", shift, word), other)
        yield ("shr", shift, word)
        yield ("shr", shift, ("and", "x", mask))
        yield ("and", ("or", field_, ("and", "x", mask)), mask)
        yield ("and", ("shr", shift, ("or", "x", field_)), mask)
        yield ("or", ("and", ("or", ("and", "x", mask), "y"), other), field_)
        yield ("signextend", shift // 8, ("and", "x", mask))
    for a, b in product((0, 1, 4, 32, 2**128, 2**255, HIGHEST, HIGHEST - 3, SIZE - 32), repeat=2):
        yield ("sub", ("add", "x", a), ("add", "x", b))
        yield ("sub", ("add", ("add", "x", "y"), a), ("add", "x", b))
        yield ("sub", ("add", ("add", "y", "x"), a), ("add", "x", b))
        yield ("sub", ("add", ("add", "x", "y"), a), "x")
        yield ("add", ("add", ("add", "x", a), b), "y")
        for sized in (("and", "x", 2**64 - 1), ("and", "x", 2**128 - 1), ("and", "x", 2**160 - 1), ("lt", "x", "y"), "x"):  # fmt: skip
            for compared in ("slt", "sgt", "lt", "gt", "eq"):
                yield (compared, ("add", sized, a), b)
                yield (compared, ("sub", sized, a), b)
                yield (compared, a, ("add", sized, b))
                yield (compared, sized, a)
    for first, second in product(("lt", "gt", "slt", "sgt", "eq"), repeat=2):
        yield ("iszero", ("iszero", (first, "x", "y")))
        yield ("iszero", ("iszero", ("or", (first, "x", "y"), (second, "y", "x"))))
        yield ("and", ("or", (first, "x", "y"), (second, "x", 7)), 1)
        yield ("eq", ("iszero", (first, "x", "y")), 0)
    for op in BINARY:
        yield (op, ("add", "x", "y"), ("add", "y", "x"))
        yield (op, ("sub", "x", "y"), ("sub", "y", "x"))


@dataclass
class Totals:
    """What was looked at, by how it ended."""

    expressions: int = 0
    rewritten: int = 0
    exact: int = 0  # without parameters
    proved: int = 0
    undecided: int = 0
    claims: int = 0
    claims_proved: int = 0
    evaluations: int = 0
    by_operation: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def told(self) -> str:
        """One line, and each mistake on one of its own."""
        return "\n".join([
            f"{self.expressions} expressions, {self.rewritten} rewritten, {self.claims} claims about bits; "
            f"{self.evaluations} evaluations; {self.exact} rewritings have no parameters; z3 proved {self.proved} "
            f"and {self.claims_proved} claims, gave up on {self.undecided}; {len(self.wrong)} wrong", *self.wrong])  # fmt: skip


class Rewrites:
    """Checks expressions; every `prove`-th rewriting is proved, too, or none."""

    def __init__(self, *, prove: int = 0, words: int = 10) -> None:
        self.totals = Totals()
        self.prove = prove if proofs.available() else 0
        self.words = words
        self.rng = random.Random(4711)

    def check(self, trees: Iterator[Tree] | Sequence[Tree]) -> Totals:
        for tree in trees:
            self._one(tree)
        return self.totals

    def _one(self, tree: Tree) -> None:
        totals = self.totals
        totals.expressions += 1
        cases = self._cases(tree)
        wanted = [computed(tree, words) for words in cases]
        found: set[Tree] = set()
        for simplify in (by_builder, by_numbering):
            left, value = simplify(tree)
            self._claims(left, value, cases)
            if left == tree or left in found:
                continue
            found.add(left)
            totals.rewritten += 1
            totals.by_operation[tree[0]] += 1
            totals.evaluations += len(cases)
            for words, word in zip(cases, wanted, strict=True):
                if computed(left, words) != word:
                    totals.wrong.append(f"{shown(tree)} became {shown(left)}: {words}")
                    break
            else:
                self._prove(tree, left)
        self._claims(tree, plain(tree), cases)

    def _prove(self, tree: Tree, left: Tree) -> None:
        totals = self.totals
        if not named(tree):
            totals.exact += 1
            return
        if not self.prove or totals.rewritten % self.prove:
            return
        answer = proofs.same(tree, left)
        totals.proved += answer is True
        if answer is None:  # the solver gave up: many words instead
            totals.undecided += 1
            totals.evaluations += DENSELY
            answer = all(computed(tree, w) == computed(left, w) for w in self._cases(tree, DENSELY))
        if not answer:
            totals.wrong.append(f"{shown(tree)} became {shown(left)}: not for all words")

    def _claims(self, tree: Tree, value: object, cases: list[dict[str, int]]) -> None:
        """What is said of the value's bits, and which part of it is said to be enough."""
        totals, known = self.totals, known_bits(value)  # type: ignore[arg-type]
        if known == HIGHEST or not isinstance(tree, tuple):
            return
        totals.claims += 1
        boolean = is_boolean(value)  # type: ignore[arg-type]
        for words in cases:
            word = computed(tree, words)
            if word & ~known or (boolean and word > 1):
                totals.wrong.append(f"{shown(tree)} was said to fit {known:#x}: {words}")
                return
        if self.prove and named(tree) and not totals.claims % self.prove:
            answer = proofs.fits(tree, known)
            totals.claims_proved += answer is True
            if answer is False:
                totals.wrong.append(f"{shown(tree)} was said to fit {known:#x}: not for all words")

    def _cases(self, tree: Tree, count: int = 0) -> list[dict[str, int]]:
        """The tree's own numbers and their neighbours, edges, and any word."""
        near = [(n + d) % SIZE for n in numbers(tree) for d in (-1, 0, 1)]
        rng, cases = self.rng, []
        for index in range(count or self.words):
            pool: Sequence[int] = (near or EDGES) if index % 3 == 0 else EDGES
            first = rng.getrandbits(256) if index % 5 == 4 else rng.choice(pool)
            second = first if index % 4 == 3 else rng.choice((*EDGES, *near))
            cases.append({"x": first, "y": second, "z": rng.getrandbits(256)})
        return cases


def needed_parts(totals: Totals) -> Totals:
    """`without_unneeded`: the part that is left has the same bits under the mask."""
    rng = random.Random(1)
    masks = (1, 0xFF, 2**160 - 1, 0xFF << 160, HIGHEST ^ 0xFF, HIGHEST)
    for tree in (t for t in shapes() if t[0] in ("or", "and")):
        value = plain(tree)
        for mask in masks:
            part = without_unneeded(value, mask)
            if part is value:
                continue
            totals.claims += 1
            names = _names(value, tree)
            for _ in range(4):
                words = {name: rng.choice((*EDGES, rng.getrandbits(256))) for name in ("x", "y", "z")}  # fmt: skip
                whole, kept = computed(tree, words), computed(names[part], words)
                if whole & mask != kept & mask:
                    totals.wrong.append(f"{shown(tree)} under {mask:#x}: {shown(names[part])}")
                    break
    return totals


def _names(value: object, tree: Tree) -> dict[object, Tree]:
    """The tree of each part of a value."""
    found = {value: tree}
    if isinstance(tree, tuple):
        for arg, part in zip(value.args, tree[1:], strict=True):  # type: ignore[attr-defined]
            found |= _names(arg, part)
    return found
