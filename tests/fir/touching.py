"""Random FIR about who sees what: memory by hand at addresses that overlap, scratch words and the slots hashed there, the
free-memory pointer, calls that write memory and storage, what they returned, transient storage, balances."""

from __future__ import annotations

import random

from compiler.backend.generate import generate
from compiler.ir.values import Module
from harness.chain.evm import Evm
from tests.fir.functions import HOME, REASONS, Writer, calls, differences_of, fir, native

ANYWHERE = (
    0,
    4,
    0x10,
    0x1C,
    0x20,
    0x24,
    0x30,
    0x3F,
    0x40,
    0x41,
    0x44,
    0x5F,
    0x60,
    0x80,
    0x81,
    0xA0,
)
READABLE = (
    0x40,
    0x41,
    0x60,
    0x80,
    0x90,
    0xA0,
)  # scratch words hold what nobody promised, between uses
SIZES = (0, 1, 4, 0x1F, 0x20, 0x21, 0x40, 0x44)


class _Touch(Writer):
    def keep(self, text: str) -> None:
        self.scope.append(self.emit(text))

    def one(self, numbers: tuple[int, ...]) -> str:
        return hex(self.rng.choice(numbers))

    def size(self) -> str:
        return self.one(SIZES) if self.rng.random() < 0.8 else self.emit(f"and {self.value()}, 0x3f")  # fmt: skip

    def statement(self, depth: int) -> None:
        kinds = [self.compute, self.store, self.load, self.transient, self.called, self.called, self.returned, self.written, self.written, self.written, self.read, self.read, self.hashed, self.hashed, self.pointer, self.check, self.told, self.log, self.shown, self.shown, self.shown]  # fmt: skip
        if depth:
            kinds += [self.choice, self.choice, self.loop]
        self.rng.choice(kinds)(depth)

    def shown(self, depth: int) -> None:
        """Some of what was found lately."""
        for value in self.rng.sample(self.scope[-8:], 2):
            self.emit(f"log1 0, 0, {value}")

    def around(self, before: str, what: str) -> None:
        """What is found before an effect is shown behind it, beside what is found then."""
        found = [self.emit(before), "", ""]
        found[1] = self.emit(what)
        found[2] = self.emit(before)
        self.emit(f"log1 0, 0, {found[0]}")
        self.keep(f"xor {found[2]}, {self.value()}")

    def transient(self, depth: int) -> None:
        slot = self.rng.randrange(2)
        self.around(f"tload {slot}", f"tstore {self.rng.randrange(2)}, {self.value()}")

    def called(self, depth: int) -> None:
        """The copying contract, perhaps with money, or this one, which then adds to a word of storage."""
        gas, target = self.emit("gas"), self.one((0x40, 0x80, 0x90, 0xA0))
        raw = f'mload {target} : "raw"'
        kind = self.rng.randrange(4)
        if kind == 0:
            self.around("selfbalance", f"call {gas}, 4, 1, 0, 0, 0, 0")
        elif kind == 1:
            self.around("returndatasize", f'staticcall {gas}, 4, 0, {self.size()}, 0, 0 : "raw"')
        elif kind == 2:
            self.around(raw, f'staticcall {gas}, 4, {self.one(READABLE)}, {self.size()}, {target}, {self.size()} : "raw"')  # fmt: skip
        else:
            seen = self.rng.choice((raw, "sload 1", "tload 1", "returndatasize"))
            self.around(seen, f'call {gas}, 0x{HOME.hex()}, 0, 0x80, 0, {target}, {self.size()} : "raw"')  # fmt: skip

    def returned(self, depth: int) -> None:
        size = self.emit("returndatasize")
        self.emit(f'returndatacopy {self.one(ANYWHERE)}, 0, {size} : "raw"')

    def written(self, depth: int) -> None:
        at, kind = self.one(ANYWHERE), self.rng.randrange(5)
        if kind == 0:
            self.emit(f'mstore8 {at}, {self.value()} : "raw"')
        elif kind == 1:
            self.emit(f'mcopy {self.one(READABLE)}, {self.one(READABLE)}, {self.size()} : "raw"')
        elif kind == 2:
            self.emit(f'calldatacopy {at}, {self.value()}, {self.size()} : "raw"')
        elif kind == 3:
            self.emit(f"mstore {self.one((0x80, 0x9F, 0xC0))}, {self.value()}")
        else:
            self.emit(f'mstore {at}, {self.value()} : "raw"')

    def read(self, depth: int) -> None:
        if self.rng.random() < 0.3:
            self.keep(f'keccak256 {self.one(READABLE)}, {self.size()} : "raw"')
        elif self.rng.random() < 0.3:
            self.keep(f"mload {self.one((0x80, 0x9F, 0xC0))}")
        else:
            self.keep(f'mload {self.one(READABLE)} : "raw"')

    def hashed(self, depth: int) -> None:
        """Two words in scratch memory; often those of a mapping's entry."""
        rng = self.rng
        key, slot = self.value(), rng.choice(("5", "6", self.value()))
        if rng.random() < 0.5:
            self.keep(f"sload {self.emit(f'mapslot {key}, {slot}')}")
        words = [f'mstore 0, {key} : "raw"', f'mstore 0x20, {slot} : "raw"']
        for text in rng.sample(words, 2):
            self.emit(text)
        if rng.random() < 0.3:
            self.emit(f'mstore {self.one((0, 0x10, 0x20, 0x40))}, {self.value()} : "raw"')
        hashed = self.emit('keccak256 0, 0x40 : "raw"')
        if rng.random() < 0.5:
            self.emit(f"sstore {hashed}, {self.value()}")
        if rng.random() < 0.5:
            self.keep(f"sload {hashed}")
        self.scope.append(hashed)
        if rng.random() < 0.3:
            self.emit(f"sstore {self.emit(f'mapslot {self.value()}, 6')}, {self.value()}")

    def pointer(self, depth: int) -> None:
        if self.rng.random() < 0.5:
            self.keep("fmp")
        else:
            near = self.emit(f"and {self.emit('fmp')}, 0x1ff")
            self.emit(f"setfmp {self.emit(f'add {near}, 0x40')}")

    def check(self, depth: int) -> None:
        condition = self.emit(f"eq {self.value()}, 0x77")
        self.emit(f"guard {condition} : {self.rng.choice((*REASONS, 'bubble'))}")

    def told(self, depth: int) -> None:
        self.keep(self.rng.choice(("selfbalance", "returndatasize", f"balance 0x{HOME.hex()}")))

    def log(self, depth: int) -> None:
        self.emit(f'log1 {self.one((0x40, 0x80))}, {self.size()}, {self.value()} : "raw"')


def module_text(number: int) -> str:
    """One function; called without calldata it adds to a word of storage."""
    rng = random.Random(number)
    writer = _Touch(rng, 0, [])
    writer.emit("setfmp 0x80")
    place, size = len(writer.lines) + 1, writer.emit("calldatasize")
    writer.lines.append("")
    again = writer.blocks
    writer.block()
    total = writer.emit(f"add {writer.emit('sload 1')}, 7")
    writer.emit(f"sstore 1, {total}")
    writer.emit(f"tstore 1, {total}")
    writer.emit(f'mstore 0, {total} : "raw"')
    writer.lines.append('  return 0, 0x20 : "raw"')
    writer.lines[place] = f"  branch {size}, b{writer.blocks}, b{again}"
    writer.block()
    writer.scope = [writer.emit(f"calldataload {at:#x}") for at in (0, 32, 64)]
    writer.statements(rng.randrange(12, 36), 1)
    value = writer.value()
    for further in rng.sample(writer.scope, min(len(writer.scope), 6)):
        value = writer.emit(f"xor {writer.emit(f'mul {value}, 3')}, {further}")
    end = rng.randrange(4)
    if end == 0:
        writer.emit(f'mstore 0x80, {value} : "raw"')
        writer.lines.append('  return 0x40, 0x80 : "raw"')
    elif end == 1:
        writer.emit(f"mstore 0xa0, {value}")
        writer.lines.append("  revert 0x80, 0x60")
    else:
        writer.emit(f'mstore 0, {value} : "raw"')
        writer.lines.append('  return 0, 0x20 : "raw"')
    body = "\n".join(writer.lines)
    return f'module "m" reserved=0 non_payable=0 unsafe_memory=1\nfallback "f"\n\nfn "f" entry results=0 {{\n{body}\n}}\n'


def bytes_or_fir(module: Module) -> Evm:
    """Values that are kept in memory would lie where the module has its own: then its bytes are not asked."""
    return fir(module) if generate(module).spilled else native(module)


def differences(number: int, count: int = 3) -> list[str]:
    return differences_of(module_text(number), calls(number, count), bytes_or_fir)
