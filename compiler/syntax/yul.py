"""The assembly language inside `assembly { … }`."""

from __future__ import annotations

from compiler.syntax import ast
from compiler.syntax.cursor import Cursor, SyntaxStop
from compiler.syntax.lexer import string_value
from compiler.syntax.tokens import END, HEX_STRING, IDENT, KEYWORDS, NUMBER, STRING

# Solidity keywords are ordinary names, or opcodes, in assembly; these are its own.
_KEYWORDS = frozenset(
    "break case continue default false for function hex if let switch true".split()
)
_NAME_KINDS = (KEYWORDS | {IDENT}) - _KEYWORDS
_SUFFIXES = frozenset(("slot", "offset", "length", "selector", "address"))


class YulParser(Cursor):
    """Grammar of inline assembly."""

    def yul_block(self) -> ast.YulBlock:
        start = self.start
        self.expect("{", "before the assembly statements")
        statements: list[ast.YulNode] = []
        self.enter()
        while self.kind not in ("}", END):
            depth, at = self.depth, self.at
            try:
                statements.append(self._yul_statement())
            except SyntaxStop:
                self.depth = depth
                self._skip_yul_statement()
                if self.at == at:
                    self.advance()
        self.leave()
        if self.kind == END:
            self.fail(
                "SL0109", "assembly block is never closed: expected `}`", span=(start, start + 1)
            )
        self.advance()
        return ast.YulBlock(start, self.last_end, statements)

    def _skip_yul_statement(self) -> None:
        """After an error: to the next line, or to the brace that closes the block."""
        level = 0
        line_end = self.ends[self.at]
        text, base = self.tokens.file.text, self.tokens.file.base
        while self.kind != END:
            if level == 0 and "\n" in text[line_end - base : self.start - base]:
                return
            if self.kind == "{":
                level += 1
            elif self.kind == "}":
                if level == 0:
                    return
                level -= 1
            line_end = self.ends[self.at]
            self.advance()

    def _yul_statement(self) -> ast.YulNode:
        start = self.start
        kind = self.kind
        if kind == "{":
            return self.yul_block()
        if kind == "let":
            return self._yul_let()
        if kind == "if":
            self.advance()
            condition = self.yul_expression()
            body = self.yul_block()
            return ast.YulIf(start, self.last_end, condition, body)
        if kind == "switch":
            return self._yul_switch()
        if kind == "for":
            self.advance()
            init = self.yul_block()
            condition = self.yul_expression()
            step = self.yul_block()
            body = self.yul_block()
            return ast.YulFor(start, self.last_end, init, condition, step, body)
        if kind == "function":
            return self._yul_function()
        if kind in ("break", "continue") or self.is_word("leave"):
            word = self.text
            self.advance()
            return ast.YulJump(start, self.last_end, word)
        return self._yul_simple()

    def _yul_let(self) -> ast.YulNode:
        start = self.start
        self.advance()
        names = [self._yul_identifier("a variable name")]
        while self.take(","):
            names.append(self._yul_identifier("a variable name"))
        value = self.yul_expression() if self.take(":=") else None
        return ast.YulLet(start, self.last_end, names, value)

    def _yul_switch(self) -> ast.YulNode:
        start = self.start
        self.advance()
        value = self.yul_expression()
        cases: list[ast.YulCase] = []
        while self.kind == "case":
            at = self.start
            self.advance()
            literal = self.yul_expression()
            if not isinstance(literal, ast.YulLiteral):
                self.fail("SL0802", "`case` needs a literal", span=literal.span)
            body = self.yul_block()
            cases.append(ast.YulCase(at, self.last_end, literal, body))
        if self.kind == "default":
            at = self.start
            self.advance()
            body = self.yul_block()
            cases.append(ast.YulCase(at, self.last_end, None, body))
        if not cases:
            self.fail("SL0802", "`switch` needs at least one `case` or a `default`")
        return ast.YulSwitch(start, self.last_end, value, cases)

    def _yul_function(self) -> ast.YulNode:
        start = self.start
        self.advance()
        name = self._yul_identifier("a function name")
        self.expect("(", "after the function name")
        parameters = self._yul_names(")")
        self.expect(")", "after the parameters")
        returns = self._yul_names("{") if self.take("->") else []
        body = self.yul_block()
        return ast.YulFunction(start, self.last_end, name, parameters, returns, body)

    def _yul_names(self, until: str) -> list[ast.Identifier]:
        names: list[ast.Identifier] = []
        while self.kind != until:
            names.append(self._yul_identifier("a name"))
            if not self.comma(until):
                break
        return names

    def _yul_simple(self) -> ast.YulNode:
        """A call, or an assignment to one or more variables."""
        start = self.start
        first = self.yul_expression()
        if self.kind in (",", ":="):
            targets = [self._yul_target(first)]
            while self.take(","):
                targets.append(self._yul_target(self.yul_expression()))
            self.expect(":=", "after the assigned variables")
            value = self.yul_expression()
            return ast.YulAssign(start, self.last_end, targets, value)
        if not isinstance(first, ast.YulCall):
            self.fail(
                "SL0801",
                "an assembly statement is a call or an assignment",
                span=first.span,
                hint="assign it with `:=` or wrap it in `pop(…)`",
            )
        return ast.YulExpression(start, self.last_end, first)

    def _yul_target(self, node: ast.YulExpr) -> ast.YulName:
        if not isinstance(node, ast.YulName):
            self.fail("SL0801", "only variables can be assigned to", span=node.span)
        return node

    def yul_expression(self) -> ast.YulExpr:
        """A literal, a variable or a call."""
        start, end, kind = self.start, self.ends[self.at], self.kind
        if kind == NUMBER:
            value = self._yul_number()
            return ast.YulLiteral(start, end, value)
        if kind in ("true", "false"):
            self.advance()
            return ast.YulLiteral(start, end, int(kind == "true"))
        if kind in (STRING, HEX_STRING):
            return ast.YulLiteral(start, end, self._yul_string())
        name = self._yul_identifier("an assembly expression")
        if self.kind == "(":
            self.enter()
            self.advance()
            arguments: list[ast.YulExpr] = []
            while self.kind != ")":
                arguments.append(self.yul_expression())
                if not self.comma(")"):
                    break
            self.expect(")", "after the arguments")
            self.leave()
            return ast.YulCall(start, self.last_end, name, arguments)
        suffix = None
        if "." in name.name:
            base, _, suffix = name.name.rpartition(".")
            if suffix not in _SUFFIXES:
                base, suffix = name.name, None
            return ast.YulName(start, self.last_end, base, suffix)
        return ast.YulName(start, self.last_end, name.name, suffix)

    def _yul_number(self) -> int:
        try:
            value = int(self.text, 16 if self.text.startswith("0x") else 10)
        except ValueError:
            value = -1
        if value < 0 or "_" in self.text:
            self.fail("SL0803", f"`{self.text}` is not an assembly literal: write a plain integer")
        if value >> 256:
            self.fail("SL0803", "literal does not fit into 32 bytes")
        self.advance()
        return value

    def _yul_string(self) -> int:
        if self.kind == HEX_STRING:
            value = self.hex_string()
        else:
            if not self.text.isascii():
                self.fail(
                    "SL0002", "a string of assembly holds ASCII only, or `\\x` and two digits"
                )
            value = string_value(self.text, self.span, self.reporter)
        if len(value) > 32:
            self.fail("SL0803", f"string literal has {len(value)} bytes; a word holds 32")
        self.advance()
        return int.from_bytes(value.ljust(32, b"\0"), "big")

    def _yul_identifier(self, what: str) -> ast.Identifier:
        """Assembly names may hold dots and words that are keywords outside."""
        start = self.start
        if self.kind not in _NAME_KINDS:
            self.fail("SL0102", f"expected {what}, found {self.describe()}")
        name = self.text
        self.advance()
        while self.kind == "." and self.peek() in (IDENT, "address"):
            self.advance()
            name += "." + self.text
            self.advance()
        return ast.Identifier(start, self.last_end, name)
