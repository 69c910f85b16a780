"""FIR text back to FIR; the inverse of `ir.printer`, so that passes are tested on text."""

from __future__ import annotations

import re
from typing import Any

from compiler.ir.ops import OPS, TERMINATORS
from compiler.ir.values import Block, Edge, Function, Module, Reason, Value

_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"|#.*|%\d+(?:\.\d+)?|0x[0-9a-fA-F]+|x[0-9a-f]*(?![\w.])|[\w.]+|[(){}\[\],:=]'
)


class FirSyntaxError(Exception):
    """The text is not FIR; the message names the line."""


class _Line:
    def __init__(self, number: int, text: str) -> None:
        self.number = number
        self.tokens: list[str] = [t for t in _TOKEN.findall(text) if t[0] != "#"]
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def next(self) -> str:
        token = self.peek()
        if not token:
            raise FirSyntaxError(f"line {self.number}: ends too early")
        self.at += 1
        return token

    def take(self, token: str) -> bool:
        if self.peek() == token:
            self.at += 1
            return True
        return False

    def expect(self, token: str) -> None:
        if not self.take(token):
            raise FirSyntaxError(
                f"line {self.number}: expected {token}, found {self.peek() or 'the end'}"
            )


def read_module(text: str) -> Module:
    """Parse a module."""
    module = Module("")
    reader: _FunctionReader | None = None
    for number, raw in enumerate(text.split("\n"), 1):
        line = _Line(number, raw)
        if not line.tokens:
            continue
        if reader is not None:
            if line.take("}"):
                function = reader.finish()
                module.functions[function.name] = function
                reader = None
            else:
                reader.line(line)
        elif line.peek() == "fn":
            reader = _FunctionReader(line)
        else:
            _header(module, line)
    return module


def read_function(text: str) -> Function:
    """Parse a single function."""
    return next(iter(read_module(text).functions.values()))


def _header(module: Module, line: _Line) -> None:
    word = line.next()
    if word == "module":
        module.name = _string(line.next())
        while line.peek():
            key = line.next()
            line.expect("=")
            value = int(line.next())
            if key == "reserved":
                module.reserved_words = value
            elif key in ("non_payable", "unsafe_memory"):
                setattr(module, key, bool(value))
            else:
                raise FirSyntaxError(f"line {line.number}: a module has no {key}")
    elif word == "dispatch":
        selector = int(line.next(), 16)
        module.dispatch[selector] = _string(line.next())
    elif word == "embed":
        module.embedded.append(_string(line.next()))
    elif word == "unmatched":
        module.unmatched = bytes.fromhex(line.next()[1:])
    elif word in ("receive", "fallback", "constructor"):
        setattr(module, word, _string(line.next()))
    else:
        raise FirSyntaxError(f"line {line.number}: unknown word {word}")


def _string(token: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], token[1:-1])


class _FunctionReader:
    def __init__(self, line: _Line) -> None:
        line.expect("fn")
        name = _string(line.next())
        kind = line.next()
        line.expect("results")
        line.expect("=")
        self.function = Function(name, kind, int(line.next()))
        self.values: dict[str, Value] = {}
        self.blocks: dict[str, Block] = {}
        self.pending: list[tuple[Value | Edge, list[str], _Line]] = []
        self.block: Block | None = None

    def finish(self) -> Function:
        """Resolve operands, which may be defined after their use in the text."""
        for holder, names, line in self.pending:
            holder.args[:] = [self._operand(name, line) for name in names]
        defined = {b.id for b in self.function.blocks}
        missing = [name for name, b in self.blocks.items() if b.id not in defined]
        if missing:
            raise FirSyntaxError(f"block {missing[0]} is not defined")
        return self.function

    def _block(self, name: str) -> Block:
        if name not in self.blocks:
            block = self.blocks[name] = Block(int(name[1:]))
            self.function.next_block = max(self.function.next_block, block.id + 1)
        return self.blocks[name]

    def _define(self, name: str, value: Value) -> None:
        self.values[name] = value
        value.id = int(name[1:])
        self.function.next_value = max(self.function.next_value, value.id + 1)

    def _operand(self, name: str, line: _Line) -> Value:
        if name == "undefined":
            return Value("undefined", [])
        if not name.startswith("%"):
            return self.function.constant(int(name, 0))
        base, _, index = name.partition(".")
        if base not in self.values:
            raise FirSyntaxError(f"line {line.number}: {base} is not defined")
        if index:
            if name not in self.values:
                self.values[name] = self.function.new_value(
                    "result", [self.values[base]], int(index)
                )
            return self.values[name]
        return self.values[base]

    def line(self, line: _Line) -> None:
        first = line.peek()
        if re.fullmatch(r"b\d+", first):
            self._start_block(line)
        elif first.startswith("%"):
            name = line.next()
            line.expect("=")
            self._instruction(name, line)
        else:
            self._terminator(line)

    def _start_block(self, line: _Line) -> None:
        self.block = self._block(line.next())
        self.function.blocks.append(self.block)
        if line.take("("):
            while not line.take(")"):
                name = line.next()
                parameter = Value("param", [])
                self._define(name, parameter)
                self.block.params.append(parameter)
                line.take(",")
        line.expect(":")

    def _instruction(self, name: str, line: _Line) -> None:
        op = line.next()
        if op not in OPS:
            raise FirSyntaxError(f"line {line.number}: unknown operation {op}")
        inst = Value(op, [])
        self._define(name, inst)
        if op == "icall":
            callee = _string(line.next())
            inst.imm = (callee, int(line.next()))
            line.expect("(")
            names = self._list(line, ")")
        else:
            names = self._list(line, ":")
            if line.tokens[line.at - 1] == ":":
                inst.imm = self._reason(line) if op == "guard" else _string(line.next())
        self.pending.append((inst, names, line))
        assert self.block is not None
        self.block.insts.append(inst)

    def _list(self, line: _Line, end: str) -> list[str]:
        names: list[str] = []
        while line.peek() and not line.take(end):
            names.append(line.next())
            line.take(",")
        return names

    def _reason(self, line: _Line) -> Reason:
        kind = line.next()
        if kind in ("empty", "bubble"):
            return (kind,)
        if kind == "message":
            return (kind, bytes.fromhex(line.next()[1:]))
        return (kind, int(line.next(), 0))

    def _terminator(self, line: _Line) -> None:
        op = line.next()
        if op not in TERMINATORS:
            raise FirSyntaxError(f"line {line.number}: unknown operation {op}")
        term = Value(op, [])
        block = self.block
        assert block is not None
        block.term = term
        if op == "switch":
            self._switch(term, block, line)
            return
        names: list[str] = []
        while line.peek() and not line.take(":"):
            if re.fullmatch(r"b\d+", line.peek()):
                self._edge(block, line)
            else:
                names.append(line.next())
            line.take(",")
        if line.tokens[line.at - 1] == ":":
            term.imm = self._reason(line) if op == "fail" else _string(line.next())
        self.pending.append((term, names, line))

    def _switch(self, term: Value, block: Block, line: _Line) -> None:
        names = [line.next()]
        line.expect("[")
        words: list[int] = []
        while not line.take("]"):
            words.append(int(line.next(), 0))
            self._edge(block, line)
            line.take(",")
        self._edge(block, line)
        term.imm = tuple(words)
        self.pending.append((term, names, line))

    def _edge(self, block: Block, line: _Line) -> Any:
        edge = Edge(block, self._block(line.next()), [])
        names = self._list(line, ")") if line.take("(") else []
        block.edges.append(edge)
        self.pending.append((edge, names, line))
