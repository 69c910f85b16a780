"""FIR: text round trip, and each law of the verifier with a function that breaks it."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from compiler import CompileOptions, compile_sources
from compiler.analysis.verifier import FirError, verify, verify_module
from compiler.evm.words import FOLD, MASK
from compiler.ir.bits import known_bits, without_unneeded
from compiler.ir.builder import Builder
from compiler.ir.printer import print_function, print_module
from compiler.ir.reader import FirSyntaxError, read_function, read_module
from compiler.ir.simplify import simplified
from compiler.ir.values import Function, Value
from compiler.passes.runner import optimize

CORPUS = Path(__file__).resolve().parents[1] / "differential" / "corpus"


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.sol")), ids=lambda p: p.stem)
@pytest.mark.parametrize("stage", ["ir", "ir-opt"])
def test_printed_fir_reads_back_to_itself(path: Path, stage: str) -> None:
    result = compile_sources(
        {path.name: path.read_text()}, CompileOptions(verify_each=True), emit=[stage]
    )
    for contract in result.contracts.values():
        for text in contract.texts.values():
            module = read_module(text)
            verify_module(module)
            assert print_module(module) == text


@pytest.mark.parametrize("path", ["a#b.sol", 'a"b.sol', "a\\b.sol", "a\nb.sol", "a\u2028b.sol"])
def test_a_source_may_be_named_as_it_likes(path: str) -> None:
    source = "pragma solidity ^0.8.20; contract A { function f() external {} }"
    (contract,) = compile_sources({path: source}, emit=["ir"]).contracts.values()
    for text in contract.texts.values():
        assert print_module(read_module(text)) == text


UNSAFE = """pragma solidity ^0.8.20;
contract A {
    struct Pair { uint256 a; uint256 b; }
    function f(uint256 x) external pure returns (uint256 r) {
        Pair memory pair = Pair(x, 2);
        assembly %s { r := mload(0x80) }
        r += pair.a + pair.b;
    }
}
"""


@pytest.mark.parametrize("promise", ["", '("memory-safe")'])
def test_what_assembly_may_do_to_memory_is_read_back(promise: str) -> None:
    """The passes then do to the text what they did to the program."""
    texts = compile_sources({"a.sol": UNSAFE % promise}, emit=["ir", "ir-opt"]).contract("A").texts
    module = read_module(texts["ir runtime"])
    assert module.unsafe_memory is not bool(promise)
    assert ("unsafe_memory=1" in texts["ir runtime"].splitlines()[0]) is module.unsafe_memory
    optimize(module, CompileOptions(), "gas")
    assert print_module(module) == texts["ir-opt runtime"]
    stays = "mstore" in texts["ir-opt runtime"].split("mload 0x80")[0]
    assert stays is module.unsafe_memory  # the struct does, where its place may be looked at


BROKEN = {
    "does not end": 'fn "f" internal results=0 {\nb0:\n  %1 = caller\n}',
    "arguments": 'fn "f" internal results=0 {\nb0:\n  jump b1(1)\nb1:\n  ret\n}',
    "jumps to the entry": 'fn "f" internal results=0 {\nb0:\n  jump b0\n}',
    "operands": 'fn "f" internal results=0 {\nb0(%1):\n  %2 = add %1\n  ret\n}',
    "returns 1 values": 'fn "f" internal results=2 {\nb0(%1):\n  ret %1\n}',
    "before it is defined": 'fn "f" internal results=1 {\nb0(%1):\n  %2 = add %3, 1\n  %3 = add %1, 1\n  ret %2\n}',
    "does not reach": (
        'fn "f" internal results=1 {\nb0(%1):\n  branch %1, b1, b2\nb1:\n  %2 = add %1, 1\n  jump b3\n'
        "b2:\n  jump b3\nb3:\n  ret %2\n}"
    ),
}


@pytest.mark.parametrize("law", BROKEN)
def test_verifier_names_the_broken_law(law: str) -> None:
    with pytest.raises(FirError, match=law):
        verify(read_function(BROKEN[law]))


def test_verifier_checks_calls_across_functions() -> None:
    text = 'module "m" reserved=0 non_payable=0\n\nfn "f" entry results=0 {\nb0:\n  %1 = icall "g" 1 ()\n  stop\n}'
    with pytest.raises(FirError, match="does not exist"):
        verify_module(read_module(text))


@pytest.mark.parametrize(
    "text",
    [
        'fn "f" internal results=0 {\nb0:\n  %1 = nonsense 1\n}',
        'fn "f" internal results=0 {\nb0:\n  jump b7\n}',
    ],
)
def test_reader_refuses_what_is_not_fir(text: str) -> None:
    with pytest.raises(FirSyntaxError):
        read_function(text)


@pytest.mark.parametrize("word", ["payable", "memory"])
def test_a_module_says_nothing_else_of_itself(word: str) -> None:
    with pytest.raises(FirSyntaxError, match=f"no {word}"):
        read_module(f'module "m" reserved=0 {word}=1\n')


def test_loops_read_variables_through_block_parameters() -> None:
    function = Function("f", "internal", 1)
    builder = Builder(function)
    builder.write("x", builder.const(1))
    head, body, done = builder.new_block(), builder.new_block(), builder.new_block()
    builder.jump(head)
    builder.start(head)
    builder.branch(builder.emit("lt", builder.read("x"), builder.emit("calldatasize")), body, done)
    builder.resume(body)
    builder.write("x", builder.emit("add", builder.read("x"), builder.const(1)))
    builder.jump(head)
    builder.seal(head)
    builder.resume(done)
    builder.finish("ret", builder.read("x"))
    verify(function)
    assert "jump b1(1)" in print_function(function)


EDGES = [
    0,
    1,
    2,
    3,
    31,
    32,
    127,
    128,
    255,
    256,
    MASK,
    MASK - 1,
    1 << 255,
    (1 << 255) - 1,
    (1 << 160) - 1,
    0xFF << 248,
]


def evaluate(value: Value, inputs: dict[Value, int]) -> int:
    if value.op == "const":
        return int(value.imm)
    if value in inputs:
        return inputs[value]
    return int(FOLD[value.op](*(evaluate(a, inputs) for a in value.args)))


@pytest.mark.parametrize("op", sorted(FOLD))
def test_simplification_never_changes_a_value(op: str) -> None:
    """Random small expressions over edge words: what simplification gives equals what it replaces."""
    rng = random.Random(op)
    arity = {"iszero": 1, "not": 1, "clz": 1, "addmod": 3, "mulmod": 3}.get(op, 2)
    function = Function("f", "internal")
    inputs = [function.new_value("param", []) for _ in range(2)]

    def emit(name: str, *args: Value) -> Value:
        if all(a.op == "const" for a in args):
            return function.constant(FOLD[name](*(a.imm for a in args)))
        return simplified(function, name, args, emit) or function.new_value(name, list(args))

    def operand(depth: int) -> Value:
        kind = rng.random()
        if depth == 0 or kind < 0.45:
            return rng.choice(inputs)
        if kind < 0.75:
            return function.constant(rng.choice(EDGES))
        inner = rng.choice(
            [
                "add",
                "sub",
                "and",
                "or",
                "shl",
                "shr",
                "iszero",
                "not",
                "eq",
                "lt",
                "xor",
                "signextend",
            ]
        )
        count = 1 if inner in ("iszero", "not") else 2
        return function.new_value(inner, [operand(depth - 1) for _ in range(count)])

    for _ in range(400):
        args = tuple(operand(2) for _ in range(arity))
        if all(a.op == "const" for a in args):
            continue
        original = function.new_value(op, list(args))
        simpler = simplified(function, op, args, emit)
        for _ in range(6):
            words = {p: rng.choice([*EDGES, rng.getrandbits(256)]) for p in inputs}
            expected = evaluate(original, words)
            assert expected & ~known_bits(original) == 0
            if simpler is not None:
                assert evaluate(simpler, words) == expected


@pytest.mark.parametrize("op", ["shl", "shr"])
def test_two_shifts_never_wrap_round_to_a_small_one(op: str) -> None:
    builder = Builder(Function("f", "internal", 1))
    once = builder.emit(op, builder.const(8), builder.add_parameter())
    for amount in (MASK, MASK - 6, 256, 248):
        assert builder.emit(op, builder.const(amount), once) is builder.const(0)
    assert builder.emit(op, builder.const(247), once).args[0] is builder.const(255)


def test_packed_fields_keep_their_bits() -> None:
    """Fields put into words and taken out of them, over and over: the algebra of packed storage."""
    rng = random.Random(7)
    function = Function("f", "internal")
    inputs = [function.new_value("param", []) for _ in range(3)]
    saved = 0

    def plain(name: str, *args: Value) -> Value:
        return function.new_value(name, list(args))

    def emit(name: str, *args: Value) -> Value:
        if all(a.op == "const" for a in args):
            return function.constant(FOLD[name](*(a.imm for a in args)))
        return simplified(function, name, args, emit) or plain(name, *args)

    def build(make: Callable[..., Value], draws: random.Random) -> Value:
        """The same walk for every `make`: the draws decide."""
        word = draws.choice(inputs)
        for _ in range(draws.randint(1, 5)):
            width, at = draws.choice([8, 32, 96, 128, 160]), draws.choice([0, 8, 32, 96, 128, 248])
            mask = (1 << width) - 1
            field = make("and", draws.choice([word, *inputs]), function.constant(mask))
            placed = make("shl", function.constant(at), field)
            kept = make("and", word, function.constant(MASK ^ (mask << at & MASK)))
            word = make("or", *draws.sample([kept, placed], 2))
            if draws.random() < 0.4:
                shifted = make("shr", function.constant(draws.choice([0, at, 64])), word)
                word = make("and", shifted, function.constant(draws.choice([mask, MASK >> 8])))
        return word

    for seed in range(1_500):
        original = build(plain, random.Random(seed))
        simpler = build(emit, random.Random(seed))
        saved += operations(simpler) < operations(original)
        for _ in range(4):
            words = {p: rng.choice([*EDGES, rng.getrandbits(256)]) for p in inputs}
            assert evaluate(simpler, words) == evaluate(original, words), seed
    assert saved > 300


def operations(value: Value) -> int:
    """How many instructions a value takes, shared ones once."""
    seen: set[Value] = set()
    work = [value]
    while work:
        at = work.pop()
        if at not in seen and at.op not in ("const", "param"):
            seen.add(at)
            work += at.args
    return len(seen)


def test_unneeded_parts_go() -> None:
    function = Function("f", "internal")
    a, b = (function.new_value("param", []) for _ in range(2))
    low = function.new_value("and", [a, function.constant(0xFF)])
    high = function.new_value("shl", [function.constant(8), b])
    word = function.new_value("or", [high, low])
    assert without_unneeded(word, 0xFF) is a
    assert without_unneeded(word, 0xFF00) is high
    assert without_unneeded(word, 0x1FF) is word
