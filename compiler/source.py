"""Source files and positions.

Every file of a build gets its own stretch of one number line, so a position is a single integer
that says both which file and where in it. Spans are `(pos, end)` pairs of such integers.
"""

from __future__ import annotations

from bisect import bisect_right

Span = tuple[int, int]
MAX_FILE_CHARACTERS = 1 << 20


class SourceFile:
    """One source text. `base` is where its stretch of positions starts; `index` its file number."""

    __slots__ = ("_byte_offsets", "_line_starts", "base", "index", "path", "text")

    def __init__(self, path: str, text: str, base: int = 0, index: int = 0) -> None:
        self.path = path
        self.text = text
        self.base = base
        self.index = index
        self._line_starts: list[int] | None = None
        self._byte_offsets: list[int] | None = None

    @property
    def end(self) -> int:
        """The position one past the last character."""
        return self.base + len(self.text)

    def line_starts(self) -> list[int]:
        """Character offset of each line's first character."""
        if self._line_starts is None:
            starts = [0]
            find = self.text.find
            at = find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = find("\n", at + 1)
            self._line_starts = starts
        return self._line_starts

    def line_column(self, pos: int) -> tuple[int, int]:
        """One-based line and column (in code points) of a position."""
        offset = pos - self.base
        starts = self.line_starts()
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """The text of a one-based line, without its line end."""
        starts = self.line_starts()
        start = starts[line - 1]
        end = starts[line] - 1 if line < len(starts) else len(self.text)
        return self.text[start:end].rstrip("\r")

    def byte_offset(self, pos: int) -> int:
        """Offset in UTF-8 bytes, which is what source maps and solc's JSON count in."""
        offset = pos - self.base
        if self.text.isascii():
            return offset
        if self._byte_offsets is None:
            total = 0
            offsets = [0]
            for character in self.text:
                total += len(character.encode())
                offsets.append(total)
            self._byte_offsets = offsets
        return self._byte_offsets[offset]


class SourceSet:
    """The files of one build, in the order they were added."""

    __slots__ = ("_bases", "by_path", "files")

    def __init__(self) -> None:
        self.files: list[SourceFile] = []
        self.by_path: dict[str, SourceFile] = {}
        self._bases: list[int] = []

    def add(self, path: str, text: str) -> SourceFile:
        """Give `text` the next free stretch of positions."""
        base = self.files[-1].end + 1 if self.files else 1
        file = SourceFile(path, text, base, len(self.files))
        self.files.append(file)
        self.by_path[path] = file
        self._bases.append(base)
        return file

    def file_at(self, pos: int) -> SourceFile:
        """The file a position lies in."""
        return self.files[max(bisect_right(self._bases, pos) - 1, 0)]

    def text(self, span: Span) -> str:
        """The author's own text."""
        file = self.file_at(span[0])
        return file.text[span[0] - file.base : span[1] - file.base]

    def where(self, pos: int) -> str:
        """`path:line:column` of a position."""
        file = self.file_at(pos)
        line, column = file.line_column(pos)
        return f"{file.path}:{line}:{column}"
