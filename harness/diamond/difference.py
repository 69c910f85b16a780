"""What separates a deployed Diamond from a build: facet by facet, function by function, and in storage."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from compiler.diagnostics.errors import CompileError
from compiler.layout_commands import of_sources
from compiler.layouts.difference import Change, compare
from compiler.layouts.document import Document, UnreadableLayout, loads
from compiler.options import CompileOptions
from harness.diamond.code import has_code_of
from harness.diamond.diamond import Diamond
from harness.diamond.economy import Artifacts, declared_functions
from harness.diamond.upgrade import routes_of
from harness.errors import BuildFailed, ConfigError
from harness.protocol.addresses import Address


@dataclass
class FacetChange:
    """One facet that is not as the build makes it. `address` is where the Diamond has it now, if it has.

    `added` are signatures it does not answer yet, `removed` selectors that the build does not know."""

    name: str
    address: Address | None
    old_bytes: int
    new_bytes: int
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self) -> list[str]:
        """For people."""
        if self.address is None:
            head = f"new      {self.name}, {self.new_bytes} bytes"
        elif not self.new_bytes:
            head = f"gone     {self.name} at {self.address}, {self.old_bytes} bytes"
        else:
            head = f"changed  {self.name} at {self.address}, {self.old_bytes} -> {self.new_bytes} bytes"
        return [head, *(f"  + {s}" for s in self.added), *(f"  - {s}" for s in self.removed)]


def facet_changes(diamond: Diamond, artifacts: Artifacts) -> list[FacetChange]:
    """Facets whose code or functions differ; empty when the Diamond is what the build makes. Reads only."""
    routes = routes_of(diamond)
    found: list[FacetChange] = []
    for name, functions in declared_functions(artifacts).items():
        answering = {routes[f.selector] for f in functions if f.selector in routes}
        missing = [f.signature for f in functions if f.selector not in routes]
        same = [a for a in sorted(answering) if has_code_of(diamond.chain, a, artifacts[name])]
        if not missing and answering == set(same):
            continue
        where = next((a for a in sorted(answering) if a not in same), None) or next(
            iter(same), None
        )
        old = len(diamond.chain.code(where)) if where else 0
        found.append(FacetChange(name, where, old, len(artifacts[name].runtime), missing))
    return found + _undeclared(diamond, artifacts, routes)


def _undeclared(
    diamond: Diamond, artifacts: Artifacts, routes: dict[bytes, Address]
) -> list[FacetChange]:
    """Facets with functions that no facet of the build declares."""
    declared = declared_functions(artifacts).values()
    known = {function.selector for functions in declared for function in functions}
    strange: dict[Address, list[str]] = {}
    for selector, facet in routes.items():
        if selector not in known:
            strange.setdefault(facet, []).append(f"0x{selector.hex()}")
    return [
        FacetChange("an undeclared facet", a, len(diamond.chain.code(a)), 0, [], sorted(selectors))
        for a, selectors in sorted(strange.items())
    ]


# -- storage ---------------------------------------------------------------------------------------------


def shipped_layout(root: Path) -> Document:
    """Where the project's contracts keep their state, mocks left out. BuildFailed when they do not compile."""
    sources = (root / "contracts").rglob("*.sol")
    files = sorted(str(path) for path in sources if "mocks" not in path.parts)
    try:
        return of_sources(files, CompileOptions(allowed_roots=(str(root / "contracts"),)))
    except CompileError as problem:
        raise BuildFailed(str(problem)) from None


def storage_changes(layout: Path, root: Path) -> list[Change]:
    """What the build does to data stored under a recorded layout. ConfigError when that cannot be read."""
    try:
        old = loads(layout.read_text(encoding="utf-8"))
    except (UnreadableLayout, OSError, UnicodeDecodeError) as problem:
        raise ConfigError(f"{layout}: {problem}") from None
    return compare(old, shipped_layout(root))
