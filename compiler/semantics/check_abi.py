"""`abi.encode…` and `abi.decode`, and arguments on their way into an encoding."""

from __future__ import annotations

from compiler.evm.keccak import selector
from compiler.semantics import typed
from compiler.semantics.check_function_pointers import is_inner, is_plain
from compiler.semantics.check_members import MemberChecker, function_selector
from compiler.semantics.conversions import implicit
from compiler.semantics.sizes import too_large
from compiler.semantics.symbols import FunctionSymbol
from compiler.semantics.types import (
    ADDRESS,
    ADDRESS_PAYABLE,
    BYTES,
    BYTES4,
    STRINGS,
    ArrayType,
    FunctionType,
    MappingType,
    RationalType,
    StringLiteralType,
    StructType,
    TupleType,
    Type,
)
from compiler.syntax import ast


class AbiChecker(MemberChecker):
    """The `abi` object."""

    def for_encoding(self, value: typed.Expr, target: Type) -> typed.Expr:
        """A value that will be ABI-encoded as `target`.

        Reference types stay where they are: the encoder reads storage and calldata directly, so no
        copy in memory is made for it. String literals stay literals."""
        value = self.as_value(value)
        if isinstance(target, MappingType) or not target.is_reference:
            return self.convert(value, target)
        wanted = target.in_location("memory")
        reason = implicit(value.type, wanted)
        if reason is not None:
            self.cannot_convert(value, wanted, reason)
        return value

    def abi_call(self, node: ast.Call, name: str) -> typed.Expr:
        if name == "decode":
            return self._decode(node)
        if name in ("encode", "encodePacked"):
            packed = name == "encodePacked"
            arguments = [self._encodable(a, packed) for a in node.arguments]
            return typed.AbiEncode(
                node.pos,
                node.end,
                BYTES["memory"],
                "packed" if packed else "encode",
                None,
                arguments,
            )
        if not node.arguments:
            self.fail("SL0404", node.span, f"`abi.{name}` needs at least one argument")
        if name == "encodeCall":
            return self._encode_call(node)
        first = self.value(node.arguments[0])
        if name == "encodeWithSelector":
            head = self.convert(first, BYTES4)
        else:
            head = self._signature_head(first)
        arguments = [self._encodable(a, False) for a in node.arguments[1:]]
        return typed.AbiEncode(node.pos, node.end, BYTES["memory"], "encode", head, arguments)

    def _signature_head(self, first: typed.Expr) -> typed.Expr:
        if isinstance(first.type, StringLiteralType):
            self.convert(first, STRINGS["memory"])  # text in UTF-8
            value = selector(first.type.value.decode())
            return typed.Const(first.pos, first.end, BYTES4, value << 224)
        return self.for_encoding(first, STRINGS["memory"])

    def _encode_call(self, node: ast.Call) -> typed.Expr:
        from compiler.semantics.check_calls import parameters_of

        if len(node.arguments) != 2:
            self.fail(
                "SL0404",
                node.span,
                "`abi.encodeCall` takes a function and a tuple of its arguments",
            )
        callee = self.expression(node.arguments[0])
        if isinstance(callee, typed.Named):
            self.need_plain_options(callee)
            if callee.what == "function with options" and callee.bound is not None:
                callee = callee.bound
        if isinstance(callee.type, FunctionType) and callee.type.external:
            return self._encode_pointer_call(node, callee, callee.type)
        if not (
            isinstance(callee, typed.Named)
            and callee.what == "functions"
            and len(callee.meaning) == 1
        ):
            self.fail(
                "SL0404",
                node.arguments[0].span,
                "the first argument must name one external function",
            )
        function: FunctionSymbol = callee.meaning[0]
        if function.visibility not in ("public", "external"):
            self.fail(
                "SL0404",
                node.arguments[0].span,
                f"`{function.name}` is {function.visibility}, not external",
            )
        if is_inner(callee, function):
            self.fail(
                "SL0404", node.arguments[0].span, f"`{function.name}` is named as called from inside here",
                hint=f"write `this.{function.name}`",
            )  # fmt: skip
        given = node.arguments[1]
        values = given.items if isinstance(given, ast.Tuple) else [given]
        parameters = parameters_of(function)
        if len(values) != len(parameters) or any(v is None for v in values):
            self.fail(
                "SL0404",
                given.span,
                f"`{function.name}` takes {len(parameters)} arguments, not {len(values)}",
            )
        arguments = [
            self.for_encoding(self.value(v), t)
            for v, (_, t) in zip(values, parameters, strict=True) if v is not None
        ]  # fmt: skip
        head: typed.Expr = typed.Const(
            node.pos, node.end, BYTES4, function_selector(function) << 224
        )
        if callee.bound is not None and not is_plain(callee.bound):
            head = typed.Convert(callee.pos, callee.end, BYTES4, self.function_pointer(callee))
        return typed.AbiEncode(node.pos, node.end, BYTES["memory"], "encode", head, arguments)

    def _encode_pointer_call(
        self, node: ast.Call, pointer: typed.Expr, type_: FunctionType
    ) -> typed.Expr:
        """`abi.encodeCall` of whatever a function pointer holds."""
        given = node.arguments[1]
        values = given.items if isinstance(given, ast.Tuple) else [given]
        nodes = [v for v in values if v is not None]
        if len(nodes) != len(type_.parameters) or len(nodes) != len(values):
            self.fail(
                "SL0404", given.span,
                f"{type_.name} takes {len(type_.parameters)} arguments, not {len(values)}",
            )  # fmt: skip
        head = typed.Convert(pointer.pos, pointer.end, BYTES4, pointer)
        arguments = self.pointer_arguments(nodes, type_)
        return typed.AbiEncode(node.pos, node.end, BYTES["memory"], "encode", head, arguments)

    def pointer_arguments(self, nodes: list[ast.Expr], type_: FunctionType) -> list[typed.Expr]:
        """Arguments of a call through an external pointer, ready to be encoded."""
        arguments: list[typed.Expr] = []
        for node, wanted in zip(nodes, type_.parameters, strict=True):
            value = self.value(node)
            if wanted.location == "calldata":  # takes nothing else, though the encoding is the same
                reason = implicit(value.type, wanted)
                if reason is not None:
                    self.cannot_convert(value, wanted, reason)
            arguments.append(self.for_encoding(value, wanted))
        return arguments

    def _encodable(self, node: ast.Expr, packed: bool) -> typed.Expr:
        value = self.value(node)
        type_ = value.type
        if isinstance(type_, RationalType):
            if packed:
                self.fail(
                    "SL0706", node.span, "a number literal has no width in a packed encoding",
                    hint="convert it: `uint256(…)`",
                )  # fmt: skip
            return self.settle(value)
        if isinstance(type_, StringLiteralType):
            return value
        if isinstance(type_, TupleType) or type_.abi is None or type_.contains_mapping:
            self.fail("SL0705", node.span, f"{type_.name} cannot be ABI-encoded")
        if packed and (isinstance(type_, StructType) or _nested(type_)):
            self.fail(
                "SL0706", node.span, f"{type_.name} has no packed encoding", hint="use `abi.encode`"
            )
        return value

    def _decode(self, node: ast.Call) -> typed.Expr:
        if len(node.arguments) != 2:
            self.fail("SL0404", node.span, "`abi.decode` takes the data and a tuple of types")
        data = self.value(node.arguments[0])
        target = (
            BYTES[data.type.location or "memory"]
            if data.type.location == "calldata"
            else BYTES["memory"]
        )
        data = self.convert(data, target)
        listed = node.arguments[1]
        if not isinstance(listed, ast.Tuple):
            text = self.reporter.quoted(listed.span)
            self.fail(
                "SL0404", listed.span, "the second argument of `abi.decode` is a tuple of types",
                hint=f"write `({text})`, also for one type",
            )  # fmt: skip
        types: list[Type] = []
        for item in listed.items:
            named_type = self.expression(item) if item is not None else None
            if not (isinstance(named_type, typed.Named) and named_type.what == "type"):
                self.fail(
                    "SL0404", listed.span, "the second argument of `abi.decode` is a tuple of types"
                )
            type_: Type = named_type.meaning.in_location("memory")
            if type_.abi is None or type_.contains_mapping:
                self.fail(
                    "SL0705",
                    (named_type.pos, named_type.end),
                    f"{type_.name} cannot be ABI-decoded",
                )
            if _is_empty(type_):
                self.fail(
                    "SL0316", (named_type.pos, named_type.end),
                    f"array length is 0; there is no {type_.plain_name} to decode",
                )  # fmt: skip
            if too_large(type_, "memory"):
                self.fail(
                    "SL0330", (named_type.pos, named_type.end), f"{type_.plain_name} is too large for memory"
                )  # fmt: skip
            types.append(ADDRESS_PAYABLE if type_ is ADDRESS else type_)
        result = types[0] if len(types) == 1 else TupleType(tuple(types))
        return typed.AbiDecode(node.pos, node.end, result, data, types)


def _is_empty(type_: Type) -> bool:
    """An array type with a length of 0 in it, which only an expression can write."""
    while isinstance(type_, ArrayType):
        if type_.length == 0:
            return True
        type_ = type_.element
    return False


def _nested(type_: Type) -> bool:
    """An array of arrays, structs or byte strings: packed encoding is not defined for it."""
    element = getattr(type_, "element", None)
    return element is not None and not element.is_value
