"""Which file an `import` means, and reading it.

Paths starting with `./` or `../` are relative to the importing file; others are tried against the
remappings, then as they stand, then under each include folder. Nothing outside the allowed roots is
read, links resolved first; nothing is ever fetched.
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from compiler.diagnostics.errors import Reporter
from compiler.diagnostics.suggest import closest
from compiler.options import CompileOptions
from compiler.source import MAX_FILE_CHARACTERS, SourceFile, SourceSet

if TYPE_CHECKING:  # who finds a kept result needs no parser
    from compiler.syntax import ast

NOT_TEXT = "is not UTF-8 text"
MAX_TOTAL_CHARACTERS = 16 << 20
MAX_TOTAL_TOKENS = 2_000_000
MAX_FOLDERS = 50  # looked into for a suggestion


class SourceLoader:
    """Finds sources: given texts first, then files under the allowed roots. `loaded` holds every answer."""

    def __init__(self, given: Mapping[str, str], options: CompileOptions) -> None:
        self.given = dict(given)
        self.options = options
        self.loaded: dict[str, str | None] = {}
        self._not_text: set[str] = set()
        self.roots = [os.path.realpath(root) for root in options.allowed_roots]

    def candidates(self, path: str, importer: str) -> list[str]:
        """The names an import may stand for, in the order they are tried."""
        if path.startswith(("./", "../")):
            name = posixpath.normpath(posixpath.join(posixpath.dirname(importer), path))
            while name.startswith("../") and not importer.startswith("../"):
                name = name[3:]  # there is nothing above the first folder, as in solc
            return [name]
        remapped = self._remap(path, importer)
        names = [remapped] if remapped != path else [path]
        names += [posixpath.join(folder, remapped) for folder in self.options.include_paths]
        return names

    def _remap(self, path: str, importer: str) -> str:
        """The longest matching `context:prefix=target` wins."""
        best: tuple[int, int, str] | None = None
        for remapping in self.options.remappings:
            left, _, target = remapping.partition("=")
            context, colon, prefix = left.partition(":")
            if not colon:
                context, prefix = "", left
            if path.startswith(prefix) and importer.startswith(context):
                rank = (len(context), len(prefix), target + path[len(prefix) :])
                if best is None or rank[:2] > best[:2]:
                    best = rank
        return best[2] if best else path

    def load(self, name: str) -> str | None:
        """The text of a source, or None where there is none to be had."""
        text = self.loaded[name] = self._load(name)
        return text

    def _load(self, name: str) -> str | None:
        if name in self.given:
            text = self.given[name]
            if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
                self._not_text.add(name)
                return None
            return text
        if not self.roots or "\0" in name:
            return None
        full = os.path.realpath(os.path.join(self.options.base_path, name))
        if not self._allowed(full):
            return None
        try:
            if not stat.S_ISREG(os.stat(full).st_mode):  # a pipe would wait, a device never end
                return None
            with open(full, "rb") as file:
                data = file.read(4 * MAX_FILE_CHARACTERS + 4)
        except (OSError, ValueError):
            return None
        try:
            return data.decode()
        except UnicodeDecodeError:
            if len(data) > 4 * MAX_FILE_CHARACTERS:  # cut in a character, and too long in any case
                return data.decode(errors="replace")
            self._not_text.add(name)
        return None

    def neighbours(self, name: str) -> list[str]:
        """Sources that an import of `name` may have been meant for: all that were given, and files in its
        folder and in folders beside that."""
        found = list(self.given)
        folder = posixpath.dirname(name)
        for near in (folder, *self._folders(posixpath.dirname(folder))):
            found += [f for f in self._listed(near) if f.endswith(".sol")]
        return found

    def _folders(self, parent: str) -> list[str]:
        return [f for f in self._listed(parent) if not f.endswith(".sol")][:MAX_FOLDERS]

    def _listed(self, folder: str) -> list[str]:
        """What a folder holds, if it may be read."""
        full = os.path.realpath(os.path.join(self.options.base_path, folder))
        if not self._allowed(full):
            return []
        try:
            return [posixpath.join(folder, entry) for entry in sorted(os.listdir(full))]
        except OSError:
            return []

    def _allowed(self, full: str) -> bool:
        """Whether a resolved path lies under one of the allowed roots."""
        return any(
            full == root or full.startswith(root.rstrip(os.sep) + os.sep) for root in self.roots
        )

    def why_not(self, name: str) -> str:
        """What is wrong with a source that `load` had no text for."""
        return NOT_TEXT if name in self._not_text else "not found"


def encoding_hint(why: str) -> str | None:
    """What to do about a source that is there and is no text."""
    return "save it in the encoding UTF-8, without a byte order mark" if why == NOT_TEXT else None


def load_all(
    entries: list[str],
    loader: SourceLoader,
    sources: SourceSet,
    reporter: Reporter,
    check: Callable[[ast.SourceUnit, Reporter], None],
) -> tuple[dict[str, ast.SourceUnit], dict[str, dict[str, str]]]:
    """Parse the entries and everything they import; each tree goes through `check` before its
    imports are followed.

    Gives the trees by path, and per file which path each of its imports turned out to mean."""
    from compiler.syntax import ast
    from compiler.syntax.lexer import tokenize
    from compiler.syntax.parser import parse

    trees: dict[str, ast.SourceUnit] = {}
    links: dict[str, dict[str, str]] = {}
    todo: list[str] = []
    total = token_count = 0
    for name in entries:
        text = loader.load(name)
        if text is None:
            why = loader.why_not(name)
            reporter.report("SL0212", None, f"source file `{name}` {why}", hint=encoding_hint(why))
            reporter.incomplete = True
            continue
        if name not in sources.by_path:
            sources.add(name, text)
            todo.append(name)
    while todo:
        name = todo.pop(0)
        file = sources.by_path[name]
        total += len(file.text)
        if total > MAX_TOTAL_CHARACTERS:
            reporter.report(
                "SL4002", None, f"sources have more than {MAX_TOTAL_CHARACTERS} characters in all"
            )
            reporter.stop()
        tokens = tokenize(file, reporter)
        token_count += len(tokens)
        if token_count > MAX_TOTAL_TOKENS:
            reporter.report(
                "SL4002", None, f"sources have more than {MAX_TOTAL_TOKENS} words and signs in all"
            )
            reporter.stop()
        tree = trees[name] = parse(tokens, reporter)
        errors = reporter.error_count
        check(tree, reporter)
        if reporter.error_count > errors:
            reporter.incomplete = True
        links[name] = {}
        for item in tree.items if reporter.error_count == errors else ():
            if isinstance(item, ast.Import):
                target = _find(item, name, loader, sources, reporter)
                if target is None:
                    reporter.incomplete = True
                else:
                    links[name][item.path] = target.path
                    if target.path not in trees and target.path not in todo:
                        todo.append(target.path)
    if reporter.incomplete:
        reporter.stop_on_errors()
    return trees, links


def _import_hint(path: str, tried: list[str], importer: str, loader: SourceLoader) -> str:
    """A source that is there under nearly the same name, or where packages are looked for."""
    for name in tried:
        near = closest(name, loader.neighbours(name))
        if near is None:
            continue
        if path.startswith(("./", "../")):
            near = posixpath.relpath(near, posixpath.dirname(importer) or ".")
            near = near if near.startswith("../") else f"./{near}"
        return f"did you mean `{near}`?"
    if path.startswith(("./", "../")):
        return "check the path: it starts from the folder of this file"
    package = path.split("/", 1)[0]
    return f"say where it is: `--include-path node_modules`, or a remapping `{package}/=…`"


def _find(
    node: ast.Import, importer: str, loader: SourceLoader, sources: SourceSet, reporter: Reporter
) -> SourceFile | None:
    names = loader.candidates(node.path, importer)
    for name in names:
        if name in sources.by_path:
            return sources.by_path[name]
        text = loader.load(name)
        if text is not None:
            return sources.add(name, text)
    reasons = [r for r in map(loader.why_not, names) if r != "not found"]
    reporter.report(
        "SL0212", node.span, f"file `{node.path}` {reasons[-1] if reasons else 'not found'}",
        hint=encoding_hint(reasons[-1]) if reasons else _import_hint(node.path, names, importer, loader),
        notes=tuple(f"tried {name}" for name in names),
    )  # fmt: skip
    return None
