"""A position in a token list: look, expect, recover.

`SyntaxStop` unwinds to the nearest place that knows where to go on (a statement or a member), so
one run reports every independent mistake.
"""

from __future__ import annotations

from typing import NoReturn

from compiler.diagnostics.errors import Reporter
from compiler.diagnostics.suggest import closest
from compiler.source import Span
from compiler.syntax import foreign
from compiler.syntax.ast import Identifier
from compiler.syntax.braces import mismatched
from compiler.syntax.lexer import hex_string_value
from compiler.syntax.tokens import CONTEXTUAL, END, IDENT, KEYWORDS, RESERVED, Tokens

MAX_NESTING = 256


class SyntaxStop(Exception):
    """An error was reported; the construct being parsed cannot be finished."""


class Cursor:
    """Reads `tokens` from index `at`. Methods named `take_*` move on only when they match."""

    def __init__(self, tokens: Tokens, reporter: Reporter) -> None:
        self.tokens = tokens
        self.kinds = tokens.kinds
        self.texts = tokens.texts
        self.starts = tokens.starts
        self.ends = tokens.ends
        self.reporter = reporter
        self.at = 0
        self.kind = self.kinds[0]
        self.depth = 0
        self.unclosed_at = -1

    # -- looking -------------------------------------------------------------------------------

    @property
    def start(self) -> int:
        """Where the current token starts."""
        return self.starts[self.at]

    @property
    def last_end(self) -> int:
        """Where the token before the current one ended."""
        return self.ends[self.at - 1] if self.at else self.starts[0]

    @property
    def text(self) -> str:
        return self.texts[self.at]

    @property
    def span(self) -> Span:
        return (self.starts[self.at], self.ends[self.at])

    def peek(self, ahead: int = 1) -> str:
        """The kind of a later token."""
        index = self.at + ahead
        return self.kinds[index] if index < len(self.kinds) else END

    def is_word(self, word: str) -> bool:
        """Whether the current token is this contextual keyword."""
        return self.kind == IDENT and self.texts[self.at] == word

    # -- moving --------------------------------------------------------------------------------

    def advance(self) -> None:
        if self.kind != END:
            self.at += 1
            self.kind = self.kinds[self.at]

    def take(self, kind: str) -> bool:
        """Step over the current token if it is of this kind."""
        if self.kind == kind:
            self.at += 1
            self.kind = self.kinds[self.at]
            return True
        return False

    def take_word(self, word: str) -> bool:
        if self.is_word(word):
            self.advance()
            return True
        return False

    def expect(self, kind: str, context: str = "") -> None:
        """Step over a token that must be there."""
        if self.kind == kind:
            self.at += 1
            self.kind = self.kinds[self.at]
            return
        if kind == ";":
            self.missing_semicolon(context)
            return
        where = f" {context}" if context else ""
        hint = (
            "a condition stands in parentheses"
            if context in ("after `if`", "after `while`")
            else None
        )
        self.fail("SL0101", f"expected `{kind}`{where}, found {self.describe()}", hint)

    def missing_semicolon(self, context: str, hint: str | None = None) -> None:
        """The usual mistake gets its own code, and a caret after the last token of the statement.

        If the next token is on another line, parsing goes on as if the semicolon were there."""
        end = self.last_end
        where = f" {context}" if context else ""
        if not self._swallowed():
            self.reporter.report(
                "SL0110",
                (end - 1, end),
                f"missing `;`{where}, found {self.describe()}",
                hint=hint or foreign.between(self.text) or "end the statement with `;`",
            )
        file = self.tokens.file
        if "\n" not in file.text[end - file.base : self.start - file.base]:
            raise SyntaxStop

    def brackets_behind(self, type_: Span, name: Identifier) -> None:
        """`uint256 xs[]`, as C has it."""
        if self.kind == "[":
            written = self.reporter.quoted(type_)
            self.fail(
                "SL0101", "the brackets of an array stand behind its type",
                f"write `{written}[…] {name.name}`" if self.peek() != "]" else f"write `{written}[] {name.name}`",
            )  # fmt: skip

    def _swallowed(self) -> bool:
        """Whether what is missing here lies in a string or comment that is never closed: that is told already."""
        if self.kind == END:
            return any(d.code == "SL0005" for d in self.reporter.diagnostics)
        before = self.texts[self.at - 1] if self.at else ""
        return before[:1] in ("'", '"') and (len(before) == 1 or before[-1] != before[0])

    def identifier(self, what: str) -> Identifier:
        """A name that must be there; reserved words and keywords are refused with a reason."""
        if self.kind == IDENT:
            text = self.texts[self.at]
            if text in RESERVED:
                self.fail(
                    "SL0103",
                    f"`{text}` is a reserved word and cannot be used as {what}",
                    hint=(what in ("an expression", "a type") and foreign.value(text))
                    or f"try `{text}_`",
                )
            node = Identifier(self.starts[self.at], self.ends[self.at], text)
            self.advance()
            return node
        if self.kind in KEYWORDS:
            self.fail(
                "SL0103",
                f"`{self.kind}` is a keyword and cannot be used as {what}",
                hint=f"try `{self.kind}_`",
            )
        self.fail("SL0102", f"expected {what}, found {self.describe()}")

    def path(self, what: str) -> list[Identifier]:
        """`a.b.c`"""
        names = [self.identifier(what)]
        while self.kind == ".":
            self.advance()
            names.append(self.identifier(what))
        return names

    def comma(self, close: str) -> bool:
        """Past a `,` if there is one, which must not be the last thing before `close`."""
        if not self.take(","):
            return False
        if self.kind == close:  # understood, and nothing is left out by going on
            self.reporter.report(
                "SL0106", self.span, f"`,` before `{close}`", hint="delete the trailing comma"
            )
            return False
        return True

    # -- braces --------------------------------------------------------------------------------

    def unclosed(self, start: int, what: str) -> None:
        """Report a `{` without its `}`, and where the braces stop fitting their columns. Once a place."""
        if self.unclosed_at == self.at or (self.kind == END and self._swallowed()):
            return
        self.unclosed_at = self.at
        found = f"before {self.describe()}" if self.kind != END else "at the end of the file"
        self.reporter.report(
            "SL0109", (start, start + 1), f"{what} is never closed: expected `}}` {found}",
            hint="count the braces: one `{` has no `}`",
            labels=() if self.kind == END else ((self.span, "this cannot stand inside a block"),),
            notes=self._suspect(),
        )  # fmt: skip

    def _suspect(self) -> tuple[str, ...]:
        pair = mismatched(self.tokens)
        if pair is None:
            return ()
        opened, closed = (self.tokens.file.line_column(span[0])[0] for span in pair)
        return (
            f"the `{{` of line {opened} is closed by the `}}` of line {closed}, in another column",
        )

    # -- failing -------------------------------------------------------------------------------

    def hex_string(self) -> bytes:
        """The bytes of the hex literal at the cursor, which stays on it."""
        value = hex_string_value(self.text)
        if value is None:
            self.fail(
                "SL0010",
                "hex string needs an even number of hexadecimal digits, with `_` only between bytes",
                hint='two digits a byte: hex"00ff", hex"00_ff"',
            )
        return value

    def describe(self) -> str:
        """The current token in words, for messages."""
        if self.kind == END:
            return "the end of the file"
        text = self.texts[self.at]
        return f"`{text if len(text) <= 40 else text[:37] + '...'}`"

    def fail(
        self, code: str, message: str, hint: str | None = None, span: Span | None = None
    ) -> NoReturn:
        """Report at the current token (or `span`) and unwind."""
        if self._swallowed():
            raise SyntaxStop
        if hint is None and self.kind == IDENT and code in ("SL0101", "SL0102", "SL0104", "SL0108"):
            hint = foreign.between(self.text) or (
                foreign.value(self.text) if code == "SL0108" else None
            )
            near = closest(self.text, KEYWORDS | CONTEXTUAL)
            if hint is None and code != "SL0108" and near and near != self.text:
                hint = f"did you mean `{near}`?"
        elif hint is None and code == "SL0108":
            hint = foreign.value(self.text)
        self.reporter.report(code, span or self.span, message, hint)
        raise SyntaxStop

    def recover(self) -> None:
        """What was being parsed is left out of the tree."""
        self.reporter.incomplete = True

    def enter(self) -> None:
        """Count one level of nesting; deep nesting is an error, never a crash."""
        self.depth += 1
        if self.depth > MAX_NESTING:
            self.reporter.report(
                "SL4001",
                self.span,
                f"nesting is deeper than {MAX_NESTING} levels",
                hint="split the expression or the statement",
            )
            self.reporter.stop()

    def leave(self) -> None:
        self.depth -= 1

    def opened_since(self, index: int) -> int:
        """How many braces were opened from a token on and are still open."""
        kinds = self.kinds[index : self.at]
        return max(0, kinds.count("{") - kinds.count("}"))

    def skip_to_statement_end(self, from_index: int) -> None:
        """After an error in a statement: past the next `;` on its level, or to the brace that closes it."""
        inside = self.opened_since(from_index)  # named arguments or call options, which hold no `;`
        while inside and self.kind not in (";", END):
            inside += (self.kind == "{") - (self.kind == "}")
            self.advance()
        level = 0
        while self.kind != END:
            if self.kind in ("{", "(", "["):
                level += 1
            elif self.kind in ("}", ")", "]"):
                if level == 0:
                    if self.kind == "}":
                        return
                else:
                    level -= 1
                    if self.kind == "}" and level == 0:
                        self.advance()
                        return
            elif self.kind == ";" and level == 0:
                self.advance()
                return
            self.advance()
