"""Two exception families: `CompileError` is the author's mistake, `InternalCompilerError` is ours.

Exception
+-- CompileError            the source is wrong or unsupported; carries diagnostics
+-- InternalCompilerError   the compiler is wrong; never shown as the user's fault
"""

from __future__ import annotations

from compiler.diagnostics.codes import CODES
from compiler.source import SourceSet, Span

MAX_ERRORS = 50
MAX_QUOTED = 48


class Diagnostic:
    """One message: a stable code, a sentence, where it is, and what to do about it."""

    __slots__ = ("code", "hint", "labels", "message", "notes", "severity", "span")

    def __init__(
        self,
        code: str,
        message: str,
        span: Span | None,
        hint: str | None = None,
        labels: tuple[tuple[Span, str], ...] = (),
        notes: tuple[str, ...] = (),
    ) -> None:
        self.code = code
        self.severity = CODES[code].severity
        self.message = message
        self.span = span
        self.hint = hint
        self.labels = labels
        self.notes = notes


class CompileError(Exception):
    """The source cannot be compiled; `diagnostics` says why, `sources` locates them."""

    def __init__(self, diagnostics: list[Diagnostic], sources: SourceSet) -> None:
        self.diagnostics = diagnostics
        self.sources = sources
        super().__init__(str(self))

    def __str__(self) -> str:
        from compiler.diagnostics.render import render_text

        return render_text(self.diagnostics, self.sources)


class InternalCompilerError(Exception):
    """A broken invariant inside the compiler."""


class StageStop(Exception):
    """Unwinds to the end of the current declaration after a diagnostic was recorded."""


class Reporter:
    """Collects diagnostics during one build.

    `incomplete`: a syntax error left something out of a tree, so what is missing later means nothing."""

    __slots__ = ("_seen", "diagnostics", "error_count", "incomplete", "sources")

    def __init__(self, sources: SourceSet) -> None:
        self.sources = sources
        self.diagnostics: list[Diagnostic] = []
        self.error_count = 0
        self.incomplete = False
        self._seen: set[tuple[str, Span | None, str]] = set()

    def report(
        self,
        code: str,
        span: Span | None,
        message: str,
        hint: str | None = None,
        labels: tuple[tuple[Span, str], ...] = (),
        notes: tuple[str, ...] = (),
    ) -> None:
        """Record one diagnostic; the same one twice is recorded once."""
        key = (code, span, message)
        if key in self._seen:
            return
        self._seen.add(key)
        diagnostic = Diagnostic(code, message, span, hint, labels, notes)
        self.diagnostics.append(diagnostic)
        if diagnostic.severity == "error":
            self.error_count += 1
            if self.error_count >= MAX_ERRORS:
                self.stop()

    def quoted(self, span: Span, otherwise: str = "…") -> str:
        """The author's own text for use in a hint, if it is short enough to be read there."""
        text = self.sources.text(span)
        return text if len(text) <= MAX_QUOTED and "\n" not in text else otherwise

    def must_have_errors(self) -> None:
        """What was just left out of the program has been reported; if not, going on would make other code
        than was written."""
        if not self.error_count:
            raise InternalCompilerError("something was left out of the program without an error")

    def stop(self) -> None:
        """Raise what was collected."""
        raise CompileError(self.in_order(), self.sources)

    def stop_on_errors(self) -> None:
        """Raise if any error was recorded; warnings alone pass."""
        if self.error_count:
            self.stop()

    def in_order(self) -> list[Diagnostic]:
        """Diagnostics by position, errors and warnings together."""
        return sorted(self.diagnostics, key=lambda d: d.span or (0, 0))
