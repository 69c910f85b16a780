"""One source text, with what the tree leaves out: where its tokens are, and its comments."""

from __future__ import annotations

from bisect import bisect_left

from compiler.ast_json.comments import Comment, last_comment
from compiler.diagnostics.errors import Reporter
from compiler.source import SourceFile, SourceSet, Span
from compiler.syntax.lexer import tokenize
from compiler.syntax.tokens import STRING, Tokens

NOWHERE = "-1:-1:-1"


class Text:
    """Positions are the build's, as in the tree."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.tokens: Tokens = tokenize(file, Reporter(SourceSet()))

    def src(self, span: Span) -> str:
        """`start:length:file`, counted in bytes."""
        start = self.file.byte_offset(span[0])
        return f"{start}:{self.file.byte_offset(span[1]) - start}:{self.file.index}"

    def written(self, span: Span) -> str:
        """What stands there."""
        return self.file.text[span[0] - self.file.base : span[1] - self.file.base]

    def at(self, pos: int) -> int:
        """The index of the first token that starts at `pos` or later."""
        return bisect_left(self.tokens.starts, pos)

    def token(self, index: int) -> Span:
        return self.tokens.starts[index], self.tokens.ends[index]

    def find(self, kind: str, pos: int, end: int) -> Span | None:
        """The first token of a kind in a stretch."""
        for index in range(self.at(pos), len(self.tokens)):
            if self.tokens.starts[index] >= end:
                return None
            if self.tokens.kinds[index] == kind:
                return self.token(index)
        return None

    def brackets(self, pos: int) -> Span:
        """From the first `(` at or after `pos` to the `)` that closes it."""
        index = self.at(pos)
        while self.tokens.kinds[index] != "(":
            index += 1
        start, level = self.tokens.starts[index], 0
        while True:
            kind = self.tokens.kinds[index]
            level += (kind == "(") - (kind == ")")
            if level == 0:
                return start, self.tokens.ends[index]
            index += 1

    def strings(self, pos: int, end: int) -> list[str] | None:
        """The string literals in the brackets of a stretch; None where it has no brackets."""
        start = self.find("(", pos, end)
        if start is None:
            return None
        indices = range(self.at(start[0]), self.at(end))
        kinds, texts = self.tokens.kinds, self.tokens.texts
        return [texts[i][1:-1] for i in indices if kinds[i] == STRING]

    def following(self, pos: int) -> Span:
        """The token at `pos` or after it."""
        return self.token(self.at(pos))

    def before(self, pos: int) -> Span:
        """The token that ends at `pos` or before it."""
        return self.token(self.at(pos) - 1)

    def comment(self, pos: int) -> Comment | None:
        """The documentation before the token that starts at `pos`."""
        index = self.at(pos)
        if index not in self.tokens.docs:
            return None
        base = self.file.base
        start = self.tokens.ends[index - 1] - base if index else 0
        return last_comment(self.file.text, start, pos - base)

    def comment_span(self, comment: Comment) -> Span:
        return comment.start + self.file.base, comment.end + self.file.base
