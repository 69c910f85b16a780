"""Expressions other than names and calls."""

from __future__ import annotations

from collections.abc import Callable

from compiler.ast_json.nodes import Arguments, NodeWriter, Value
from compiler.ast_json.operators import COMPARISONS, mobile
from compiler.ast_json.types import (
    ADDRESS,
    BOOL,
    NOTHING,
    Array,
    Bytes,
    Contract,
    Elementary,
    Function,
    Mapping,
    Rational,
    Slice,
    StringLiteral,
    Tuple,
    Type,
    TypeName,
    array,
    fixed_bytes,
    located,
)
from compiler.semantics import constants
from compiler.syntax import ast
from compiler.syntax.tokens import UNITS

_LITERALS = {"string": "string", "hex": "hexString", "unicode": "unicodeString"}


class ExpressionWriter(NodeWriter):
    """`is_written` says that the expression is assigned to; `called`, what it is called with."""

    def expression(
        self, node: ast.Expr, is_written: bool = False, called: Arguments | None = None
    ) -> Value:
        write: Callable[..., Value] = getattr(self, _WRITERS[type(node)])
        self.enter(node, 2)
        value = write(node, is_written, called)
        self.levels -= 2
        return value

    # -- literals ------------------------------------------------------------------------------------

    def _number(self, node: ast.Number, is_written: bool, called: Arguments | None) -> Value:
        type_: Type
        if constants.looks_like_address(node.text) and node.unit is None:
            type_ = ADDRESS
        else:
            value = constants.parse_number(node.text)
            if node.unit is not None:
                value = constants.binary("*", value, UNITS[node.unit])
            digits = len(node.text.replace("_", "")) - 2 if node.text.startswith("0x") else None
            type_ = Rational(value, digits)
        return self._literal(node, "number", node.text, node.text.encode(), type_, node.unit)

    def _string(self, node: ast.String, is_written: bool, called: Arguments | None) -> Value:
        try:
            shown: str | None = node.value.decode()
        except UnicodeDecodeError:
            shown = None
        type_ = StringLiteral(node.value)
        return self._literal(node, _LITERALS[node.kind], shown, node.value, type_)

    def _bool(self, node: ast.Bool, is_written: bool, called: Arguments | None) -> Value:
        text = "true" if node.value else "false"
        return self._literal(node, "bool", text, text.encode(), BOOL)

    def _literal(
        self,
        node: ast.Expr,
        kind: str,
        shown: str | None,
        raw: bytes,
        type_: Type,
        unit: str | None = None,
    ) -> Value:
        return self.written(
            "Literal", node, Value({}, type_, True), False, None,
            kind=kind, value=shown, hexValue=raw.hex(), subdenomination=unit,
        )  # fmt: skip

    def _type_expression(
        self, node: ast.TypeExpr, is_written: bool, called: Arguments | None
    ) -> Value:
        value = Value({}, TypeName(self.declared.named(node.type, self.place)), True)
        assert isinstance(node.type, ast.ElementaryTypeName)
        word, _, state = node.type.name.partition(" ")
        end = node.end
        if self.text.written(node.span) == "payable":  # solc lets the node reach past the `(`
            end = self.text.following(end)[1]
        name = self.make(
            "ElementaryTypeName", (node.pos, end), name=word, stateMutability=state or None,
            typeDescriptions={},
        )  # fmt: skip
        return self.written(
            "ElementaryTypeNameExpression", ast.Node(node.pos, end), value, is_written, called,
            typeName=name,
        )  # fmt: skip

    # -- operators -----------------------------------------------------------------------------------

    def _unary(self, node: ast.Unary, is_written: bool, called: Arguments | None) -> Value:
        changes = node.op in ("++", "--", "delete")
        operand = self.expression(node.operand, changes)
        function = self.build.members.operator(node.op, operand.type, 1, self.place)
        if function is not None:
            returns = self.declared.function(function, "internal").returns
            type_, pure = returns[0], False
        else:
            type_ = self.build.rules.unary(node.op, operand.type) or operand.type
            pure = operand.pure and not changes
        return self.written(
            "UnaryOperation", node, Value({}, type_, pure), is_written, called,
            prefix=node.prefix, operator=node.op, subExpression=operand.json,
            function=self.program.of(function) if function else None,
        )  # fmt: skip

    def _binary(self, node: ast.Binary, is_written: bool, called: Arguments | None) -> Value:
        # A long chain leans to the left; walking it in a loop keeps the depth flat.
        chain = [node]
        while isinstance(chain[-1].left, ast.Binary):
            chain.append(chain[-1].left)
        self.enter(node, len(chain))
        left = self.expression(chain[-1].left)
        for link in reversed(chain):
            last = link is node
            left = self._combine(link, left, is_written and last, called if last else None)
        self.levels -= len(chain)
        return left

    def _combine(
        self, node: ast.Binary, left: Value, is_written: bool, called: Arguments | None
    ) -> Value:
        right = self.expression(node.right)
        function = self.build.members.operator(node.op, left.type, 2, self.place)
        common: Type | None
        if function is not None:
            common = left.type
            type_: Type = self.declared.function(function, "internal").returns[0]
        else:
            common = self.build.rules.binary(node.op, left.type, right.type) or left.type
            type_ = BOOL if node.op in COMPARISONS else common
        pure = left.pure and right.pure and function is None
        return self.written(
            "BinaryOperation", node, Value({}, type_, pure), is_written, called,
            operator=node.op, leftExpression=left.json, rightExpression=right.json,
            commonType=self.types_of(common),
            function=self.program.of(function) if function else None,
        )  # fmt: skip

    def _conditional(
        self, node: ast.Conditional, is_written: bool, called: Arguments | None
    ) -> Value:
        condition = self.expression(node.condition)
        then, otherwise = self.expression(node.then), self.expression(node.otherwise)
        first, second = mobile(then.type), mobile(otherwise.type)
        type_ = self.build.rules.common(first, second) or first or then.type
        pure = condition.pure and then.pure and otherwise.pure
        return self.written(
            "Conditional", node, Value({}, type_, pure), is_written, called,
            condition=condition.json, trueExpression=then.json, falseExpression=otherwise.json,
        )  # fmt: skip

    def _assign(self, node: ast.Assign, is_written: bool, called: Arguments | None) -> Value:
        target = self.expression(node.target, True)
        value = self.expression(node.value)
        type_ = NOTHING if isinstance(target.type, Tuple) else target.type
        return self.written(
            "Assignment", node, Value({}, type_, False), is_written, called,
            operator=f"{node.op}=", leftHandSide=target.json, rightHandSide=value.json,
        )  # fmt: skip

    # -- several values ------------------------------------------------------------------------------

    def _tuple(self, node: ast.Tuple, is_written: bool, called: Arguments | None) -> Value:
        parts = [self.expression(i, is_written) if i is not None else None for i in node.items]
        if len(parts) == 1 and parts[0] is not None:
            type_ = parts[0].type
        else:
            type_ = Tuple(tuple(p.type if p is not None else None for p in parts))
        pure = not is_written and all(p.pure for p in parts if p is not None)
        return self.written(
            "TupleExpression", node, Value({}, type_, pure, is_written), is_written, called,
            isInlineArray=False, components=[p.json if p is not None else None for p in parts],
        )  # fmt: skip

    def _array_literal(
        self, node: ast.ArrayLiteral, is_written: bool, called: Arguments | None
    ) -> Value:
        parts = [self.expression(item) for item in node.items]
        element = mobile(parts[0].type)
        for part in parts[1:]:
            element = self.build.rules.common(element, part.type)
        assert element is not None
        type_ = array(element, len(parts), "memory")
        value = Value({}, type_, all(part.pure for part in parts))
        return self.written(
            "TupleExpression", node, value, is_written, called,
            isInlineArray=True, components=[part.json for part in parts],
        )  # fmt: skip

    # -- parts of values -----------------------------------------------------------------------------

    def _index(self, node: ast.Index, is_written: bool, called: Arguments | None) -> Value:
        base = self.expression(node.base)
        index = self.expression(node.index) if node.index is not None else None
        type_, lvalue = self._element(node, base.type)
        pure = base.pure and (index is None or index.pure)
        return self.written(
            "IndexAccess", node, Value({}, type_, pure, lvalue), is_written, called,
            baseExpression=base.json, indexExpression=index.json if index is not None else None,
        )  # fmt: skip

    def _element(self, node: ast.Index, base: Type) -> tuple[Type, bool]:
        """The type of an element, and whether it can be assigned to."""
        if isinstance(base, Slice):
            base = base.array
        if isinstance(base, Array):
            return base.element, base.location != "calldata"
        if isinstance(base, Bytes):
            return fixed_bytes(1), base.location != "calldata"
        if isinstance(base, Mapping):
            return base.value, True
        if isinstance(base, TypeName):
            length = None if node.index is None else self.declared.length(node.index, self.place)
            return TypeName(array(base.actual, length, "memory")), False
        return fixed_bytes(1), False

    def _slice(self, node: ast.Slice, is_written: bool, called: Arguments | None) -> Value:
        base = self.expression(node.base)
        ends = [self.expression(e) if e is not None else None for e in (node.start, node.stop)]
        sliced = base.type.array if isinstance(base.type, Slice) else base.type
        assert isinstance(sliced, (Array, Bytes))
        pure = base.pure and all(end.pure for end in ends if end is not None)
        start, stop = (end.json if end is not None else None for end in ends)
        return self.written(
            "IndexRangeAccess", node, Value({}, Slice(sliced), pure), is_written, called,
            baseExpression=base.json, startExpression=start, endExpression=stop,
        )  # fmt: skip

    def _new(self, node: ast.New, is_written: bool, called: Arguments | None) -> Value:
        name = self.type_name(node.type)
        type_ = self.declared.named(node.type, self.place)
        made: Function
        if isinstance(type_, (Array, Bytes)):
            made = Function(
                "objectcreation", (Elementary("uint256"),), (located(type_, "memory"),), "pure"
            )
        else:
            assert isinstance(type_, Contract)
            made = self.declared.creation(type_.node)
        value = Value({}, made, made.kind == "objectcreation")
        return self.written("NewExpression", node, value, is_written, called, typeName=name)


_WRITERS: dict[type[ast.Node], str] = {
    ast.Name: "_name",
    ast.Number: "_number",
    ast.String: "_string",
    ast.Bool: "_bool",
    ast.TypeExpr: "_type_expression",
    ast.New: "_new",
    ast.Unary: "_unary",
    ast.Binary: "_binary",
    ast.Conditional: "_conditional",
    ast.Tuple: "_tuple",
    ast.ArrayLiteral: "_array_literal",
    ast.Index: "_index",
    ast.Slice: "_slice",
    ast.Assign: "_assign",
    ast.Member: "_member",
    ast.Call: "_call",
    ast.CallOptions: "_options",
}
