"""What to do about a mistake, in words: hints that name the author's own text.

Every function answers None where there is nothing to say that helps.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from compiler.diagnostics.suggest import closest
from compiler.semantics.symbols import ContractSymbol, EnumSymbol, Scope
from compiler.semantics.types import (
    BOOL,
    AddressType,
    ArrayType,
    BytesType,
    ContractType,
    EnumType,
    FixedBytesType,
    FunctionType,
    IntType,
    RationalType,
    ReferenceType,
    StringLiteralType,
    Type,
)

OLD_NAMES = {
    "now": "write `block.timestamp`",
    "suicide": "write `selfdestruct(…)`",
    "sha3": "write `keccak256(…)`",
}


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    near = closest(word, known)
    return f"did you mean `{near}`?" if near else None


def unknown_name(name: str, scope: Scope, more: Iterable[str] = ()) -> str | None:
    """For a name that nothing in sight has: what has nearly that name, or where it may come from."""
    home = _enum_with(name, scope) or _library_with(name, scope)
    if home is not None:
        return f"write `{home}.{name}`"
    near = did_you_mean(name, {*scope.visible_names(), *more})
    if near is None and name[0].isupper():
        return "declare it, or import the file that does"
    return near


def private_in_base(name: str, contract: ContractSymbol | None) -> Any:
    """What a base of the contract keeps to itself under this name."""
    for base in contract.linearized[1:] if contract is not None else ():
        for symbol in base.scope.names.get(name, ()):
            if getattr(symbol, "visibility", "") == "private" and symbol.span is not None:
                return symbol
    return None


def _enum_with(name: str, scope: Scope | None) -> str | None:
    """The enum in sight that has a value of this name."""
    while scope is not None:
        for symbols in scope.names.values():
            for symbol in symbols:
                if isinstance(symbol, EnumSymbol) and name in symbol.values:
                    return symbol.name
        scope = scope.parent
    return None


def _library_with(name: str, scope: Scope | None) -> str | None:
    """The library in sight that has a function of this name."""
    while scope is not None:
        for symbols in scope.names.values():
            for symbol in symbols:
                if (
                    isinstance(symbol, ContractSymbol)
                    and symbol.kind == "library"
                    and name in symbol.scope.names
                ):
                    return symbol.name
        scope = scope.parent
    return None


def contract_with(name: str, scope: Scope | None) -> str | None:
    """The contract in sight that has an external function of this name."""
    while scope is not None:
        for symbols in scope.names.values():
            for symbol in symbols:
                if isinstance(symbol, ContractSymbol) and any(
                    f.name == name and f.is_external for f in symbol.functions
                ):
                    return symbol.name
        scope = scope.parent
    return None


# What other languages call the members of an array.
ARRAY_WORDS = {
    **dict.fromkeys(("append", "add", "insert", "put"), "did you mean `push`?"),
    **dict.fromkeys(("size", "len", "count"), "did you mean `length`?"),
    **dict.fromkeys(
        ("remove", "erase", "removeAt", "splice"),
        "`delete a[i]` clears an element; to shrink the array move the last one there and `pop()`",
    ),
}


def base_order(contract: ContractSymbol) -> str:
    """The bases of a contract with each one behind those it inherits."""
    bases = contract.bases
    ordered = sorted(
        bases, key=lambda b: sum(b is not other and b.derives_from(other) for other in bases)
    )
    return ", ".join(b.name for b in ordered)


def an(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def count_of(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


# -- conversions -----------------------------------------------------------------------------------------


def conversion_hint(source: Type, target: Type, text: str) -> str | None:
    """How the value written as `text` could become what is wanted after all."""
    if isinstance(source, FunctionType) and not isinstance(target, FunctionType):
        return "add the call's parentheses, `(…)`"
    if isinstance(source, IntType) and isinstance(target, IntType):
        return f"convert explicitly: `{target.name}({text})`"
    if isinstance(source, EnumType) and isinstance(target, IntType) and not target.signed:
        return f"convert explicitly: `{target.name}({text})`"
    if isinstance(source, AddressType) and isinstance(target, ContractType):
        return f"convert explicitly: `{target.symbol.name}({text})`"
    if isinstance(source, RationalType) and source.value.denominator != 1:
        return "there are no fractions: multiply first, then divide by a whole number"
    if isinstance(target, AddressType):
        if isinstance(source, (ContractType, AddressType)):
            return f"convert explicitly: `{'payable' if target.payable else 'address'}({text})`"
        if isinstance(source, RationalType):
            return f"write `address({text})`"
        if isinstance(source, StringLiteralType):
            return "write the address without quotes" if source.value[:2] == b"0x" else None
    if isinstance(target, EnumType) and isinstance(source, (IntType, RationalType)):
        name = target.symbol.name
        return (
            f"write `{name}.{target.symbol.values[0]}` and the like, or convert: `{name}({text})`"
        )
    if target is BOOL and isinstance(source, (IntType, FixedBytesType)):
        return f"compare it: `{text} != 0`"
    if isinstance(target, BytesType) and target.is_string and isinstance(source, RationalType):
        return 'a text stands in quotes: `"…"`'
    if isinstance(source, ReferenceType) and isinstance(target, ReferenceType):
        return _location_hint(source, target)
    return None


def _location_hint(source: ReferenceType, target: ReferenceType) -> str | None:
    if isinstance(source, ArrayType) and isinstance(target, ArrayType):
        element = target.element.plain_name
        if target.length is None and source.length is not None and target.location == "memory":
            return f"a literal has a fixed length: make `new {element}[]({source.length})` and set its elements"
        if source.length is None and target.length is not None and target.location == "memory":
            return f"an array of {target.length} elements is there when it is declared: leave out the value"
    same = source.in_location("memory") is target.in_location("memory")
    if same and target.location == "storage":
        return "declare it `memory`, or point it at a state variable"
    if same and target.location == "calldata":
        return "only arguments of external calls are there: declare it `memory`"
    if (
        isinstance(source, ArrayType)
        and isinstance(target, ArrayType)
        and source.length == target.length
    ):
        element = target.element.plain_name
        if target.element.is_value and source.element is not target.element:
            return f"the first element gives a literal its type: `[{element}(…), …]`"
    return None


def explicit_hint(source: Type, target: Type, text: str) -> str | None:
    """A way through other types where `target(text)` does not exist."""
    if isinstance(source, AddressType) and isinstance(target, IntType) and not target.signed:
        return f"an address has 160 bits: `{target.name}(uint160({text}))`"
    if isinstance(target, AddressType) and isinstance(source, IntType) and not source.signed:
        return f"an address has 160 bits: `address(uint160({text}))`"
    if isinstance(target, AddressType) and isinstance(source, FixedBytesType):
        return f"an address has 160 bits: `address(bytes20({text}))`, or `address(uint160(uint256(…)))`"
    if isinstance(source, IntType) and isinstance(target, FixedBytesType):
        return f"bring it to the same width first: `{target.name}(uint{8 * target.size}({text}))`"
    if isinstance(source, FixedBytesType) and isinstance(target, IntType):
        return f"bring it to the same width first: `{target.name}(uint{8 * source.size}({text}))`"
    if (
        isinstance(target, BytesType)
        and target.is_string
        and isinstance(source, (IntType, AddressType))
    ):
        return "Solidity does not write numbers out: a library has to make the digits"
    if isinstance(target, ContractType) and isinstance(source, ContractType):
        if target.symbol.derives_from(source.symbol):
            return f"by way of its address: `{target.symbol.name}(address({text}))`"
    if isinstance(source, EnumType) and isinstance(target, IntType):
        return (
            f"an enum becomes an unsigned number first: `{target.name}(uint{target.bits}({text}))`"
        )
    if isinstance(target, ContractType) and isinstance(
        source, (RationalType, StringLiteralType, IntType)
    ):
        return f"to create one write `new {target.symbol.name}({text})`"
    return None


def new_hint(made: object, text: str) -> str | None:
    """How the thing after `new` is made."""
    if isinstance(made, ArrayType):
        dynamic = text if made.length is None else f"new {made.element.plain_name}[]"
        count = "n" if made.length is None else made.length
        return f"say how many elements: `{dynamic}({count})`"
    return f"write `{text}(…)`"


def plus_hint(op: str, a: Type, b: Type) -> str | None:
    """For operators between texts, and between whole numbers and fractions."""
    if any(isinstance(t, RationalType) and t.value.denominator != 1 for t in (a, b)):
        return "there are no fractions: multiply first, then divide by a whole number"
    if any(isinstance(t, EnumType) for t in (a, b)) or not any(
        isinstance(t, (BytesType, StringLiteralType)) for t in (a, b)
    ):
        return None
    if op == "+":
        return "join texts with `string.concat(a, b)`"
    if op in ("==", "!="):
        return f"compare hashes: `keccak256(bytes(a)) {op} keccak256(bytes(b))`"
    return None


def places_hint(values: int, places: int) -> str:
    """For a declaration that takes another number of values than there are."""
    if values == 0:
        return "the call gives nothing back: leave out the variable"
    if places == 1:
        return f"leave a place empty for each value that is not wanted: `(uint256 a{', ' * (values - 1)}) = …`"
    if values < places:
        return "declare as many as there are values"
    return "leave a place empty for each value that is not wanted: `(a, , b) = …`"
