"""Statements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from eth_utils.crypto import keccak

from compiler.semantics import typed
from compiler.semantics.types import TupleType
from tests.reference.calldata import load
from tests.reference.calls import Calls
from tests.reference.core import result_types
from tests.reference.encoding import Encoder
from tests.reference.expressions import Expressions
from tests.reference.memory import Bytes, zero
from tests.reference.outcomes import ERROR, PANIC, Reverted
from tests.reference.yul import Yul


class _Broken(Exception):
    """`break`"""


class _Continued(Exception):
    """`continue`"""


class Returned(Exception):
    """`return`; the results are in their variables."""


class Statements(Expressions, Calls):
    """Control flow."""

    def execute_all(self, nodes: Sequence[typed.Statement]) -> None:
        for node in nodes:
            self.step()
            run = _EXECUTE[type(node)]
            run(self, node)

    def _block(self, node: typed.Block) -> None:
        self.execute_all(node.statements)

    def _declare(self, node: typed.Declare) -> None:
        if node.value is None:
            for variable in node.variables:
                if variable is not None:
                    self.variables[variable] = zero(variable.type)
            return
        value, types = self.evaluate(node.value), result_types(node.value.type)
        values = value if isinstance(node.value.type, TupleType) else [value]
        for variable, part, type_ in zip(node.variables, values, types, strict=True):
            if variable is not None:
                self.variables[variable] = self.converted(part, type_, variable.type)

    def _evaluate(self, node: typed.Evaluate) -> None:
        self.evaluate(node.expression)

    def _if(self, node: typed.If) -> None:
        self.execute_all(node.then if self.evaluate(node.condition) else node.otherwise)

    def _loop(self, node: typed.Loop) -> None:
        tested = node.test_first
        while True:
            self.step()
            if tested and node.condition is not None and not self.evaluate(node.condition):
                return
            tested = True
            try:
                self.execute_all(node.body)
            except _Broken:
                return
            except _Continued:
                pass
            self.execute_all(node.step)

    def _break(self, node: typed.Break) -> None:
        raise _Broken

    def _continue(self, node: typed.Continue) -> None:
        raise _Continued

    def _return(self, node: typed.Return) -> None:
        if node.value is not None:
            value, types = self.evaluate(node.value), result_types(node.value.type)
            values = value if isinstance(node.value.type, TupleType) else [value]
            for variable, part, type_ in zip(self.returns, values, types, strict=True):
                self.variables[variable] = self.converted(part, type_, variable.type)
        raise Returned

    def _placeholder(self, node: typed.Placeholder) -> None:
        self.run_inner()

    def _assembly(self, node: typed.Assembly) -> None:
        Yul(self, node).block(node.body)

    # -- events and errors -------------------------------------------------------------------------

    def _emit(self, node: typed.Emit) -> None:
        values = self.evaluate_all(node.arguments)
        event, encoder = node.event, Encoder(self.slots)
        topics = [] if event.anonymous else [_hash(event.signature.encode())]
        plain, types = [], []
        for parameter, value, argument in zip(
            event.parameters, values, node.arguments, strict=True
        ):
            if not parameter.indexed:
                plain.append(value)
                types.append(argument.type)
            elif argument.type.is_value:
                topics.append(value)
            elif getattr(argument.type, "symbol", None) or hasattr(argument.type, "element"):
                topics.append(_hash(encoder.in_place(value, argument.type)))
            else:
                topics.append(_hash(encoder.packed(value, argument.type)))
        self.frame.log(topics, encoder.tuple(plain, types))

    def _revert(self, node: typed.Revert) -> None:
        values = self.evaluate_all(node.arguments)
        raise self.custom_error(node.error, node.arguments, values)

    # -- try ---------------------------------------------------------------------------------------

    def _try(self, node: typed.Try) -> None:
        ok, data = self.attempt(node.call)
        if ok:
            value = self.result(node.call, data)
            values = value if isinstance(node.call.type, TupleType) else [value]
            for variable, part in zip(node.returns, values, strict=False):
                if variable is not None:
                    self.variables[variable] = part
            self.execute_all(node.body)
            return
        for kind in ("Error", "Panic", ""):
            for clause in node.catches:
                caught = _caught(kind, data) if clause.kind == kind else None
                if caught is not None:
                    if clause.variable is not None:
                        self.variables[clause.variable] = caught
                    self.execute_all(clause.body)
                    return
        raise Reverted(data)


def _hash(data: bytes) -> int:
    return int.from_bytes(keccak(data), "big")


def _caught(kind: str, data: bytes) -> Any:
    """What a clause gets of what came back, None where it is not its kind."""
    if kind == "":
        return Bytes(data)
    if kind == "Panic":
        return load(data, 4) if data[:4] == PANIC and len(data) >= 36 else None
    if data[:4] != ERROR or len(data) < 68:
        return None
    body = data[4:]
    offset = load(body, 0)
    if offset > (1 << 64) - 1 or offset + 32 > len(body):
        return None
    length = load(body, offset)
    if length > (1 << 64) - 1 or offset + 32 + length > len(body):
        return None
    return Bytes(body[offset + 32 : offset + 32 + length])


_EXECUTE: dict[type[typed.Statement], Callable[[Any, Any], None]] = {
    typed.Block: Statements._block,
    typed.Declare: Statements._declare,
    typed.Evaluate: Statements._evaluate,
    typed.If: Statements._if,
    typed.Loop: Statements._loop,
    typed.Break: Statements._break,
    typed.Continue: Statements._continue,
    typed.Return: Statements._return,
    typed.Placeholder: Statements._placeholder,
    typed.Emit: Statements._emit,
    typed.Revert: Statements._revert,
    typed.Try: Statements._try,
    typed.Assembly: Statements._assembly,
}
