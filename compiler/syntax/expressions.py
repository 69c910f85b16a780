"""Expressions by precedence climbing, and type names.

Binary operators loop instead of recursing, so a sum of thousands of terms costs no depth.
"""

from __future__ import annotations

from compiler.diagnostics.suggest import closest
from compiler.syntax import ast, foreign
from compiler.syntax.cursor import Cursor, SyntaxStop
from compiler.syntax.lexer import string_value
from compiler.syntax.tokens import (
    CONTEXTUAL,
    ELEMENTARY,
    HEX_STRING,
    IDENT,
    NUMBER,
    STRING,
    UNICODE_STRING,
    UNITS,
)

PRECEDENCE = {
    "||": 4, "&&": 5,
    "==": 6, "!=": 6,
    "<": 7, ">": 7, "<=": 7, ">=": 7,
    "|": 8, "^": 9, "&": 10,
    "<<": 11, ">>": 11, ">>>": 11,
    "+": 12, "-": 12,
    "*": 13, "/": 13, "%": 13,
    "**": 14,
}  # fmt: skip
ASSIGNMENTS = {
    "=": "", "+=": "+", "-=": "-", "*=": "*", "/=": "/", "%=": "%",
    "|=": "|", "&=": "&", "^=": "^", "<<=": "<<", ">>=": ">>", ">>>=": ">>>",
}  # fmt: skip
_OLD_UNITS = {"years": "{} * 365 days", "finney": "{} * 1e15 wei", "szabo": "{} * 1e12 wei"}
PREFIX = frozenset(("-", "!", "~", "++", "--", "delete", "+"))
LOCATIONS = frozenset(("memory", "storage", "calldata"))
_FUNCTION_WORDS = {
    **dict.fromkeys(("internal", "external", "public", "private"), "visibility"),
    **dict.fromkeys(("pure", "view", "payable"), "mutability"),
}
_STRING_KINDS = {STRING: "string", HEX_STRING: "hex", UNICODE_STRING: "unicode"}


class ExpressionParser(Cursor):
    """Grammar of expressions and type names."""

    # -- type names ----------------------------------------------------------------------------

    def type_name(self) -> ast.TypeName:
        """An elementary, user-defined, mapping, function or array type."""
        start = self.start
        base: ast.TypeName
        if self.kind in ELEMENTARY:
            name = self.kind
            self.advance()
            if name == "address" and self.take("payable"):
                name = "address payable"
            base = ast.ElementaryTypeName(start, self.last_end, name)
        elif self.is_word("var"):
            base = self._var()
        elif self.kind == IDENT:
            path = self.path("a type")
            base = ast.UserTypeName(start, self.last_end, path)
        elif self.kind == "mapping":
            base = self._mapping()
        elif self.kind == "function":
            base = self._function_type()
        else:
            self.fail("SL0104", f"expected a type, found {self.describe()}")
        return self.array_suffixes(start, base)

    def _var(self) -> ast.TypeName:
        self.reporter.report(
            "SL0120", self.span, "`var` was removed from Solidity", hint="write the type, `uint256 x = 1;`"
        )  # fmt: skip
        name = ast.Identifier(self.start, self.ends[self.at], "var")
        self.advance()
        return ast.UserTypeName(name.pos, name.end, [name])

    def array_suffixes(self, start: int, base: ast.TypeName) -> ast.TypeName:
        while self.kind == "[":
            self.advance()
            length = None if self.kind == "]" else self.expression()
            self.expect("]", "after the array length")
            base = ast.ArrayTypeName(start, self.last_end, base, length)
        return base

    def _mapping(self) -> ast.MappingTypeName:
        start = self.start
        self.advance()
        self.expect("(", "after `mapping`")
        self.enter()
        key = self.type_name()
        if isinstance(key, ast.ElementaryTypeName) and key.name == "address payable":
            self.fail(
                "SL0313", "`address payable` cannot be a mapping key", hint="write `address`", span=key.span
            )  # fmt: skip
        key_name = self.identifier("a key name") if self.kind == IDENT else None
        self.expect("=>", "between key and value type of the mapping")
        value = self.type_name()
        value_name = self.identifier("a value name") if self.kind == IDENT else None
        self.expect(")", "after the mapping's value type")
        self.leave()
        return ast.MappingTypeName(start, self.last_end, key, key_name, value, value_name)

    def _function_type(self) -> ast.FunctionTypeName:
        start = self.start
        self.advance()
        parameters = self.parameter_list()
        visibility, mutability = "internal", "nonpayable"
        # What is stated twice ends the type: a second visibility may be a state variable's own.
        seen: set[str] = set()
        while self.kind in _FUNCTION_WORDS and _FUNCTION_WORDS[self.kind] not in seen:
            if self.kind in ("public", "private"):
                self.fail("SL0105", f"a function type is internal or external, not {self.kind}")
            seen.add(_FUNCTION_WORDS[self.kind])
            if self.kind in ("internal", "external"):
                visibility = self.kind
            else:
                mutability = self.kind
            self.advance()
        returns: list[ast.Parameter] = []
        if self.take("returns"):
            returns = self.parameter_list()
            if not returns:
                self.fail("SL0104", "expected the type of a result", hint="delete `returns ()`")
        return ast.FunctionTypeName(
            start, self.last_end, parameters, visibility, mutability, returns
        )

    def parameter_list(self, indexed: bool = False, located: bool = True) -> list[ast.Parameter]:
        """`(type [location] [name], …)`; `indexed` and locations only where they are allowed."""
        self.expect("(", "before the parameters")
        parameters: list[ast.Parameter] = []
        while self.kind != ")":
            parameters.append(self.parameter(indexed, located))
            if not self.comma(")"):
                break
        self.expect(")", "after the parameters")
        return parameters

    def parameter(self, indexed: bool = False, located: bool = True) -> ast.Parameter:
        start = self.start
        type_name = self.type_name()
        location, is_indexed = None, False
        while self.kind in LOCATIONS or (indexed and self.kind == "indexed"):
            if self.kind == "indexed":
                if is_indexed:
                    self.fail("SL0116", "the parameter is `indexed` already")
                is_indexed = True
            else:
                if not located:
                    self.fail("SL0116", "a parameter of an event or error has no data location")
                if location is not None:
                    self.fail("SL0116", f"the data location is already `{location}`")
                location = self.kind
            self.advance()
        name = None
        if self.kind not in (",", ")", ";", "="):
            name = self.identifier("a parameter name")
            self.brackets_behind((start, type_name.end), name)
        return ast.Parameter(start, self.last_end, type_name, location, name, is_indexed)

    # -- expressions ---------------------------------------------------------------------------

    def expression(self) -> ast.Expr:
        """The full grammar: assignment, conditional, binary, unary, postfix."""
        self.enter()
        left = self._binary(self._unary(), 4)
        if self.kind == "?":
            self.advance()
            then = self.expression()
            self.expect(":", "between the two values of `?`")
            otherwise = self.expression()
            left = ast.Conditional(left.pos, otherwise.end, left, then, otherwise)
        if self.kind in ASSIGNMENTS:
            op = ASSIGNMENTS[self.kind]
            self.advance()
            value = self.expression()
            left = ast.Assign(left.pos, value.end, op, left, value)
        self.leave()
        return left

    def _binary(self, left: ast.Expr, minimum: int) -> ast.Expr:
        while True:
            op = self.kind
            precedence = PRECEDENCE.get(op, 0)
            if precedence < minimum:
                return left
            self.advance()
            right = self._unary()
            while True:
                following = PRECEDENCE.get(self.kind, 0)
                if following > precedence:
                    self.enter()
                    right = self._binary(right, precedence + 1)
                    self.leave()
                elif following == precedence == 14:  # ** groups to the right
                    self.enter()
                    right = self._binary(right, precedence)
                    self.leave()
                else:
                    break
            left = ast.Binary(left.pos, right.end, op, left, right)

    def _unary(self) -> ast.Expr:
        op = self.kind
        if op in PREFIX:
            start = self.start
            if op == "+":
                after_equals = (
                    self.at > 0 and self.kinds[self.at - 1] == "=" and self.last_end == start
                )
                self.reporter.report(
                    "SL0107", self.span, "unary `+` does not exist",
                    hint="to add to a variable write `+=`" if after_equals else "delete the `+`",
                )  # fmt: skip
                self.enter()
                self.advance()
                operand = self._unary()
                self.leave()
                return operand
            self.enter()
            self.advance()
            operand = self._unary()
            self.leave()
            return ast.Unary(start, operand.end, op, operand, True)
        return self._postfix(self._primary())

    def _postfix(self, node: ast.Expr) -> ast.Expr:
        while True:
            kind = self.kind
            if kind == ".":
                self.advance()
                if self.kind == "address":  # f.address of an external function
                    name = ast.Identifier(self.start, self.ends[self.at], "address")
                    self.advance()
                else:
                    name = self.identifier("a member name")
                node = ast.Member(node.pos, name.end, node, name)
            elif kind == "(":
                arguments, names = self.call_arguments()
                node = ast.Call(node.pos, self.last_end, node, arguments, names)
            elif kind == "[":
                node = self._index(node)
            elif kind == "{" and self.peek() == IDENT and self.peek(2) == ":":
                node = self._options(node)
            elif kind in ("++", "--"):
                self.advance()
                node = ast.Unary(node.pos, self.last_end, kind, node, False)
            else:
                return node

    def _index(self, base: ast.Expr) -> ast.Expr:
        self.advance()
        first = None if self.kind in (":", "]") else self.expression()
        if self.take(":"):
            stop = None if self.kind == "]" else self.expression()
            self.expect("]", "after the slice")
            return ast.Slice(base.pos, self.last_end, base, first, stop)
        self.expect("]", "after the index")
        return ast.Index(base.pos, self.last_end, base, first)

    def _options(self, function: ast.Expr) -> ast.Expr:
        self.advance()
        options = []
        while self.kind != "}":
            name = self.identifier("an option name")
            self.expect(":", "after the option name")
            options.append((name, self.expression()))
            if not self.comma("}"):
                break
        self.expect("}", "after the call options")
        return ast.CallOptions(function.pos, self.last_end, function, options)

    def call_arguments(self) -> tuple[list[ast.Expr], list[ast.Identifier] | None]:
        """`(a, b)` or `({x: a, y: b})`"""
        self.expect("(")
        arguments: list[ast.Expr] = []
        names: list[ast.Identifier] | None = None
        if self.kind == "{":
            self.advance()
            names = []
            while self.kind != "}":
                names.append(self.identifier("an argument name"))
                self.expect(":", "after the argument name")
                arguments.append(self.expression())
                if not self.comma("}"):
                    break
            self.expect("}", "after the named arguments")
        else:
            while self.kind != ")":
                arguments.append(self.expression())
                if not self.comma(")"):
                    break
        self.expect(")", "after the arguments")
        return arguments, names

    def plain_arguments(self, what: str) -> list[ast.Expr]:
        """`(a, b)`, where arguments cannot be given by name."""
        start = self.start
        arguments, names = self.call_arguments()
        if names is not None:
            self.reporter.report(
                "SL0108", (start, self.last_end), f"the arguments of {what} have no names",
                hint="write the values alone, in the order of the parameters",
            )  # fmt: skip
        return arguments

    def _primary(self) -> ast.Expr:
        kind, start, end = self.kind, self.start, self.ends[self.at]
        if kind == IDENT:
            name = self.identifier("an expression").name
            return ast.Name(start, end, name)
        if kind == NUMBER:
            text = self.text
            self.advance()
            unit = None
            if self.kind in UNITS:
                unit = self.kind
                self.advance()
            elif self.kind == IDENT and self.text not in CONTEXTUAL:
                self._unknown_unit(text)
            return ast.Number(start, self.last_end, text, unit)
        if kind in _STRING_KINDS:
            return self._string()
        if kind in ("true", "false"):
            self.advance()
            return ast.Bool(start, end, kind == "true")
        if kind == "(":
            return self._tuple()
        if kind == "[":
            return self._array_literal()
        if kind in ELEMENTARY:
            self.advance()
            if kind == "address" and self.kind == "payable":
                self.fail(
                    "SL0108", "a type in an expression is `address` alone",
                    hint="write `payable(…)` around the address",
                )  # fmt: skip
            elementary = ast.ElementaryTypeName(start, self.last_end, kind)
            return ast.TypeExpr(start, self.last_end, elementary)
        if kind == "payable":
            self.advance()
            if self.kind != "(":
                self.fail("SL0108", f"expected `(` after `payable`, found {self.describe()}")
            return ast.TypeExpr(start, end, ast.ElementaryTypeName(start, end, "address payable"))
        if kind == "new":
            self.advance()
            type_name = self.type_name()
            return ast.New(start, type_name.end, type_name)
        if kind == "type":
            self.advance()
            return ast.Name(start, end, "type")
        self.fail("SL0108", f"expected an expression, found {self.describe()}")

    def _unknown_unit(self, number: str) -> None:
        """A word right behind a number can only be meant as a unit, or as an operator."""
        word = self.text
        operator = foreign.between(word)
        if operator is not None:
            self.fail("SL0101", f"expected an operator, found `{word}`", operator)
        modern = _OLD_UNITS.get(word)
        hint = f"write `{modern.format(number)}`" if modern else None
        if hint is None:
            near = closest(word, UNITS)
            hint = (
                f"did you mean `{near}`?"
                if near
                else "units are wei, gwei, ether, seconds to weeks"
            )
        problem = (
            f"the unit `{word}` was removed from Solidity" if modern else f"unknown unit `{word}`"
        )
        self.reporter.report("SL0120" if modern else "SL0317", self.span, problem, hint)
        self.advance()

    def _string(self) -> ast.Expr:
        start, kind = self.start, self.kind
        value = bytearray()
        while self.kind == kind:
            raw, span = self.text, self.span
            if kind == HEX_STRING:
                value += self.hex_string()
            else:
                value += string_value(raw, span, self.reporter)
            self.advance()
        return ast.String(start, self.last_end, bytes(value), _STRING_KINDS[kind])

    def _tuple(self) -> ast.Expr:
        start = self.start
        self.advance()
        items: list[ast.Expr | None] = []
        if self.kind == ")":
            self.advance()
            return ast.Tuple(start, self.last_end, items)
        while True:
            items.append(None if self.kind in (",", ")") else self.expression())
            if not self.take(","):
                break
        if self.kind != ")":
            self.reporter.report(
                "SL0101", self.span, f"expected `)`, found {self.describe()}",
                labels=(((start, start + 1), "it closes this one"),),
            )  # fmt: skip
            raise SyntaxStop
        self.advance()
        return ast.Tuple(start, self.last_end, items)

    def _array_literal(self) -> ast.Expr:
        start = self.start
        self.advance()
        items: list[ast.Expr] = []
        while self.kind != "]":
            items.append(self.expression())
            if not self.comma("]"):
                break
        self.expect("]", "after the array literal")
        return ast.ArrayLiteral(start, self.last_end, items)
