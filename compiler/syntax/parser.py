"""Tokens to a source unit: pragmas, imports, contracts and their members."""

from __future__ import annotations

import re

from compiler.diagnostics.errors import Reporter
from compiler.syntax import ast, foreign
from compiler.syntax.cursor import SyntaxStop
from compiler.syntax.lexer import string_value
from compiler.syntax.statements import StatementParser
from compiler.syntax.tokens import ELEMENTARY, END, IDENT, STRING, Tokens

_LICENCE = re.compile(r"[a-zA-Z0-9 ()+.-]+")
_VISIBILITY = frozenset(("public", "private", "internal", "external"))
_MUTABILITY = frozenset(("pure", "view", "payable"))
# `transient` is a word of the language only where more of the declaration follows.
_AFTER_TRANSIENT = frozenset(
    (IDENT, "public", "private", "internal", "constant", "immutable", "override")
)
_ONLY_AT_FILE_LEVEL = ("contract", "interface", "library", "abstract", "import", "pragma")
_ITEM = "a contract, facet, import or definition"
_MEMBER = "a function, variable, event, error, struct or enum"
_OPERATORS = frozenset(
    ("==", "!=", "<", ">", "<=", ">=", "|", "&", "^", "~", "+", "-", "*", "/", "%")
)


def parse(tokens: Tokens, reporter: Reporter) -> ast.SourceUnit:
    """Parse one file. Errors go to `reporter`; the tree holds what could be understood."""
    return Parser(tokens, reporter).source_unit()


class Parser(StatementParser):
    """Grammar of a file."""

    def __init__(self, tokens: Tokens, reporter: Reporter) -> None:
        super().__init__(tokens, reporter)

    def source_unit(self) -> ast.SourceUnit:
        start = self.start
        items: list[ast.Node] = []
        while self.kind != END:
            at = self.at
            if self._stray_semicolon("SL0112"):
                continue
            try:
                items.append(self._item())
            except SyntaxStop:
                self.recover()
                self.depth = 0
                self._skip_to_item(at)
        return ast.SourceUnit(
            start, self.last_end, items, self.tokens.file.path, self._licence(items)
        )

    def _licence(self, items: list[ast.Node]) -> str | None:
        """The SPDX identifier of the file; comments inside an item do not state one."""
        stated = [
            (pos, text) for pos, text in self.tokens.licences
            if not any(item.pos <= pos < item.end for item in items)
        ]  # fmt: skip
        if not stated:
            return None
        pos, text = stated[-1]
        span = (pos, pos + len(text))
        if len(stated) > 1:
            self.reporter.report(
                "SL0123", span, "the file states more than one SPDX licence identifier",
                hint="join them with AND or OR in one comment",
            )  # fmt: skip
        elif not _LICENCE.fullmatch(text):
            self.reporter.report(
                "SL0123", span, "malformed SPDX licence identifier",
                hint="identifiers have letters, digits, spaces and `+ - . ( )`; see https://spdx.org",
            )  # fmt: skip
        return text

    def _skip_to_item(self, from_index: int) -> None:
        """To a word that starts an item at the beginning of a line."""
        if self.at == from_index:
            self.advance()
        while self.kind != END and not self._item_starts_line():
            self.advance()

    def _item_starts_line(self) -> bool:
        offset = self.start - self.tokens.file.base
        if offset and self.tokens.file.text[offset - 1] != "\n":
            return False
        return self.kind in _ONLY_AT_FILE_LEVEL or self.is_word("facet")

    # -- items ---------------------------------------------------------------------------------

    def _item(self) -> ast.Node:
        kind = self.kind
        if kind == "pragma":
            return self._pragma()
        if kind == "import":
            return self._import()
        if kind in ("contract", "interface", "library", "abstract"):
            return self._contract()
        if self.is_word("facet") and self.peek() in (IDENT, "{"):
            return self._contract()
        member = self._shared_member()
        if member is not None:
            return member
        if kind == "function":
            return self._function()
        if kind in ELEMENTARY or kind in (IDENT, "mapping"):
            return self._variable(at_file_level=True)
        if kind == "}":
            self.reporter.report(
                "SL0112", self.span, "this `}` closes nothing", notes=self._suspect(),
                hint="one `}` above is too many, or this one is",
            )  # fmt: skip
            raise SyntaxStop
        self.fail("SL0112", f"expected {_ITEM}, found {self.describe()}")

    def _pragma(self) -> ast.Node:
        start = self.start
        self.advance()
        name = self.identifier("a pragma name")
        first = self.start
        while self.kind not in (";", END) and not self._item_starts_line():
            self.advance()
        base = self.tokens.file.base
        text = self.tokens.file.text[first - base : self.start - base].strip()
        self.expect(";", "after the pragma")
        return ast.Pragma(start, self.last_end, name.name, text)

    def _import(self) -> ast.Node:
        start = self.start
        self.advance()
        alias: ast.Identifier | None = None
        symbols: list[tuple[ast.Identifier, ast.Identifier | None]] | None = None
        if self.kind == STRING:
            path = self._import_path()
            if self.take("as"):
                alias = self.identifier("an import alias")
        elif self.take("*"):
            self.expect("as", "after `import *`")
            alias = self.identifier("an import alias")
            self._expect_from()
            path = self._import_path()
        else:
            self.expect("{", "after `import`")
            symbols = []
            while not symbols or self.comma("}"):
                name = self.identifier("a name to import")
                renamed = self.identifier("an alias") if self.take("as") else None
                symbols.append((name, renamed))
            self.expect("}", "after the imported names")
            self._expect_from()
            path = self._import_path()
        self.expect(";", "after the import")
        return ast.Import(start, self.last_end, path, alias, symbols)

    def _expect_from(self) -> None:
        if not self.take_word("from"):
            self.fail("SL0101", f"expected `from`, found {self.describe()}")

    def _import_path(self) -> str:
        if self.kind != STRING:
            self.fail("SL0101", f"expected the path of the file to import, found {self.describe()}")
        path = string_value(self.text, self.span, self.reporter).decode("utf-8", "replace")
        if not path:
            self.fail("SL0113", "import path is empty")
        self.advance()
        return path

    def _contract(self) -> ast.Node:
        start, doc = self.start, self.tokens.docs.get(self.at)
        abstract = self.take("abstract")
        kind = "facet" if self.is_word("facet") else self.kind
        if kind not in ("contract", "interface", "library", "facet"):
            self.fail("SL0101", f"expected `contract` after `abstract`, found {self.describe()}")
        self.advance()
        if kind == "facet" and self.kind != IDENT:
            self.fail("SL0117", "`facet` needs a name", hint="write `facet Name { … }`")
        name = self.identifier(f"a {kind} name")
        bases: list[ast.Base] = []
        layout: ast.Expr | None = None
        while self.kind != "{":
            if self.kind == "is":
                self.once("is", bool(bases))
                self.advance()
                bases.append(self._base())
                while self.take(","):
                    bases.append(self._base())
            elif self.is_word("layout"):
                self.once("layout", layout is not None)
                self.advance()
                if not self.take_word("at"):
                    self.fail("SL0101", f"expected `at` after `layout`, found {self.describe()}")
                layout = self.expression()
            else:
                hint = "write `is`" if self.kind == ":" else None
                self.fail(
                    "SL0101", f"expected `{{` after the {kind} name, found {self.describe()}", hint
                )
        members = self._members(start)
        return ast.Contract(start, self.last_end, kind, name, abstract, bases, layout, members, doc)

    def _base(self) -> ast.Base:
        start = self.start
        path = self.path("a contract name")
        arguments = self.plain_arguments("a base contract") if self.kind == "(" else None
        return ast.Base(start, self.last_end, path, arguments)

    def _members(self, start: int) -> list[ast.Node]:
        self.expect("{", "before the members")
        members: list[ast.Node] = []
        while self.kind not in ("}", END, *_ONLY_AT_FILE_LEVEL):
            at, depth = self.at, self.depth
            if self._stray_semicolon("SL0114"):
                continue
            try:
                members.append(self._member())
            except SyntaxStop:
                self.recover()
                self.depth = depth
                self._skip_member(at)
        if self.kind != "}":
            self.unclosed(start, "contract")
            self.recover()
            return members
        self.advance()
        return members

    def _stray_semicolon(self, code: str) -> bool:
        """Past a `;` that ends nothing, mostly behind a `}` as in C; nothing is left out by that."""
        if self.kind != ";":
            return False
        self.reporter.report(code, self.span, "this `;` ends nothing", hint="delete it")
        while self.take(";"):
            pass
        return True

    def _skip_member(self, from_index: int) -> None:
        """After an error: past the `;` or the braces that end the member."""
        if self.at == from_index:
            self.advance()
            if self.kind == "(":  # a statement that stands here: its `;`s are not the member's end
                self._skip_parentheses()
        level = self.opened_since(from_index)
        while self.kind != END and not (level == 1 and self._member_starts()):
            if self.kind == "{":
                level += 1
            elif self.kind == "}":
                if level == 0:
                    return
                level -= 1
                if level == 0:
                    self.advance()
                    return
            elif self.kind == ";" and level == 0:
                self.advance()
                return
            self.advance()

    def _skip_parentheses(self) -> None:
        level = 0
        while self.kind not in (END, "{", "}"):
            level += (self.kind == "(") - (self.kind == ")")
            self.advance()
            if level == 0:
                return

    # -- members -------------------------------------------------------------------------------

    def _member(self) -> ast.Node:
        kind = self.kind
        if kind == "function" and self.peek() == "(" and not self._old_fallback():
            return self._variable()
        if kind in ("function", "constructor"):
            return self._function()
        if kind in ("receive", "fallback") and self.peek() == "(":
            return self._function()
        if kind == "modifier":
            return self._modifier()
        member = self._shared_member()
        if member is not None:
            return member
        if kind in ELEMENTARY or kind in (IDENT, "mapping"):
            return self._variable()
        hint = None
        if kind in _VISIBILITY or kind in _MUTABILITY or kind in ("constant", "immutable"):
            hint = f"`{kind}` stands behind a function's parameters or a variable's type"
        elif kind in foreign.STATEMENTS:
            hint = foreign.IN_FUNCTIONS
        self.fail("SL0114", f"expected {_MEMBER}, found {self.describe()}", hint)

    def _shared_member(self) -> ast.Node | None:
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

    def _variable(self, at_file_level: bool = False) -> ast.Node:
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
            code, expected = ("SL0112", _ITEM) if at_file_level else ("SL0114", _MEMBER)
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

    def _function(self) -> ast.Node:
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
