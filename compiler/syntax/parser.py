"""Tokens to a source unit: pragmas, imports, contracts."""

from __future__ import annotations

import re

from compiler.diagnostics.errors import Reporter
from compiler.syntax import ast
from compiler.syntax.cursor import SyntaxStop
from compiler.syntax.lexer import string_value
from compiler.syntax.members import ITEM, MemberParser
from compiler.syntax.tokens import ELEMENTARY, END, IDENT, STRING, Tokens

_LICENCE = re.compile(r"[a-zA-Z0-9 ()+.-]+")
_ONLY_AT_FILE_LEVEL = ("contract", "interface", "library", "abstract", "import", "pragma")


def parse(tokens: Tokens, reporter: Reporter) -> ast.SourceUnit:
    """Parse one file. Errors go to `reporter`; the tree holds what could be understood."""
    return Parser(tokens, reporter).source_unit()


class Parser(MemberParser):
    """Grammar of a file."""

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
        member = self.shared_member()
        if member is not None:
            return member
        if kind == "function":
            return self.function()
        if kind in ELEMENTARY or kind in (IDENT, "mapping"):
            return self.variable(at_file_level=True)
        if kind == "}":
            self.reporter.report(
                "SL0112", self.span, "this `}` closes nothing", notes=self._suspect(),
                hint="one `}` above is too many, or this one is",
            )  # fmt: skip
            raise SyntaxStop
        self.fail("SL0112", f"expected {ITEM}, found {self.describe()}")

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
                members.append(self.member())
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
