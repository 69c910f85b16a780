"""Documentation comments: tags that exist, and names that are those of what they document.

Tools show these texts to people who sign; one that speaks of another parameter is an error, as for solc. The text is
taken apart exactly as solc does it, down to what counts as a continued line.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from compiler.diagnostics.errors import Reporter
from compiler.semantics.getters import getter_results, getter_value
from compiler.semantics.symbols import (
    CallableSymbol,
    ContractSymbol,
    ErrorSymbol,
    EventSymbol,
    FunctionSymbol,
    ModifierSymbol,
    Symbol,
    UnitSymbol,
    VariableSymbol,
)
from compiler.semantics.types import StructType
from compiler.syntax import ast

_FUNCTION = frozenset(("dev", "notice", "return", "param", "inheritdoc"))
_CUSTOM = re.compile(r"custom:[a-z][a-z-]*\Z")
_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*|")


class Tag(NamedTuple):
    """`@name content`; `parameter` is the first word of a `@param`."""

    name: str
    content: str
    parameter: str = ""


class Malformed(Exception):
    """A `@param` without a name or a description; the message says which."""


def parse_tags(text: str) -> list[Tag]:
    """The tags of a comment in order; text in front of the first one is a `@notice`."""
    tags: list[Tag] = []
    at = 0
    while at < len(text):
        line_end = _line_end(text, at)
        mark = text.find("@", at, line_end)
        if mark >= 0:
            name_end = _until_space(text, mark)
            name = text[mark + 1 : name_end]
            at = min(name_end + 1, len(text))
            if name == "param":
                at = _parameter(text, at, tags)
                continue
            stop = _line_end(text, at)
            if not name and tags:  # a lone `@` is no tag
                _append(tags, text, at, stop)
                at = stop + 1
                continue
            tags.append(Tag(name, text[at:stop].lstrip(" \t")))
            at = stop + 1
        elif tags:
            _append(tags, text, at, line_end)
            at = line_end + 1
        else:
            if at == 0:
                tags.append(Tag("notice", text[:line_end].lstrip(" \t")))
            at = line_end + 1
    return tags


def _append(tags: list[Tag], text: str, at: int, stop: int) -> None:
    """A line that goes on with the last tag."""
    gap = "" if text[at : at + 1] in ("", " ", "\t") else " "
    tags[-1] = tags[-1]._replace(content=tags[-1].content + gap + text[at:stop])


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def _until_space(text: str, at: int) -> int:
    while at < len(text) and text[at] not in " \t\n":
        at += 1
    return at


def _parameter(text: str, at: int, tags: list[Tag]) -> int:
    """One `@param`; where the text goes on."""
    while at < len(text) and text[at] in " \t":
        at += 1
    if at == len(text):
        raise Malformed("`@param` has no name")
    found = _NAME.match(text, at)
    name = found[0] if found else ""
    at += len(name)
    while at < len(text) and text[at] in " \t":
        at += 1
    stop = _line_end(text, at)
    if at == stop:
        raise Malformed(f"`@param {name}` has no description")
    tags.append(Tag("param", text[at:stop], name))
    return stop + 1


# -- checking ------------------------------------------------------------------------------------------


def check_documentation(units: list[UnitSymbol], reporter: Reporter) -> None:
    """Every documented definition; the signatures are known."""
    for unit in units:
        if unit.dialect == "lite":
            continue
        for symbols in unit.scope.names.values():
            for symbol in symbols:
                if getattr(symbol, "unit", None) is unit:
                    _check(symbol, reporter)
        for contract in unit.contracts:
            if contract.broken:
                continue
            members: list[Symbol | None] = [
                s for symbols in contract.scope.names.values() for s in symbols
            ]
            members += [contract.constructor, contract.receive, contract.fallback]
            for member in members:
                if member is not None:
                    _check(member, reporter)


def _check(symbol: Symbol, reporter: Reporter) -> None:
    text = getattr(symbol.node, "doc", None)
    allowed = _allowed(symbol)
    if text is None or allowed is None or symbol.broken:
        return
    problem = _problem(symbol, text.replace("\r", ""), *allowed)
    if problem is not None:
        reporter.report("SL0208", symbol.span, problem, hint="the comment above says otherwise")


def _allowed(symbol: Symbol) -> tuple[frozenset[str], str] | None:
    """The tags for a kind of definition, and what it is called."""
    if isinstance(symbol, ContractSymbol):
        return frozenset(("author", "title", "dev", "notice")), "a contract"
    if isinstance(symbol, FunctionSymbol):
        if symbol.function_kind == "constructor":
            return frozenset(("author", "dev", "notice", "param")), "a constructor"
        return _FUNCTION, "a function"
    if isinstance(symbol, ModifierSymbol):
        return _FUNCTION - {"return"}, "a modifier"
    if isinstance(symbol, EventSymbol):
        return _FUNCTION - {"inheritdoc", "return"}, "an event"
    if isinstance(symbol, ErrorSymbol):
        return frozenset(("dev", "notice", "param")), "an error"
    if isinstance(symbol, VariableSymbol):
        if symbol.contract is None:
            return frozenset(("dev",)), "a constant at file level"
        if symbol.visibility == "public":
            return _FUNCTION - {"param"}, "a public variable"
        return _FUNCTION - {"param", "return"}, "a variable that is not public"
    return None


def _problem(symbol: Symbol, text: str, allowed: frozenset[str], what: str) -> str | None:
    try:
        tags = parse_tags(text)
    except Malformed as problem:
        return str(problem)
    for tag in tags:
        if tag.name.startswith("custom:") and len(tag.name) > len("custom:"):
            if not _CUSTOM.match(tag.name):
                return f"`@{tag.name}` may only hold small letters and `-`"
        elif tag.name not in allowed:
            return f"`@{tag.name}` does not document {what}"
    known = _parameter_names(symbol)
    for tag in tags:
        if tag.name == "param" and tag.parameter not in known:
            return f"`@param {tag.parameter}` is no parameter of `{symbol.name}`"
    inherited = [tag.content.strip() for tag in tags if tag.name == "inheritdoc"]
    return _wrong_base(symbol, inherited) or _wrong_return(symbol, tags)


def _parameter_names(symbol: Symbol) -> set[str]:
    if isinstance(symbol, (CallableSymbol, ModifierSymbol)):
        results = symbol.returns if isinstance(symbol, FunctionSymbol) else []
        return {v.name for v in (*symbol.parameters, *results)}
    return set()


def _wrong_return(symbol: Symbol, tags: list[Tag]) -> str | None:
    """Each `@return` begins with the name of its result, where that has one."""
    if isinstance(symbol, FunctionSymbol):
        names = [r.name for r in symbol.returns]
    elif isinstance(symbol, VariableSymbol):
        names = _getter_names(symbol)
    else:
        return None
    returns = [tag.content for tag in tags if tag.name == "return"]
    for number, content in enumerate(returns):
        if number >= len(names):
            return f"`@return {content}` documents a result that `{symbol.name}` does not have"
        first = re.split("[ \t]", content, maxsplit=1)[0]
        if names[number] and names[number] != first:
            return f"`@return {content}` does not begin with the result's name, `{names[number]}`"
    return None


def _getter_names(symbol: VariableSymbol) -> list[str]:
    """What the results of a public variable's getter are called."""
    if isinstance(getter_value(symbol.type), StructType):
        return [name for name, _ in getter_results(symbol.type)]
    node, name = symbol.node.type, ""
    while isinstance(node, (ast.MappingTypeName, ast.ArrayTypeName)):
        if isinstance(node, ast.MappingTypeName):
            name = node.value_name.name if node.value_name is not None else ""
            node = node.value
        else:
            node = node.element
    return [name]


def _wrong_base(symbol: Symbol, inherited: list[str]) -> str | None:
    contract: ContractSymbol | None = getattr(symbol, "contract", None)
    if len(inherited) > 1:
        return "`@inheritdoc` stands here twice"
    for name in inherited:
        if not name:
            return "`@inheritdoc` names no contract"
        bases = contract.linearized[1:] if contract is not None else []
        last = name.rsplit(".", 1)[-1]
        if not any(b.name == last and symbol.name in b.scope.names for b in bases):
            return f"`@inheritdoc {name}` names no base with a `{symbol.name}`"
    return None
