"""Statements. After a mistake the parser goes on with the next statement."""

from __future__ import annotations

from compiler.syntax import ast, foreign
from compiler.syntax.cursor import SyntaxStop
from compiler.syntax.expressions import LOCATIONS, ExpressionParser
from compiler.syntax.tokens import ELEMENTARY, END, IDENT, STRING
from compiler.syntax.yul import YulParser


class StatementParser(YulParser, ExpressionParser):
    """Grammar of function bodies."""

    def block(self, unchecked: bool = False) -> ast.Block:
        start = self.start
        self.expect("{", "before the statements")
        statements: list[ast.Statement] = []
        self.enter()
        while self.kind not in ("}", END) and not self._member_starts():
            depth, at = self.depth, self.at
            try:
                statements.append(self.statement())
            except SyntaxStop:
                self.depth = depth
                self.skip_to_statement_end(at)
                if self.at == at:
                    self.advance()
                if self.kinds[at] not in _DECLARE_NOTHING or self._lines(at) > 1:
                    self.recover()
        self.leave()
        if self.kind != "}":
            self.unclosed(start, "block")
            self.recover()
            return ast.Block(start, self.last_end, statements, unchecked)
        self.advance()
        return ast.Block(start, self.last_end, statements, unchecked)

    def _member_starts(self) -> bool:
        """Whether a definition starts here, which no block can hold: its `}` was forgotten."""
        if self.kind == "function":
            return self.peek() == IDENT and self.peek(2) == "("
        if self.kind == "constructor":
            return self.peek() == "("
        return self.kind in _DEFINITIONS

    def _lines(self, first: int) -> int:
        """How many lines the tokens since `first` stand on."""
        base = self.tokens.file.base
        return 1 + self.tokens.file.text.count(
            "\n", self.starts[first] - base, self.last_end - base
        )

    def statement(self) -> ast.Statement:
        """One statement, its `;` included."""
        parse = _STATEMENTS.get(self.kind)
        if parse is not None:
            self.enter()
            node: ast.Statement = parse(self)
            self.leave()
            return node
        if self.is_word("revert") and self.peek() == IDENT:
            return self._revert()
        if self.is_word("throw") and self.peek() == ";":
            return self._throw()
        first = self.at
        node = self.simple_statement()
        if self.kind != ";":
            word = self.texts[first] if self.kinds[first] == IDENT else ""
            self.missing_semicolon(
                "after the statement", foreign.statement(word, self.text) if word else None
            )
        else:
            self.advance()
        node.end = self.last_end
        return node

    def _throw(self) -> ast.Statement:
        start = self.start
        self.reporter.report(
            "SL0120", self.span, "`throw` was removed from Solidity", hint="write `revert();`"
        )
        self.advance()
        self.expect(";")
        return ast.Block(start, self.last_end, [], False)

    # -- declarations and expressions ----------------------------------------------------------

    def simple_statement(self) -> ast.Statement:
        """A declaration or an expression, without the `;`."""
        start = self.start
        if self.kind == "(" and self._tuple_declares():
            declarations = self._declaration_tuple()
            self.expect("=", "after the declared variables")
            value = self.expression()
            return ast.VariableStatement(start, self.last_end, declarations, value)
        if self._declares():
            declaration: list[ast.Parameter | None] = [self._declaration()]
            initial = self.expression() if self.take("=") else None
            if self.kind == "," and initial is None:
                return self._bare_declarations(start, declaration)
            return ast.VariableStatement(start, self.last_end, declaration, initial)
        expression = self.expression()
        return ast.ExpressionStatement(start, self.last_end, expression)

    def _bare_declarations(
        self, start: int, declarations: list[ast.Parameter | None]
    ) -> ast.Statement:
        """`uint a, uint b = …`, understood as if it had its parentheses."""
        while self.take(","):
            declarations.append(self._declaration())
        self.reporter.report(
            "SL0101", (start, self.last_end), "several variables are declared at once in parentheses",
            hint=f"write `({self.reporter.quoted((start, self.last_end))}) = …;`, or one statement for each",
        )  # fmt: skip
        value = self.expression() if self.take("=") else None
        return ast.VariableStatement(start, self.last_end, declarations, value)

    def _declaration(self) -> ast.Parameter:
        start = self.start
        type_name = self.type_name()
        location = None
        if self.kind in LOCATIONS:
            location = self.kind
            self.advance()
        name = self.identifier("a variable name")
        self.brackets_behind((start, type_name.end), name)
        return ast.Parameter(start, self.last_end, type_name, location, name, False)

    def _declares(self) -> bool:
        """Whether a declaration starts here: a type followed by a name or a data location."""
        kind = self.kind
        if kind in ("mapping", "function"):
            return True
        if kind in ELEMENTARY:
            ahead = 1
            if kind == "address" and self.peek() == "payable":
                ahead = 2
            return self._name_follows(self._skip_brackets(ahead))
        if kind != IDENT:
            return False
        ahead = 1
        while self.peek(ahead) == "." and self.peek(ahead + 1) == IDENT:
            ahead += 2
        return self._name_follows(self._skip_brackets(ahead))

    def _name_follows(self, ahead: int) -> bool:
        kind = self.peek(ahead)
        return kind == IDENT or kind in LOCATIONS or kind in ("receive", "fallback")

    def _skip_brackets(self, ahead: int) -> int:
        while self.peek(ahead) == "[":
            level = 0
            while True:
                kind = self.peek(ahead)
                if kind in ("[", "(", "{"):
                    level += 1
                elif kind in ("]", ")", "}"):
                    level -= 1
                elif kind in (END, ";"):
                    return ahead
                ahead += 1
                if level == 0:
                    break
        return ahead

    def _tuple_declares(self) -> bool:
        """`(uint a, , B memory b) =` as opposed to `(a, , b) =`."""
        saved_at, saved_kind = self.at, self.kind
        self.advance()
        while self.kind == ",":
            self.advance()
        if self.kind == ")":
            self.fail("SL0108", "expected an expression, found `)`")
        declares = self._declares()
        self.at, self.kind = saved_at, saved_kind
        return declares

    def _declaration_tuple(self) -> list[ast.Parameter | None]:
        self.expect("(")
        declarations: list[ast.Parameter | None] = []
        while True:
            declarations.append(None if self.kind in (",", ")") else self._declaration())
            if not self.take(","):
                break
        self.expect(")", "after the declared variables")
        return declarations

    # -- control flow --------------------------------------------------------------------------

    def _block_statement(self) -> ast.Statement:
        return self.block()

    def _unchecked(self) -> ast.Statement:
        start = self.start
        self.advance()
        block = self.block(unchecked=True)
        block.pos = start
        return block

    def _body(self) -> ast.Statement:
        """What `if` and loops control."""
        if self.kind == "unchecked":
            self.fail(
                "SL0603",
                "an `unchecked` block only stands inside another block",
                hint="write `{ unchecked { … } }`",
            )
        return self.statement()

    def _if(self) -> ast.Statement:
        start = self.start
        self.advance()
        self.expect("(", "after `if`")
        condition = self.expression()
        self.expect(")", "after the condition")
        then = self._body()
        otherwise = self._body() if self.take("else") else None
        return ast.If(start, self.last_end, condition, then, otherwise)

    def _while(self) -> ast.Statement:
        start = self.start
        self.advance()
        self.expect("(", "after `while`")
        condition = self.expression()
        self.expect(")", "after the condition")
        body = self._body()
        return ast.While(start, self.last_end, condition, body)

    def _do(self) -> ast.Statement:
        start = self.start
        self.advance()
        body = self._body()
        self.expect("while", "after the body of `do`")
        self.expect("(", "after `while`")
        condition = self.expression()
        self.expect(")", "after the condition")
        self.expect(";", "after `do … while (…)`")
        return ast.DoWhile(start, self.last_end, body, condition)

    def _for(self) -> ast.Statement:
        start = self.start
        self.advance()
        self.expect("(", "after `for`")
        init = None if self.kind == ";" else self.simple_statement()
        self.expect(";", "after the loop's initialisation")
        condition = None if self.kind == ";" else self.expression()
        self.expect(";", "after the loop's condition")
        step = None if self.kind == ")" else self.expression()
        self.expect(")", "after the loop's header")
        body = self._body()
        return ast.For(start, self.last_end, init, condition, step, body)

    def _break(self) -> ast.Statement:
        start = self.start
        self.advance()
        self.expect(";", "after `break`")
        return ast.Break(start, self.last_end)

    def _continue(self) -> ast.Statement:
        start = self.start
        self.advance()
        self.expect(";", "after `continue`")
        return ast.Continue(start, self.last_end)

    def _return(self) -> ast.Statement:
        start = self.start
        self.advance()
        value = None if self.kind == ";" else self.expression()
        if self.kind == "," and value is not None:
            value = self._bare_values(value)
        self.expect(";", "after `return`")
        return ast.Return(start, self.last_end, value)

    def _bare_values(self, first: ast.Expr) -> ast.Expr:
        """`return a, b`, understood as if it had its parentheses."""
        items: list[ast.Expr | None] = [first]
        while self.take(","):
            items.append(self.expression())
        span = (first.pos, self.last_end)
        self.reporter.report(
            "SL0101", span, "several values are returned in parentheses",
            hint=f"write `return ({self.reporter.quoted(span)});`",
        )  # fmt: skip
        return ast.Tuple(*span, items)

    def _emit(self) -> ast.Statement:
        start = self.start
        self.advance()
        call = self._named_call("an event name")
        return ast.Emit(start, self.last_end, call)

    def _revert(self) -> ast.Statement:
        start = self.start
        self.advance()
        call = self._named_call("an error name")
        return ast.Revert(start, self.last_end, call)

    def _named_call(self, what: str) -> ast.Call:
        """`path(arguments);` after `emit` or `revert`."""
        start = self.start
        path = self.path(what)
        name: ast.Expr = ast.Name(path[0].pos, path[0].end, path[0].name)
        for part in path[1:]:
            name = ast.Member(start, part.end, name, part)
        if self.kind == ";":  # reads well enough to go on
            shown = self.reporter.quoted((start, path[-1].end))
            self.reporter.report(
                "SL0101", (start, path[-1].end), f"expected `(` after {what}, found `;`",
                hint=f"write `{shown}(…)`; without arguments, `{shown}()`",
            )  # fmt: skip
            raise SyntaxStop
        if self.kind != "(":
            self.fail("SL0101", f"expected `(` after {what}, found {self.describe()}")
        arguments, names = self.call_arguments()
        call = ast.Call(start, self.last_end, name, arguments, names)
        self.expect(";", "after the statement")
        return call

    def _try(self) -> ast.Statement:
        start = self.start
        self.advance()
        call = self.expression()
        returns = self._some_parameters() if self.take("returns") else []
        body = self.block()
        catches = []
        while self.kind == "catch":
            at = self.start
            self.advance()
            name = self.identifier("an error name") if self.kind == IDENT else None
            parameters = self._some_parameters() if self.kind == "(" else []
            handler = self.block()
            catches.append(ast.Catch(at, self.last_end, name, parameters, handler))
        if not catches:
            self.reporter.report(
                "SL0111", (start, start + 3), "`try` needs at least one `catch`",
                hint="add `catch { … }` behind the block",
            )  # fmt: skip
        return ast.Try(start, self.last_end, call, returns, body, catches)

    def _some_parameters(self) -> list[ast.Parameter]:
        """A list that is not empty: without parameters the parentheses go, too."""
        if self.peek() == ")":
            self.fail(
                "SL0104",
                "expected a type, found `)`",
                span=self.span,
                hint="delete the parentheses",
            )
        return self.parameter_list()

    def _assembly(self) -> ast.Statement:
        start = self.start
        self.advance()
        dialect = None
        if self.kind == STRING:
            dialect = self.text[1:-1]
            self.advance()
        flags: list[str] = []
        if self.take("("):
            while True:
                if self.kind != STRING:
                    self.fail(
                        "SL0804",
                        f"expected an assembly flag, found {self.describe()}",
                        hint='the flag is "memory-safe"',
                    )
                if self.text[1:-1] == "memory-safe" and "memory-safe" in flags:
                    self.fail(
                        "SL0804", f"assembly flag {self.text} is stated twice", hint="delete one"
                    )
                flags.append(self.text[1:-1])
                self.advance()
                if not self.take(","):
                    break
            self.expect(")", "after the assembly flags")
        doc = self.tokens.docs.get(self.at) or ""
        if "@solidity memory-safe-assembly" in (self.doc_before(start) + doc):
            flags.append("memory-safe")
        body = self.yul_block()
        return ast.Assembly(start, self.last_end, dialect, flags, body)

    def doc_before(self, pos: int) -> str:
        """Documentation comment in front of the token that starts at `pos`."""
        index = self.at
        while index > 0 and self.starts[index] > pos:
            index -= 1
        return self.tokens.docs.get(index, "")


_DEFINITIONS = frozenset(
    ("modifier", "event", "struct", "enum", "using", "contract", "interface", "library", "abstract", "import", "pragma")
)  # fmt: skip
# Losing one of these loses no name that later statements use.
_DECLARE_NOTHING = frozenset(("return", "emit", "break", "continue", "if"))

_STATEMENTS = {
    "{": StatementParser._block_statement,
    "unchecked": StatementParser._unchecked,
    "if": StatementParser._if,
    "while": StatementParser._while,
    "do": StatementParser._do,
    "for": StatementParser._for,
    "break": StatementParser._break,
    "continue": StatementParser._continue,
    "return": StatementParser._return,
    "emit": StatementParser._emit,
    "try": StatementParser._try,
    "assembly": StatementParser._assembly,
}
