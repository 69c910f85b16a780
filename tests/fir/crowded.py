"""Random FIR with more values than the stack reaches: carried round loops in changing places, handed to functions that
call themselves, coming back as more results than a stack instruction reaches."""

from __future__ import annotations

import random

from compiler.backend.generate import generate
from compiler.ir.reader import read_module
from tests.fir.functions import Writer, behaviour, calls, fir, native

MANY = (0, 1, 2, 4, 9, 15, 16, 17, 20)


class _Crowd(Writer):
    def statement(self, depth: int) -> None:
        kinds = [self.some, self.store, self.load, self.check, self.handed]
        if self.callees:
            kinds += [self.call, self.call]
        if depth:
            kinds += [self.choice, self.loop, self.loop]
        self.rng.choice(kinds)(depth)

    def value(self) -> str:
        if self.scope and self.rng.random() < 0.95:
            return self.rng.choice(self.scope)
        return hex(self.rng.choice((0, 1, 7, 2**256 - 1)))

    def some(self, depth: int) -> None:
        for _ in range(self.rng.randrange(1, 6)):
            self.pure()

    def names(self, count: int) -> list[str]:
        return [self.name() for _ in range(count)]

    def handed(self, depth: int) -> None:
        """To a block that nothing else leads to, some values twice."""
        count = self.rng.choice(MANY)
        given = ", ".join(self.value() for _ in range(count))
        self.lines.append(f"  jump b{self.blocks}" + (f"({given})" if given else ""))
        names = self.names(count)
        self.block(names)
        self.scope = [*self.scope, *names]

    def loop(self, depth: int) -> None:
        rng, scope = self.rng, list(self.scope)
        carried = self.names(1 + rng.choice(MANY))
        index, places = carried[0], carried[1:]
        self.lines.append(f"  jump b{self.blocks}({', '.join(['0', *(self.value() for _ in places)])})")  # fmt: skip
        head = self.blocks
        self.block(carried)
        self.scope = scope + carried
        more = self.emit(f"lt {index}, {rng.randrange(1, 4)}")
        end = len(self.lines)
        self.lines.append("")
        body = self.blocks
        self.block()
        self.statements(rng.randrange(3), depth - 1)
        following = self.emit(f"add {index}, 1")
        if rng.random() < 0.3:
            self.lines.append(f"  branch {self.value_named()}, {self.back(head, following, places)}, b{self.blocks}")  # fmt: skip
            self.block()
        self.lines.append(f"  jump {self.back(head, following, places)}")
        self.lines[end] = f"  branch {more}, b{body}, b{self.blocks}"
        self.block()
        self.scope = scope + places

    def value_named(self) -> str:
        return self.rng.choice(self.scope)

    def back(self, head: int, following: str, places: list[str]) -> str:
        """Round the loop: the same values in other places, some gone, some new."""
        rng = self.rng
        kind = rng.randrange(4)
        if kind == 0:
            order = rng.sample(places, len(places))
        elif kind == 1:
            order = places[1:] + places[:1]
        else:
            order = [(self.value() if kind == 2 else rng.choice(places)) if rng.random() < 0.4 else p for p in places]  # fmt: skip
        return f"b{head}({', '.join([following, *order])})"

    def mixed(self) -> str:
        """Of many values that are still there."""
        total = "0"
        for value in self.rng.sample(self.scope, min(len(self.scope), self.rng.choice((5, 20, 40)))):  # fmt: skip
            total = self.emit(f"add {self.emit(f'mul {total}, 3')}, {value}")
        return total

    def returned(self, results: int) -> str:
        return "  ret " + ", ".join([self.mixed(), *(self.value() for _ in range(results))][:results])  # fmt: skip

    def walk(self, name: str, parameters: int, results: int) -> None:
        """Goes on with less until its first parameter is zero."""
        place, base = len(self.lines), [self.value() for _ in range(results)]
        self.lines.append("")
        self.block()
        low = self.emit("and %1, 3")
        less = self.emit(f"sub {low}, {self.emit(f'lt 0, {low}')}")
        for _ in range(self.rng.randrange(1, 3)):
            given = ", ".join([less, *(self.value() for _ in range(parameters - 1))])
            called = self.emit(f'icall "{name}" {results} ({given})')
            self.scope += [called] if results == 1 else [f"{called}.{n}" for n in range(results)]
            self.statements(self.rng.randrange(2), 1)
        self.lines.append(self.returned(results))
        self.lines[place] = f"  branch %1, b1, b{self.blocks}"
        self.block()
        self.lines.append("  ret " + ", ".join(base))


def module_text(number: int) -> str:
    rng = random.Random(number)
    parts = ['module "m" reserved=0 non_payable=0\nfallback "f"\n']
    callees: list[tuple[str, int, int]] = []
    for name in ("g", "h")[: rng.randrange(3)]:
        parameters, results = 1 + rng.choice(MANY), rng.choice(MANY)
        writer = _Crowd(rng, parameters, list(callees))
        for _ in range(rng.choice((0, 4, 15, 25))):
            writer.pure()
        if rng.random() < 0.6:
            writer.walk(name, parameters, results)
        else:
            writer.statements(rng.randrange(1, 4), 1)
            writer.lines.append(writer.returned(results))
        body = "\n".join(writer.lines)
        parts.append(f'fn "{name}" internal results={results} {{\n{body}\n}}\n')
        callees.append((name, parameters, results))
    writer = _Crowd(rng, 0, callees)
    writer.emit("setfmp 0x80")
    writer.scope += [writer.emit(f"calldataload {at:#x}") for at in (0, 32, 64)]
    for _ in range(rng.choice((2, 10, 20, 30))):
        writer.pure()
    writer.statements(rng.randrange(2, 6), 2)
    writer.emit(f'mstore 0, {writer.mixed()} : "raw"')
    body = "\n".join(writer.lines)
    return "\n".join([*parts, f'fn "f" entry results=0 {{\n{body}\n  return 0, 0x20 : "raw"\n}}\n'])


def spills(text: str) -> bool:
    return bool(generate(read_module(text)).spilled)


def agrees(number: int, count: int = 3) -> bool:
    """Whether the bytes do as the module says."""
    text, data = module_text(number), calls(number, count)
    wanted = behaviour(fir(read_module(text)), data)
    return wanted is None or behaviour(native(read_module(text)), data) == wanted
