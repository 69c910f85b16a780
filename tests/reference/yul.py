"""The part of inline assembly that never touches memory: words, storage, control flow. All else is left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compiler.semantics import typed
from compiler.semantics.types import AddressType, BoolType, FixedBytesType, IntType, Type
from compiler.syntax import ast
from tests.reference.arithmetic import expand_any
from tests.reference.calldata import Given, load
from tests.reference.core import Core
from tests.reference.outcomes import Halted, Reverted, Unsupported
from tests.reference.storage import Place
from tests.reference.words import WORD, plain

LEFT_OUT = "inline assembly beyond words and storage"


class _Jump(Exception):
    """`break`, `continue` or `leave`."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Stopped(Exception):
    """`stop()`: the message ends well, with nothing returned."""


def _signed(word: int) -> int:
    return word - WORD if word >> 255 else word


def _quotient(a: int, b: int) -> int:
    return (abs(a) // abs(b)) * (-1 if (a < 0) != (b < 0) else 1) if b else 0


def _remainder(a: int, b: int) -> int:
    return (abs(a) % abs(b)) * (-1 if a < 0 else 1) if b else 0


def _sign_extended(position: int, word: int) -> int:
    if position > 30:
        return word
    bits = 8 * position + 8
    word &= (1 << bits) - 1
    return word - (1 << bits) if word >> (bits - 1) else word


_PURE: dict[str, Callable[..., int]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a // b if b else 0,
    "mod": lambda a, b: a % b if b else 0,
    "sdiv": lambda a, b: _quotient(_signed(a), _signed(b)),
    "smod": lambda a, b: _remainder(_signed(a), _signed(b)),
    "exp": lambda a, b: pow(a, b, WORD),
    "addmod": lambda a, b, m: (a + b) % m if m else 0,
    "mulmod": lambda a, b, m: a * b % m if m else 0,
    "signextend": _sign_extended,
    "not": lambda a: ~a,
    "lt": lambda a, b: int(a < b),
    "gt": lambda a, b: int(a > b),
    "slt": lambda a, b: int(_signed(a) < _signed(b)),
    "sgt": lambda a, b: int(_signed(a) > _signed(b)),
    "eq": lambda a, b: int(a == b),
    "iszero": lambda a: int(not a),
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "xor": lambda a, b: a ^ b,
    "byte": lambda i, a: a >> 8 * (31 - i) & 0xFF if i < 32 else 0,
    "shl": lambda n, a: a << n if n < 256 else 0,
    "shr": lambda n, a: a >> n if n < 256 else 0,
    "sar": lambda n, a: _signed(a) >> min(n, 256),
    "pop": lambda a: 0,
}
_ENVIRONMENT = {
    "caller",
    "callvalue",
    "address",
    "timestamp",
    "number",
    "origin",
    "chainid",
    "gaslimit",
    "coinbase",
}


class Yul:
    """One assembly statement. `machine` has the variables it reaches."""

    def __init__(self, machine: Core, node: typed.Assembly) -> None:
        self.machine = machine
        self.bindings = node.bindings
        self.scopes: list[dict[str, Any]] = []

    def block(self, node: ast.YulBlock, own_scope: bool = True) -> None:
        if own_scope:
            self.scopes.append({})
        for statement in node.statements:
            if isinstance(statement, ast.YulFunction):
                self.scopes[-1][statement.name.name] = (statement, list(self.scopes))
        try:
            for statement in node.statements:
                self.machine.step()
                self.statement(statement)
        finally:
            if own_scope:
                self.scopes.pop()

    def statement(self, node: ast.YulNode) -> None:
        if isinstance(node, ast.YulBlock):
            self.block(node)
        elif isinstance(node, ast.YulLet):
            values = self.values(node.value) if node.value is not None else [0] * len(node.names)
            self.scopes[-1].update(zip((n.name for n in node.names), values, strict=True))
        elif isinstance(node, ast.YulAssign):
            for target, word in zip(node.targets, self.values(node.value), strict=True):
                self.assign(target, word)
        elif isinstance(node, ast.YulExpression):
            self.values(node.call)
        elif isinstance(node, ast.YulIf):
            if self.word(node.condition):
                self.block(node.body)
        elif isinstance(node, ast.YulSwitch):
            word = self.word(node.value)
            cases = [c for c in node.cases if c.value is not None and c.value.value == word]
            for case in (cases or [c for c in node.cases if c.value is None])[:1]:
                self.block(case.body)
        elif isinstance(node, ast.YulFor):
            self._loop(node)
        elif isinstance(node, ast.YulJump):
            raise _Jump(node.kind)

    def _loop(self, node: ast.YulFor) -> None:
        self.scopes.append({})
        try:
            self.block(node.init, own_scope=False)
            while self.word(node.condition):
                try:
                    self.block(node.body)
                except _Jump as jump:
                    if jump.kind == "leave":
                        raise
                    if jump.kind == "break":
                        return
                self.block(node.step)
        finally:
            self.scopes.pop()

    # -- names -------------------------------------------------------------------------------------

    def assign(self, target: ast.YulName, word: int) -> None:
        symbol = self.bindings.get(target)
        if symbol is None:
            next(s for s in reversed(self.scopes) if target.name in s)[target.name] = word
            return
        variables, type_ = self.machine.variables, symbol.type
        if target.suffix == "slot" or type_.location == "storage":
            variables[symbol] = Place(word, 0)
        elif target.suffix is None and type_.is_value and symbol in variables:
            # what the type does not have is dropped at once
            variables[symbol] = self._clean(word, type_)
        else:
            raise Unsupported(LEFT_OUT)

    def _clean(self, word: int, type_: Type) -> int:
        kind = plain(type_)
        if isinstance(kind, (IntType, FixedBytesType, AddressType)):
            return expand_any(word, kind)
        if isinstance(kind, BoolType):
            return int(bool(word))
        raise Unsupported(LEFT_OUT)

    def name(self, node: ast.YulName) -> int:
        symbol = self.bindings.get(node)
        if symbol is None:
            word: int = next(s for s in reversed(self.scopes) if node.name in s)[node.name]
            return word
        if symbol.role == "state":
            place = self.machine.state_place(symbol)
            return place.offset if node.suffix == "offset" else place.slot
        if symbol.is_constant:
            assert symbol.constant_value is not None
            value = self.machine.evaluate(symbol.constant_value)
        else:
            value = self.machine.variables.get(symbol)
        if isinstance(value, Place):
            return value.offset if node.suffix == "offset" else value.slot
        if isinstance(value, Given) and node.suffix in ("offset", "length"):
            return value.at if node.suffix == "offset" else value.length
        if not isinstance(value, int) or not symbol.type.is_value:
            raise Unsupported(LEFT_OUT)
        return value

    # -- expressions -------------------------------------------------------------------------------

    def word(self, node: ast.YulExpr) -> int:
        return self.values(node)[0]

    def values(self, node: ast.YulExpr) -> list[int]:
        if isinstance(node, ast.YulLiteral):
            return [node.value]
        if isinstance(node, ast.YulName):
            return [self.name(node)]
        assert isinstance(node, ast.YulCall)
        name = node.function.name
        function = next((s[name] for s in reversed(self.scopes) if name in s), None)
        if function is None and name in ("datasize", "dataoffset", "setimmutable", "loadimmutable"):
            raise Unsupported(LEFT_OUT)
        arguments = [self.word(a) for a in reversed(node.arguments)][::-1]  # the last one first
        if function is not None:
            return self._call(function[0], function[1], arguments)
        if name in _PURE:
            return [_PURE[name](*arguments) % WORD]
        return [self._operation(name, arguments)]

    def _call(
        self, node: ast.YulFunction, scopes: list[dict[str, Any]], words: list[int]
    ) -> list[int]:
        own = dict(zip((p.name for p in node.parameters), words, strict=True))
        own |= {r.name: 0 for r in node.returns}
        outer, self.scopes = self.scopes, [*scopes, own]
        try:
            self.block(node.body)
        except _Jump:
            pass
        finally:
            self.scopes = outer
        return [own[r.name] for r in node.returns]

    def _operation(self, name: str, words: list[int]) -> int:
        frame = self.machine.frame
        if name == "sload":
            return int(self.machine.slots.get(words[0], 0))
        if name == "tload":
            return int(self.machine.transient.get(words[0], 0))
        if name in ("sstore", "tstore"):
            (self.machine.slots if name == "sstore" else self.machine.transient)[words[0]] = words[
                1
            ]
            return 0
        if name == "calldataload":
            return load(frame.data, words[0])
        if name == "calldatasize":
            return len(frame.data)
        if name == "revert" and not words[1]:
            raise Reverted
        if name == "invalid":
            raise Halted
        if name == "stop":
            raise Stopped
        if name in _ENVIRONMENT:
            node = typed.Environment(0, 0, None, name)  # type: ignore[arg-type]
            return int(self.machine.evaluate(node))
        raise Unsupported(LEFT_OUT)
