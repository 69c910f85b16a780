"""What the back end does to instructions after scheduling: the broom's rules, and constants that are computed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import product

from compiler.backend.assembly import LABEL, OP, PUSH, REF, Item
from compiler.backend.constants import constant
from compiler.backend.peephole import clean
from compiler.evm.opcodes import PUSH0
from tests.fir.words import HIGHEST, PURE

WORDS = (0, 1, 2, 7, 2**160 - 1, 2**255 - 1, 2**255, HIGHEST - 1, HIGHEST)
_ALPHABET = (
    Item(PUSH, 0), Item(PUSH, 1), *(Item(OP, o) for o in ("dup1", "dup2", "swap1", "swap2", "swap3", "pop", "iszero", "not",
    "add", "sub", "mul", "and", "or", "xor", "eq", "lt", "gt", "slt", "sgt", "div", "shl")))  # fmt: skip
_SHORT = tuple(i for i in _ALPHABET if i.value in (0, "dup1", "swap1", "swap2", "pop", "iszero", "eq", "lt", "sgt", "sub"))  # fmt: skip
Ending = tuple[str, tuple[int, ...]]


class Underflow(Exception):
    """The program takes more than there is."""


def ended(items: Sequence[Item], stack: Sequence[int]) -> Ending:
    """How a program ends, and what is then on the stack."""
    places = {i.value: n for n, i in enumerate(items) if i.kind == LABEL}
    words, at = list(stack), 0
    while at < len(items):
        item = items[at]
        at += 1
        if item.kind == PUSH:
            words.append(int(item.value))  # type: ignore[call-overload]
        elif item.kind == REF:
            words.append(places[item.value])
        elif item.kind == OP:
            name = str(item.value)
            if name in ("stop", "invalid", "return", "revert"):
                return name, tuple(words[-2:] if name in ("return", "revert") else words)
            if name in ("jump", "jumpi"):
                target = words.pop()
                at = target if name == "jump" or words.pop() else at
            else:
                _operate(words, name)
    return "end", tuple(words)


def _operate(words: list[int], name: str) -> None:
    if name.startswith(("dup", "swap")):
        number = int(name.lstrip("dupswa"))
        if len(words) < number + name.startswith("swap"):
            raise Underflow
        if name.startswith("dup"):
            words.append(words[-number])
        else:
            words[-1], words[-1 - number] = words[-1 - number], words[-1]
    elif name == "pop":
        words.pop()
    else:
        count = 1 if name in ("iszero", "not") else 2
        words.append(PURE[name](*(words.pop() for _ in range(count))))


def straight(length: int) -> Iterator[list[Item]]:
    """Every sequence of that length."""
    for chosen in product(_ALPHABET, repeat=length):
        yield [*chosen, Item(OP, "stop")]


def with_jumps(length: int) -> Iterator[list[Item]]:
    """Every sequence of that length, in front of jumps of each kind."""

    def ref(label: str) -> Item:
        return Item(REF, label)

    def label(name: str) -> Item:
        return Item(LABEL, name)

    stop, jump, jumpi, seven = Item(OP, "stop"), Item(OP, "jump"), Item(OP, "jumpi"), Item(PUSH, 7)
    for chosen in product(_SHORT, repeat=length):
        yield [*chosen, ref("a"), jumpi, Item(OP, "invalid"), label("a"), stop]
        yield [*chosen, ref("a"), jumpi, label("b"), label("a"), stop]
        yield [*chosen, ref("a"), jump, label("b"), label("a"), seven, stop]
        yield [*chosen, ref("a"), jumpi, ref("b"), jump, seven, label("a"), stop, label("b"), *chosen[:1], Item(OP, "invalid")]  # fmt: skip
        yield [ref("c"), jump, label("a"), *chosen, ref("a"), jumpi, stop, label("c"), Item(PUSH, 0), Item(PUSH, 0), Item(OP, "revert")]  # fmt: skip


def check_broom(programs: Iterator[list[Item]], stacks: int = 6) -> tuple[int, list[str]]:
    """How many programs `clean` changed, and those that then end otherwise."""
    rng, changed, wrong = random.Random(3), 0, []
    for program in programs:
        cleaned = clean(program)
        if len(cleaned) == len(program) and all(a.value == b.value for a, b in zip(cleaned, program, strict=True)):  # fmt: skip
            continue
        changed += 1
        for number in range(stacks):
            pool = WORDS if number else (5,)  # equal words, too
            stack = [rng.choice(pool) for _ in range(8)]
            if ended(program, stack) != ended(cleaned, stack):
                wrong.append(f"{[i.value for i in program]} became {[i.value for i in cleaned]}: {stack}")  # fmt: skip
                break
    return changed, wrong


def constants() -> Iterator[int]:
    """Words with a run of ones, what is beside them, and those of one, two and three bytes anywhere."""
    for low in range(257):
        for high in (*range(low, 257, 7), 256):
            run = (1 << high) - (1 << low)
            yield from (w & HIGHEST for w in (run, run + 1, run - 1, ~run, run | 1 << 255))
    rng = random.Random(9)
    for shift in range(249):
        yield from (rng.getrandbits(bits) << shift & HIGHEST for bits in (8, 16, 24, 64))


def check_constants(words: Iterator[int]) -> tuple[int, list[str]]:
    """How many were computed and not pushed, and those that came out otherwise."""
    made, wrong = 0, []
    for word in words:
        for has_push0, runs in product((True, False), (1, 200, 600)):
            code = constant(word, has_push0, runs)
            made += code[0] - PUSH0 != len(code) - 1
            if _left(code) != word:
                wrong.append(f"{word:#x}: {code.hex()}")
    return made, wrong


def _left(code: bytes) -> int:
    """The word that code of pushes, NOT, SHL and SHR leaves alone on the stack."""
    words, at = [], 0
    names = {0x19: "not", 0x1B: "shl", 0x1C: "shr"}
    while at < len(code):
        byte = code[at]
        at += 1
        if 0x5F <= byte <= 0x7F:
            words.append(int.from_bytes(code[at : at + byte - 0x5F], "big"))
            at += byte - 0x5F
        else:
            _operate(words, names[byte])
    (word,) = words
    return word
