"""Calls of what the language provides: hashes, `require` and `revert`, `concat`; and arguments by name."""

from __future__ import annotations

from compiler.evm.keccak import erc7201
from compiler.evm.words import MASK
from compiler.semantics import typed
from compiler.semantics.advice import count_of
from compiler.semantics.builtins import FUNCTIONS
from compiler.semantics.check_abi import AbiChecker
from compiler.semantics.conversions import implicit
from compiler.semantics.symbols import CallableSymbol, ErrorSymbol
from compiler.semantics.types import (
    BYTES,
    BYTES32,
    EMPTY_TUPLE,
    STRINGS,
    UINT256,
    BytesType,
    StringLiteralType,
)
from compiler.source import Span
from compiler.syntax import ast
from compiler.syntax.walk import bare


class BuiltinChecker(AbiChecker):
    """Built-in functions, and the arguments of events and errors."""

    def in_order(
        self, node: ast.Call, names: list[str], what: str, declared: Span | None = None
    ) -> list[ast.Expr]:
        """Arguments in declaration order, however they were written."""
        if len(node.arguments) != len(names):
            self.fail(
                "SL0404", node.span, f"{what} takes {count_of(len(names), 'argument')}, not {len(node.arguments)}",
                labels=((declared, "declared here"),) if declared else (),
            )  # fmt: skip
        if node.names is None:
            return node.arguments
        given: dict[str, ast.Expr] = {}
        for name, argument in zip(node.names, node.arguments, strict=True):
            if name.name not in names or name.name in given:
                problem = "is given twice" if name.name in given else "does not exist"
                self.fail("SL0404", name.span, f"argument `{name.name}` of {what} {problem}")
            given[name.name] = argument
        return [given[name] for name in names]

    # -- built-ins ---------------------------------------------------------------------------------

    def builtin_call(self, node: ast.Call, name: str) -> typed.Expr:
        simple = FUNCTIONS.get(name)
        if simple is not None:
            self.require_opcode(name, node.span, f"`{name}`")
            if len(node.arguments) != len(simple.parameters):
                self.fail(
                    "SL0404", node.span,
                    f"`{name}` takes {count_of(len(simple.parameters), 'argument')}, not {len(node.arguments)}",
                )  # fmt: skip
            if simple.mutability != "pure":
                self.require(simple.mutability, node.span, f"`{name}`")
            arguments = [
                self.for_encoding(self.value(a), t)
                if t is BYTES["memory"]
                else self.convert(self.value(a), t)
                for a, t in zip(node.arguments, simple.parameters, strict=True)
            ]
            plain = name in ("addmod", "mulmod") and self.is_plain_constant(node.arguments[2])
            if plain and self.constant(arguments[2]) == 0:
                self.fail("SL0307", node.arguments[2].span, f"`{name}` modulo zero")
            return typed.Builtin(node.pos, node.end, simple.result or EMPTY_TUPLE, name, arguments)
        if name in ("require", "assert", "revert"):
            return self._require_call(node, name)
        if name in ("bytes.concat", "string.concat"):
            return self._concat(node, name)
        if name == "erc7201":
            return self._erc7201(node)
        if name == "type":
            return self.type_query(node)
        self.fail("SL0401", node.span, f"`{name}` has a type as its argument: `type(uint256).max`")

    def _erc7201(self, node: ast.Call) -> typed.Expr:
        """A number where the namespace is known, and else the formula of ERC-7201."""
        if len(node.arguments) != 1:
            self.fail("SL0404", node.span, "`erc7201` takes one string, the namespace")
        pos, end = node.pos, node.end
        name = self.convert(self.value(node.arguments[0]), STRINGS["memory"])
        if isinstance(name, typed.Convert) and isinstance(name.value.type, StringLiteralType):
            return typed.Const(pos, end, UINT256, erc7201(name.value.type.value.decode()))

        def hashed(data: typed.Expr) -> typed.Expr:
            digest = typed.Builtin(pos, end, BYTES32, "keccak256", [data])
            return typed.Convert(pos, end, UINT256, digest)

        one, kept = (typed.Const(pos, end, UINT256, word) for word in (1, MASK - 0xFF))
        inner = hashed(typed.Convert(pos, end, BYTES["memory"], name))
        before = typed.Binary(pos, end, UINT256, "-", inner, one, False)
        encoded = typed.AbiEncode(pos, end, BYTES["memory"], "encode", None, [before])
        return typed.Binary(pos, end, UINT256, "&", hashed(encoded), kept, False)

    def _require_call(self, node: ast.Call, name: str) -> typed.Expr:
        pos, end, arguments = node.pos, node.end, node.arguments
        if name == "revert":
            if len(arguments) > 1:
                self.fail("SL0404", node.span, "`revert` takes at most a message")
            if not arguments:
                return typed.Require(pos, end, EMPTY_TUPLE, None, "empty", None, [])
            message = self.for_encoding(self.value(arguments[0]), STRINGS["memory"])
            return typed.Require(pos, end, EMPTY_TUPLE, None, "message", None, [message])
        wanted = (1,) if name == "assert" else (1, 2)
        if len(arguments) not in wanted:
            self.fail(
                "SL0404",
                node.span,
                f"`{name}` takes a condition{' and a message' if name == 'require' else ''}",
            )
        condition = self.condition(arguments[0])
        if name == "assert":
            return typed.Require(pos, end, EMPTY_TUPLE, condition, "assert", None, [])
        if len(arguments) == 1:
            return typed.Require(pos, end, EMPTY_TUPLE, condition, "empty", None, [])
        reason = bare(arguments[1])
        if isinstance(reason, ast.Call):
            error = self.expression(reason.function)
            if isinstance(error, typed.Named) and error.what == "error":
                symbol: ErrorSymbol = error.meaning
                given = self.event_arguments(reason, symbol)
                return typed.Require(pos, end, EMPTY_TUPLE, condition, "error", symbol, given)
        message = self.for_encoding(self.value(reason), STRINGS["memory"])
        return typed.Require(pos, end, EMPTY_TUPLE, condition, "message", None, [message])

    def event_arguments(self, call: ast.Call, symbol: CallableSymbol) -> list[typed.Expr]:
        """Arguments of `emit E(…)` and `revert E(…)`, ready to be encoded."""
        names = [p.name for p in symbol.parameters]
        ordered = self.in_order(call, names, f"{symbol.kind} `{symbol.name}`", symbol.span)
        if isinstance(symbol, ErrorSymbol):
            self.uses.errors[symbol] = None
        return [
            self.for_encoding(self.value(a), p.type)
            for a, p in zip(ordered, symbol.parameters, strict=True)
        ]

    def _concat(self, node: ast.Call, name: str) -> typed.Expr:
        is_string = name == "string.concat"
        result = (STRINGS if is_string else BYTES)["memory"]
        arguments = []
        for argument in node.arguments:
            value = self.value(argument)
            if isinstance(value.type, StringLiteralType):
                self.convert(value, result)  # text in UTF-8 where a string is wanted
                arguments.append(value)
            elif is_string or isinstance(value.type, BytesType):
                arguments.append(self.for_encoding(value, result))
            elif value.type.is_value and implicit(value.type, BYTES32) is None:
                arguments.append(value)
            else:
                self.fail(
                    "SL0301", argument.span, f"`bytes.concat` does not take {value.type.name}"
                )
        return typed.AbiEncode(node.pos, node.end, result, "packed", None, arguments)
