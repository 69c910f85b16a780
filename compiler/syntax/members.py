"""What stands in a contract, and beside contracts in a file: functions, modifiers, variables, types, events, errors."""

from __future__ import annotations

from compiler.syntax import ast, foreign
from compiler.syntax.statements import StatementParser
from compiler.syntax.tokens import ELEMENTARY, END, IDENT

_VISIBILITY = frozenset(("public", "private", "internal", "external"))
_MUTABILITY = frozenset(("pure", "view", "payable"))
# `transient` is a word of the language only where more of the declaration follows.
_AFTER_TRANSIENT = frozenset(
    (IDENT, "public", "private", "internal", "constant", "immutable", "override")
)
ITEM = "a contract, facet, import or definition"
_MEMBER = "a function, variable, event, error, struct or enum"
_OPERATORS = frozenset(
    ("==", "!=", "<", ">", "<=", ">=", "|", "&", "^", "~", "+", "-", "*", "/", "%")
)


class MemberParser(StatementParser):
    """Grammar of declarations."""

    def member(self) -> ast.Node:
        kind = self.kind
        if kind == "function" and self.peek() == "(" and not self._old_fallback():
            return self.variable()
        if kind in ("function", "constructor"):
            return self.function()
        if kind in ("receive", "fallback") and self.peek() == "(":
            return self.function()
        if kind == "modifier":
            return self._modifier()
        member = self.shared_member()
        if member is not None:
            return member
        if kind in ELEMENTARY or kind in (IDENT, "mapping"):
            return self.variable()
        hint = None
        if kind in _VISIBILITY or kind in _MUTABILITY or kind in ("constant", "immutable"):
            hint = f"`{kind}` stands behind a function's parameters or a variable's type"
        elif kind in foreign.STATEMENTS:
            hint = foreign.IN_FUNCTIONS
        self.fail("SL0114", f"expected {_MEMBER}, found {self.describe()}", hint)

    def shared_member(self) -> ast.Node | None:
        """What may stand both in a contract and at file level."""
        kind = self.kind
        if kind == "struct":
            return self._struct()
        if kind == "enum":
            return self._enum()
        if kind == "event":
            return self._event()
        if kind == "using":
            return self._using()
        if kind == "type":
            return self._user_type()
        if self.is_word("error") and self.peek() == IDENT and self.peek(2) == "(":
            return self._error()
        return None

    def _struct(self) -> ast.Node:
        start, doc = self.start, self.tokens.docs.get(self.at)
        self.advance()
        name = self.identifier("a struct name")
        self.expect("{", "after the struct name")
        members = []
        while self.kind != "}" and not self._member_starts():
            at = self.start
            type_name = self.type_name()
            member = self.identifier("a member name")
            self.expect(";", "after the struct member")
            members.append(ast.Parameter(at, self.last_end, type_name, None, member, False))
        self.expect("}", "after the struct members")
        return ast.Struct(start, self.last_end, name, members, doc)

    def _enum(self) -> ast.Node:
        start, doc = self.start, self.tokens.docs.get(self.at)
        self.advance()
        name = self.identifier("an enum name")
        self.expect("{", "after the enum name")
        values = []
        while self.kind != "}":
            values.append(self.identifier("an enum value"))
            if not self.comma("}"):
                break
        self.expect("}", "after the enum values")
        return ast.Enum(start, self.last_end, name, values, doc)

    def _event(self) -> ast.Node:
        start, doc = self.start, self.tokens.docs.get(self.at)
        self.advance()
        name = self.identifier("an event name")
        parameters = self.parameter_list(indexed=True, located=False)
        anonymous = self.take("anonymous")
        self.expect(";", "after the event")
        return ast.Event(start, self.last_end, name, parameters, anonymous, doc)

    def _error(self) -> ast.Node:
        start, doc = self.start, self.tokens.docs.get(self.at)
        self.advance()
        name = self.identifier("an error name")
        parameters = self.parameter_list(located=False)
        self.expect(";", "after the error")
        return ast.Error(start, self.last_end, name, parameters, doc)

    def _user_type(self) -> ast.Node:
        start, doc = self.start, self.tokens.docs.get(self.at)
        self.advance()
        name = self.identifier("a type name")
        self.expect("is", "after the type name")
        underlying = self.type_name()
        self.expect(";", "after the type definition")
        return ast.UserType(start, self.last_end, name, underlying, doc)

    def _using(self) -> ast.Node:
        start = self.start
        self.advance()
        functions: list[tuple[list[ast.Identifier], str | None]] = []
        braces = self.take("{")
        if braces:
            while True:
                path = self.path("a function name")
                operator = None
                if self.take("as"):
                    if self.kind not in _OPERATORS:
                        self.fail(
                            "SL0115", f"{self.describe()} is not an operator that can be defined"
                        )
                    operator = self.kind
                    self.advance()
                functions.append((path, operator))
                if not self.comma("}"):
                    break
            self.expect("}", "after the function list")
        else:
            functions.append((self.path("a library name"), None))
        if self.kind == ";":
            self.fail(
                "SL0101", "expected `for` and a type, found `;`", hint="say what for: `using L for uint256;`"
            )  # fmt: skip
        self.expect("for", "after the library or function list")
        type_name = None if self.take("*") else self.type_name()
        is_global = self.take_word("global")
        self.expect(";", "after `using … for …`")
        return ast.Using(start, self.last_end, functions, braces, type_name, is_global)

    def variable(self, at_file_level: bool = False) -> ast.Node:
        first, start, doc = self.at, self.start, self.tokens.docs.get(self.at)
        type_name = self.type_name()
        visibility: str | None = None
        constant = immutable = transient = False
        override: list[list[ast.Identifier]] | None = None
        while True:
            if at_file_level and (
                self.kind in _VISIBILITY or self.kind in ("override", "immutable")
            ):
                self.fail(
                    "SL0116", f"a constant at file level cannot be `{self.kind}`", hint="delete it"
                )
            if self.kind in _VISIBILITY:
                if visibility is not None:
                    self.fail("SL0116", f"visibility is already `{visibility}`")
                if self.kind == "external":
                    self.fail("SL0116", "a variable cannot be external", hint="use `public`")
                visibility = self.kind
                self.advance()
            elif self.kind in ("constant", "immutable"):
                if constant or immutable:
                    self.fail(
                        "SL0116",
                        f"the variable is already `{'constant' if constant else 'immutable'}`",
                    )
                constant, immutable = self.kind == "constant", self.kind == "immutable"
                self.advance()
            elif self.kind == "override":
                self.once("override", override is not None)
                override = self._override()
            elif self.is_word("transient") and self.peek() in _AFTER_TRANSIENT:
                if transient:
                    self.fail("SL0116", "the variable is `transient` already")
                transient = True
                self.advance()
            else:
                break
        self._other_word(first, at_file_level)
        if self.kind == "=" and self.kinds[first] == IDENT:
            self.fail("SL0102", "expected a variable name, found `=`", foreign.IN_FUNCTIONS)
        name = self.identifier("a variable name")
        self.brackets_behind((start, type_name.end), name)
        self._other_word(first, at_file_level)
        value = self.expression() if self.take("=") else None
        self.expect(";", "after the variable")
        return ast.Variable(
            start, self.last_end, type_name, name, visibility, constant, immutable, transient,
            override, value, doc,
        )  # fmt: skip

    def _other_word(self, first: int, at_file_level: bool) -> None:
        """`contrat Shop {`, `func f(`: a word at `first` that was not meant as a type."""
        if self.kinds[first] != IDENT or self.kind not in ("(", "{"):
            return
        word = self.texts[first]
        meant = foreign.item(word) if at_file_level else foreign.member(word)
        hint = f"did you mean `{meant}`?" if meant else None
        if word in foreign.STATEMENTS:
            hint = foreign.IN_FUNCTIONS
        if hint is not None:
            code, expected = ("SL0112", ITEM) if at_file_level else ("SL0114", _MEMBER)
            span = (self.starts[first], self.ends[first])
            self.fail(code, f"expected {expected}, found `{word}`", hint, span)

    def once(self, word: str, stated: bool) -> None:
        """What a header states, it states at most once."""
        if stated:
            self.fail("SL0116", f"`{word}` is stated twice", hint="delete one")

    def _override(self) -> list[list[ast.Identifier]]:
        self.advance()
        contracts: list[list[ast.Identifier]] = []
        if self.take("("):
            contracts.append(self.path("a contract name"))
            while self.comma(")"):
                contracts.append(self.path("a contract name"))
            self.expect(")", "after the overridden contracts")
        return contracts

    def _function_name(self) -> ast.Identifier:
        """The one name that may be `receive` or `fallback`, which nothing can call then."""
        if self.kind not in ("receive", "fallback"):
            return self.identifier("a function name")
        name = ast.Identifier(self.start, self.ends[self.at], self.kind)
        self.advance()
        return name

    def function(self) -> ast.Node:
        start, doc = self.start, self.tokens.docs.get(self.at)
        kind = self.kind
        at, end = self.start, self.ends[self.at]
        self.advance()
        if kind == "function":
            if self.kind == "(":
                self.fail(
                    "SL0120",
                    "a function without a name was the old fallback function",
                    hint="write `fallback() external { … }` or `receive() external payable { … }`",
                )
            name = self._function_name()
        else:
            name = ast.Identifier(at, end, "" if kind == "constructor" else kind)
        parameters = self.parameter_list()
        header = self._header(kind)
        returns = self._results() if self.take("returns") else []
        if not returns and kind == "function" and self.kind not in (";", "{"):
            returning = self.kind in ("return", "->", ":")
            self.fail(
                "SL0101", f"expected `{{` or `;` after the function header, found {self.describe()}",
                "write `returns (…)`" if returning else None,
            )  # fmt: skip
        body = None
        if not self.take(";"):
            body = self.block()
        return ast.Function(
            start, self.last_end, kind, name, parameters, header.visibility, header.mutability,
            header.virtual, header.override, header.modifiers, returns, body, doc,
        )  # fmt: skip

    def _results(self) -> list[ast.Parameter]:
        """The list behind `returns`, and what people forget about it."""
        if self.kind in ELEMENTARY:
            self.fail(
                "SL0101", f"expected `(` after `returns`, found {self.describe()}",
                f"write `returns ({self.text})`",
            )  # fmt: skip
        returns = self.parameter_list()
        if self.kind in _VISIBILITY or self.kind in _MUTABILITY or self.kind == "virtual":
            self.fail(
                "SL0101", f"expected `{{` or `;` after the results, found {self.describe()}",
                f"write `{self.text}` in front of `returns`",
            )  # fmt: skip
        return returns

    def _old_fallback(self) -> bool:
        """Whether `function (` starts a function without a name: a body, or nothing, follows its header."""
        ahead, level = 1, 0
        while True:
            kind = self.peek(ahead)
            level += (kind in ("(", "[")) - (kind in (")", "]"))
            if kind == END or (level == 0 and kind in ("{", ";", "=", IDENT)):
                return kind in ("{", ";")
            ahead += 1

    def _header(self, kind: str) -> _Header:
        header = _Header()
        while True:
            if self.kind in _VISIBILITY:
                if header.visibility is not None:
                    self.fail("SL0116", f"visibility is already `{header.visibility}`")
                header.visibility = self.kind
                self.advance()
            elif self.kind in _MUTABILITY:
                if header.mutability is not None:
                    self.fail("SL0116", f"mutability is already `{header.mutability}`")
                header.mutability = self.kind
                self.advance()
            elif self.kind == "constant":
                self.fail(
                    "SL0120", "`constant` functions were renamed", hint="write `view` or `pure`"
                )
            elif self.kind == "virtual":
                self.once("virtual", header.virtual)
                header.virtual = True
                self.advance()
            elif self.kind == "override":
                self.once("override", header.override is not None)
                header.override = self._override()
            elif self.kind == IDENT:
                start = self.start
                path = self.path("a modifier name")
                arguments = (
                    self.plain_arguments("a modifier or base contract")
                    if self.kind == "("
                    else None
                )
                header.modifiers.append(ast.Invocation(start, self.last_end, path, arguments))
            else:
                return header

    def _modifier(self) -> ast.Node:
        start, doc = self.start, self.tokens.docs.get(self.at)
        self.advance()
        name = self.identifier("a modifier name")
        parameters = self.parameter_list() if self.kind == "(" else []
        virtual, override = False, None
        while self.kind in ("virtual", "override"):
            if self.kind == "override":
                self.once("override", override is not None)
                override = self._override()
            else:
                self.once("virtual", virtual)
                virtual = True
                self.advance()
        body = None
        if not self.take(";"):
            body = self.block()
        return ast.Modifier(start, self.last_end, name, parameters, virtual, override, body, doc)


class _Header:
    """What may stand between a function's parameters and its `returns`."""

    def __init__(self) -> None:
        self.visibility: str | None = None
        self.mutability: str | None = None
        self.virtual = False
        self.override: list[list[ast.Identifier]] | None = None
        self.modifiers: list[ast.Invocation] = []
