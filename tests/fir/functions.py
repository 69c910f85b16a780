"""Random modules of FIR that no lowering made, within the laws of its page: each pass alone, every level, and the bytes
must do as they say."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from compiler import CompileOptions
from compiler.analysis.verifier import verify_module
from compiler.backend.assembler import Data, assemble
from compiler.backend.generate import generate
from compiler.evm.opcodes import DEFAULT_EVM_VERSION
from compiler.ir.reader import read_module
from compiler.ir.values import Module
from compiler.passes.order import FINAL, LEVEL_2, after_inlining
from compiler.passes.runner import optimize
from harness.chain.evm import Evm, Outcome
from tests.fir.chain import FirEvm
from tests.fir.machine import Code
from tests.fir.rewrites import BINARY, EDGES

HOME, MARK, MONEY = b"\x0f" * 20, b"\xfe", 1_000
REASONS = ("empty", "panic 0x11", "panic 0x11", "error 0x12345678", "message x6e6f")
_OPS = tuple(op for op in BINARY if op != "exp")


class Writer:
    """One function. `scope` is what is defined on every way to where it stands."""

    def __init__(
        self, rng: random.Random, parameters: int, callees: list[tuple[str, int, int]]
    ) -> None:
        self.rng = rng
        self.callees = callees
        self.lines: list[str] = []
        self.values = self.blocks = 0
        self.scope: list[str] = []
        self.objects: list[str] = []
        names = [self.name() for _ in range(parameters)]
        self.block(names)
        self.scope += names

    def name(self) -> str:
        self.values += 1
        return f"%{self.values}"

    def block(self, parameters: list[str] | None = None) -> None:
        given = f"({', '.join(parameters)})" if parameters else ""
        self.lines.append(f"b{self.blocks}{given}:")
        self.blocks += 1

    def emit(self, text: str) -> str:
        name = self.name()
        self.lines.append(f"  {name} = {text}")
        return name

    def value(self) -> str:
        rng = self.rng
        if self.scope and rng.random() < 0.7:
            near = self.scope if rng.random() < 0.3 else self.scope[-6:]
            return rng.choice(near)
        return hex(rng.choice((*EDGES, rng.randrange(9))))

    def pure(self) -> str:
        name = self.emit(f"{self.rng.choice(_OPS)} {self.value()}, {self.value()}")
        self.scope.append(name)
        return name

    def address(self) -> str:
        """Of a word of storage, as lowering makes them; often one that was used before."""
        rng = self.rng
        if rng.random() < 0.5:
            return "0x0"
        kind = rng.randrange(4)
        if kind < 2:
            return hex(rng.randrange(3))
        hashed = self.emit(f"mapslot {self.value()}, {rng.randrange(2) + 5}" if kind == 2 else "arrayslot 9")  # fmt: skip
        return self.emit(f"add {hashed}, {rng.randrange(3)}") if rng.random() < 0.5 else hashed

    def statements(self, count: int, depth: int) -> None:
        for _ in range(count):
            self.statement(depth)

    def statement(self, depth: int) -> None:
        rng = self.rng
        kinds: list[Callable[[int], None]] = [self.compute, self.compute, self.load, self.load, self.store, self.store, self.check, self.memory, self.memory, self.log]  # fmt: skip
        if self.callees:
            kinds.append(self.call)
        if depth:
            kinds += [self.choice, self.choice, self.loop, self.switch]
        rng.choice(kinds)(depth)

    def compute(self, depth: int) -> None:
        self.pure()

    def load(self, depth: int) -> None:
        self.scope.append(self.emit(f"sload {self.address()}"))

    def store(self, depth: int) -> None:
        value = self.value()
        self.emit(f"sstore {self.address()}, {value}")

    def check(self, depth: int) -> None:
        """Seldom fails; often two for one reason."""
        for _ in range(self.rng.randrange(1, 3)):
            condition = self.emit(f"eq {self.value()}, {hex(self.rng.choice(EDGES) ^ 5)}")
            self.emit(f"guard {condition} : {self.rng.choice(REASONS)}")

    def memory(self, depth: int) -> None:
        """An object of two words, or a word of one that is there."""
        if not self.objects or self.rng.random() < 0.25:
            pointer = self.emit("fmp")
            end = self.emit(f"add {pointer}, 0x40")
            self.emit(f"setfmp {end}")
            self.objects.append(pointer)
            self.emit(f"mstore {pointer}, {self.value()}")
            self.emit(f"mstore {self.emit(f'add {pointer}, 0x20')}, {self.value()}")
            return
        at = self.rng.choice(self.objects)
        if self.rng.random() < 0.5:
            at = self.emit(f"add {at}, 0x20")
        if self.rng.random() < 0.3:
            self.emit(f"mstore {at}, {self.value()}")
        else:
            self.scope.append(self.emit(f"mload {at}"))

    def log(self, depth: int) -> None:
        self.emit(f"log1 0, 0, {self.value()}")

    def call(self, depth: int) -> None:
        name, parameters, results = self.rng.choice(self.callees)
        given = ", ".join(self.value() for _ in range(parameters))
        called = self.emit(f'icall "{name}" {results} ({given})')
        self.scope += [called] if results == 1 else [f"{called}.{n}" for n in range(results)]

    def choice(self, depth: int) -> None:
        """Two ways that meet; or one that fails."""
        condition, then, otherwise = self.value(), self.blocks, self.blocks + 1
        if not condition.startswith("%"):
            condition = self.pure()
        if self.rng.random() < 0.3:
            condition = self.emit(f"iszero {condition}")
        place = len(self.lines)
        self.lines.append("")
        scope, objects = list(self.scope), list(self.objects)
        ends = []
        first_blocks = []
        fails = self.rng.random() < 0.2
        for way in range(2):
            first_blocks.append(self.blocks)
            self.block()
            self.scope, self.objects = list(scope), list(objects)
            if way and fails:
                self.lines.append(f"  fail : {self.rng.choice(REASONS)}")
                continue
            self.statements(self.rng.randrange(3), depth - 1)
            handed = self.value() if self.rng.random() < 0.7 else hex(self.rng.randrange(2))
            ends.append((len(self.lines), handed))
            self.lines.append("")
        then, otherwise = first_blocks
        self.lines[place] = f"  branch {condition}, b{then}, b{otherwise}"
        for at, handed in ends:
            self.lines[at] = f"  jump b{self.blocks}({handed})"
        self.scope, self.objects = scope, objects
        parameter = self.name()
        self.block([parameter])
        self.scope.append(parameter)

    def loop(self, depth: int) -> None:
        """So many times round, with a value that is carried along."""
        scope, objects = list(self.scope), list(self.objects)
        index, carried = self.name(), self.name()
        self.lines.append(f"  jump b{self.blocks}(0, {self.value()})")
        head = self.blocks
        self.block([index, carried])
        self.scope = [*scope, index, carried]
        more = self.emit(f"lt {index}, {self.rng.randrange(1, 4)}")
        place = len(self.lines)
        self.lines.append("")
        body = self.blocks
        self.block()
        self.statements(self.rng.randrange(1, 4), depth - 1)
        handed = self.value()
        following = self.emit(f"add {index}, 1")
        self.lines.append(f"  jump b{head}({following}, {handed})")
        self.lines[place] = f"  branch {more}, b{body}, b{self.blocks}"
        self.block()
        self.scope, self.objects = [*scope, carried], objects

    def switch(self, depth: int) -> None:
        chosen = self.emit(f"and {self.value()}, 3")
        place = len(self.lines)
        self.lines.append("")
        scope, objects, firsts, ends = list(self.scope), list(self.objects), [], []
        for _ in range(3):
            firsts.append(self.blocks)
            self.block()
            self.scope, self.objects = list(scope), list(objects)
            self.statements(self.rng.randrange(2), 0)
            ends.append((len(self.lines), self.value()))
            self.lines.append("")
        self.lines[place] = f"  switch {chosen} [0x0 b{firsts[0]}, 0x2 b{firsts[1]}] b{firsts[2]}"
        for at, handed in ends:
            self.lines[at] = f"  jump b{self.blocks}({handed})"
        parameter = self.name()
        self.block([parameter])
        self.scope, self.objects = [*scope, parameter], objects


def module_text(number: int) -> str:
    """An entry and a few functions that it calls."""
    rng = random.Random(number)
    parts = ['module "m" reserved=0 non_payable=0\nfallback "f"\n']
    callees: list[tuple[str, int, int]] = []
    for index in range(rng.randrange(3)):
        parameters, results = rng.randrange(3), rng.randrange(3)
        writer = Writer(rng, parameters, list(callees))
        writer.statements(rng.randrange(1, 6), rng.randrange(2))
        returned = ", ".join(writer.value() for _ in range(results))
        parts.append(f'fn "g{index}" internal results={results} {{\n' + "\n".join(writer.lines) + f"\n  ret {returned}\n}}\n")  # fmt: skip
        callees.append((f"g{index}", parameters, results))
    writer = Writer(rng, 0, callees)
    writer.emit("setfmp 0x80")
    writer.scope += [writer.emit(f"calldataload {at:#x}") for at in (0, 32, 64)]
    writer.statements(rng.randrange(4, 12), 2)
    value = writer.value()
    for further in rng.sample(writer.scope, min(len(writer.scope), rng.choice((2, 8, 24)))):
        value = writer.emit(f"xor {value}, {further}")  # so that all of them are wanted at the end
    writer.emit(f'mstore 0, {value} : "raw"')
    body = "\n".join(writer.lines)
    return "\n".join([*parts, f'fn "f" entry results=0 {{\n{body}\n  return 0, 0x20 : "raw"\n}}\n'])


def stages(text: str) -> Iterator[tuple[str, Module]]:
    """What each pass makes of the module alone, and what each level does."""
    quiet: set[str] = set()
    for name, run in dict([*LEVEL_2, *after_inlining(quiet), *FINAL]).items():
        if name.rstrip("-2345") != name and name != "storage-2":
            continue  # a pass that comes again is the same pass
        module = read_module(text)
        for function in module.functions.values():
            run(function)
        yield name, module
    for level in range(4):
        module = read_module(text)
        optimize(module, CompileOptions(optimize=level), "gas")
        yield f"level {level}", module


def code_of(module: Module) -> bytes:
    """The bytes that the back end makes of it."""
    made = generate(module)
    return assemble(made.items, DEFAULT_EVM_VERSION, Data({}, {}, {}, False), made.frames, 200).code


def calls(number: int, count: int) -> list[bytes]:
    """Three words each."""
    rng = random.Random(number)
    pool = (*EDGES, 3, 4, 5, 6)
    return [b"".join(rng.choice(pool).to_bytes(32, "big") for _ in range(3)) for _ in range(count)]


Seen = list[tuple[bool, bytes, object, dict[int, int]]]


def behaviour(evm: Evm, data: list[bytes]) -> Seen | None:
    """Of the code at `HOME`; None where it ran out of gas."""
    seen: Seen = []
    for given in data:
        outcome: Outcome = evm.call(HOME, given, gas=3_000_000)
        if outcome.error == "OutOfGas":
            return None
        seen.append((outcome.success, outcome.output, outcome.logs, evm.storage(HOME)))
    return seen


def fir(module: Module) -> Evm:
    evm = FirEvm([Code(module, MARK, {}, {})])
    evm.set_code(HOME, MARK)
    evm.fund(HOME, MONEY)
    return evm


def native(module: Module) -> Evm:
    evm = Evm()
    evm.set_code(HOME, code_of(module))
    evm.fund(HOME, MONEY)
    return evm


def differences(number: int, count: int = 4) -> list[str]:
    """The stages of a random module that do otherwise than it says."""
    return differences_of(module_text(number), calls(number, count))


def differences_of(
    text: str, data: list[bytes], native: Callable[[Module], Evm] = native
) -> list[str]:
    """The same of any module; `native` is the bytes of one on a chain."""
    first = read_module(text)
    verify_module(first)
    wanted = behaviour(fir(first), data)
    found = []
    for name, module in stages(text):
        verify_module(module)
        if behaviour(fir(module), data) != wanted:
            found.append(name)
        if name.startswith("level") and behaviour(native(module), data) != wanted:
            found.append(f"{name}, bytes")
    if behaviour(native(read_module(text)), data) != wanted:
        found.append("bytes")
    return found
