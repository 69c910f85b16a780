"""The tags of a definition, those it takes over from what it overrides included."""

from __future__ import annotations

from compiler.semantics.check_calls import results_of
from compiler.semantics.natspec import Malformed, Tag, parse_tags
from compiler.semantics.overrides import Inheritance
from compiler.semantics.symbols import FunctionSymbol, Symbol


class Comments:
    """Reads the comments of one build; each is taken apart once."""

    def __init__(self) -> None:
        self._inheritance = Inheritance()
        self._known: dict[Symbol, list[Tag]] = {}

    def of(self, symbol: Symbol) -> list[Tag]:
        """Its own tags, then those its base has and it has not.

        A function without a comment inherits that of the one function it overrides if the parameters have the
        same names; `@inheritdoc` names the base to take from."""
        found = self._known.get(symbol)
        if found is None:
            found = self._known[symbol] = self._read(symbol)
        return found

    def _read(self, symbol: Symbol) -> list[Tag]:
        text = getattr(symbol.node, "doc", None)
        own = _tags(text.replace("\r", "")) if text is not None else []
        if not isinstance(symbol, FunctionSymbol) or symbol.function_kind == "constructor":
            return own
        base = self._base(symbol, own)
        return own if base is None else own + self._missing(symbol, own, base)

    def _base(self, symbol: FunctionSymbol, own: list[Tag]) -> FunctionSymbol | None:
        if symbol.contract is None:
            return None
        bases = [b for b in self._inheritance.bases(symbol) if isinstance(b, FunctionSymbol)]
        named = [tag.content.strip() for tag in own if tag.name == "inheritdoc"]
        if named:
            return self._in_contract(bases, named[0].rsplit(".", 1)[-1])
        if own or len(bases) != 1:
            return None
        if symbol.getter_of is None and _names(symbol) != _names(bases[0]):
            return None
        return bases[0]

    def _in_contract(self, bases: list[FunctionSymbol], name: str) -> FunctionSymbol | None:
        """The function of the contract of that name, on the ways up."""
        for base in bases:
            if base.contract is not None and base.contract.name == name:
                return base
            above = [b for b in self._inheritance.bases(base) if isinstance(b, FunctionSymbol)]
            found = self._in_contract(above, name)
            if found is not None:
                return found
        return None

    def _missing(self, symbol: FunctionSymbol, own: list[Tag], base: FunctionSymbol) -> list[Tag]:
        """The base's tags of kinds that the function has none of; `@return` names its own results."""
        have = {tag.name for tag in own}
        names = [name for name, _ in results_of(symbol)]
        theirs = [r.name for r in base.returns]
        missing: list[Tag] = []
        number = 0
        for tag in self.of(base):
            if tag.name == "inheritdoc" or tag.name in have or tag.name.startswith("custom"):
                continue
            if tag.name == "return":
                if number < len(names):
                    nameless = number < len(theirs) and not theirs[number]
                    tag = tag._replace(content=_renamed(tag.content, names[number], nameless))
                number += 1
            missing.append(tag)
        return missing


def _tags(text: str) -> list[Tag]:
    """The tags of a comment; none of one that is malformed, which only the dialect of facets lets pass."""
    try:
        return parse_tags(text)
    except Malformed:
        return []


def _renamed(content: str, name: str, nameless: bool) -> str:
    """The text of an inherited `@return`, beginning with the name its result has here."""
    first, rest = split_name(content)
    if first == name:
        return content
    kept = content if nameless or rest is None else rest
    return f"{name} {kept}" if name else kept


def split_name(content: str) -> tuple[str, str | None]:
    """The first word, and what follows the one blank behind it."""
    for at, character in enumerate(content):
        if character in " \t":
            return content[:at], content[at + 1 :]
    return content, None


def _names(symbol: FunctionSymbol) -> list[str]:
    return [p.name for p in symbol.parameters]


def text_of(tags: list[Tag], name: str) -> str:
    """All contents of one tag, joined."""
    return "".join(tag.content for tag in tags if tag.name == name)
