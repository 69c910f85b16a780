"""The types of expressions as solc writes them: a readable string and an identifier for each.

They are finer than the compiler's own: literals keep their values, storage references and pointers differ, and names
of functions, types and modules have types too. Two types are the same if they compare equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from compiler.evm.keccak import keccak256
from compiler.syntax import ast


class Type:
    """Base of all types. `text` is what messages show; `identifier` names the type within one build."""

    location: str | None = None

    def text(self, bare: bool = False) -> str:
        """The type in words; `bare` leaves data locations out."""
        raise NotImplementedError

    def rich(self, ids: Numbers) -> str:
        """The identifier before its brackets are escaped."""
        raise NotImplementedError


class Numbers:
    """Gives each declaration of a build its number."""

    def of(self, node: ast.Node) -> int:
        raise NotImplementedError


def identifier(type_: Type, numbers: Numbers) -> str:
    """solc's `typeIdentifier`: letters, digits, `_` and `$` only."""
    text = type_.rich(numbers)
    for plain, escaped in (("$", "$$$"), (",", "_$_"), ("(", "$_"), (")", "_$")):
        text = text.replace(plain, escaped)
    return text


def _list(types: Iterable[Type | None], numbers: Numbers) -> str:
    return f"({','.join(t.rich(numbers) if t is not None else '' for t in types)})"


def _texts(types: Iterable[Type | None], bare: bool) -> str:
    return f"({','.join(t.text(bare) if t is not None else '' for t in types)})"


@dataclass(frozen=True)
class Elementary(Type):
    """`bool`, `uint8`, `bytes4`, `address`, …; `name` is the canonical one."""

    name: str

    def text(self, bare: bool = False) -> str:
        return self.name

    def rich(self, ids: Numbers) -> str:
        return "t_" + self.name.replace(" ", "_")

    @property
    def family(self) -> str:
        """int, uint, bytes, bool or address."""
        return self.name.split(" ")[0].rstrip("0123456789")

    @property
    def size(self) -> int:
        """Bits of an integer, bytes of a `bytesN`."""
        return int("".join(c for c in self.name if c.isdigit()) or 0)


BOOL = Elementary("bool")
ADDRESS = Elementary("address")
PAYABLE = Elementary("address payable")
UINT256 = Elementary("uint256")
INT256 = Elementary("int256")
UINT8 = Elementary("uint8")


def fixed_bytes(size: int) -> Elementary:
    return Elementary(f"bytes{size}")


@dataclass(frozen=True)
class Rational(Type):
    """A number known exactly. `digits` are those of a plain hexadecimal literal, which may become `bytesN`."""

    value: Any
    digits: int | None = None

    def text(self, bare: bool = False) -> str:
        if isinstance(self.value, int):
            return f"int_const {_shortened(self.value)}"
        top, bottom = self.value.numerator, self.value.denominator
        return f"rational_const {_shortened(top)} / {_shortened(bottom)}"

    def rich(self, ids: Numbers) -> str:
        sign = "minus_" if self.value < 0 else ""
        top, bottom = abs(self.value.numerator), self.value.denominator
        return f"t_rational_{sign}{_decimal(top)}_by_{_decimal(bottom)}"


def _decimal(value: int) -> str:
    """Decimal digits of a number of any size; Python refuses to write more than a few thousand at once."""
    if value < 10**4000:
        return str(value)
    upper, lower = divmod(value, 10**4000)
    return f"{_decimal(upper)}{lower:04000d}"


def _shortened(value: int) -> str:
    text = ("-" if value < 0 else "") + _decimal(abs(value))
    if len(text) <= 32:
        return text
    return f"{text[:4]}...({len(text) - 8} digits omitted)...{text[-4:]}"


@dataclass(frozen=True)
class StringLiteral(Type):
    value: bytes

    def text(self, bare: bool = False) -> str:
        if all(0x1F < c < 0x7F for c in self.value):
            return f'literal_string "{self.value.decode()}"'
        return f'literal_string hex"{self.value.hex()}"'

    def rich(self, ids: Numbers) -> str:
        return f"t_stringliteral_{keccak256(self.value).hex()}"


@dataclass(frozen=True)
class Reference(Type):
    """What lives in a data location; in storage, `pointer` is a reference that can be moved."""

    location: str = "storage"
    pointer: bool = True

    def _suffix(self) -> str:
        moved = self.location != "storage" or self.pointer
        return f"_{self.location}{'_ptr' if moved else ''}"

    def _located(self, text: str, bare: bool) -> str:
        if bare:
            return text
        kind = (" pointer" if self.pointer else " ref") if self.location == "storage" else ""
        return f"{text} {self.location}{kind}"


@dataclass(frozen=True)
class Bytes(Reference):
    """`bytes`, or `string`."""

    is_string: bool = False

    def text(self, bare: bool = False) -> str:
        return self._located("string" if self.is_string else "bytes", bare)

    def rich(self, ids: Numbers) -> str:
        return ("t_string" if self.is_string else "t_bytes") + self._suffix()


@dataclass(frozen=True)
class Array(Reference):
    """Its element carries the same location."""

    element: Type = UINT256
    length: int | None = None

    def text(self, bare: bool = False) -> str:
        length = "" if self.length is None else self.length
        return self._located(f"{self.element.text(bare)}[{length}]", bare)

    def rich(self, ids: Numbers) -> str:
        length = "dyn" if self.length is None else self.length
        return f"t_array{_list([self.element], ids)}{length}{self._suffix()}"


@dataclass(frozen=True)
class Slice(Type):
    array: Array | Bytes
    location = "calldata"

    def text(self, bare: bool = False) -> str:
        return f"{self.array.text(bare)} slice"

    def rich(self, ids: Numbers) -> str:
        return f"{self.array.rich(ids)}_slice"


@dataclass(frozen=True)
class Struct(Reference):
    node: ast.Node = None  # type: ignore[assignment]
    name: str = ""

    def text(self, bare: bool = False) -> str:
        return self._located(f"struct {self.name}", bare)

    def rich(self, ids: Numbers) -> str:
        return f"t_struct({_last(self.name)}){ids.of(self.node)}{self._suffix()}"


@dataclass(frozen=True)
class Enum(Type):
    node: ast.Enum
    name: str

    def text(self, bare: bool = False) -> str:
        return f"enum {self.name}"

    def rich(self, ids: Numbers) -> str:
        return f"t_enum({_last(self.name)}){ids.of(self.node)}"


@dataclass(frozen=True)
class UserValue(Type):
    """A user-defined value type."""

    node: ast.UserType
    name: str
    underlying: Type

    def text(self, bare: bool = False) -> str:
        return self.name

    def rich(self, ids: Numbers) -> str:
        return f"t_userDefinedValueType({_last(self.name)}){ids.of(self.node)}"


@dataclass(frozen=True)
class Contract(Type):
    node: ast.Contract
    is_super: bool = False

    def text(self, bare: bool = False) -> str:
        kind = "library" if self.node.kind == "library" else "contract"
        return f"{kind} {'super ' if self.is_super else ''}{self.node.name.name}"

    def rich(self, ids: Numbers) -> str:
        kind = "t_super" if self.is_super else "t_contract"
        return f"{kind}({self.node.name.name}){ids.of(self.node)}"


def _last(name: str) -> str:
    return name.rpartition(".")[2]


@dataclass(frozen=True)
class Mapping(Type):
    key: Type
    value: Type
    location = "storage"

    def text(self, bare: bool = False) -> str:
        return f"mapping({self.key.text(bare)} => {self.value.text(bare)})"

    def rich(self, ids: Numbers) -> str:
        return f"t_mapping{_list([self.key, self.value], ids)}"


@dataclass(frozen=True)
class Tuple(Type):
    items: tuple[Type | None, ...]

    def text(self, bare: bool = False) -> str:
        return f"tuple{_texts(self.items, bare)}"

    def rich(self, ids: Numbers) -> str:
        return f"t_tuple{_list(self.items, ids)}"


NOTHING = Tuple(())


@dataclass(frozen=True)
class Function(Type):
    """Anything that can be called. `kind` is solc's: internal, external, delegatecall, declaration, event, …

    `bound` says that the first parameter is the value it is called on; `anything`, that arguments of all types go."""

    kind: str
    parameters: tuple[Type, ...]
    returns: tuple[Type, ...]
    mutability: str = "nonpayable"
    names: tuple[str, ...] | None = None
    node: ast.Node | None = None
    owner: str | None = None
    options: tuple[str, ...] = ()
    bound: bool = False
    anything: bool = False

    def text(self, bare: bool = False) -> str:
        name = ""
        if self.kind == "declaration":
            assert isinstance(self.node, ast.Function)
            name = (f"{self.owner}." if self.owner else "") + self.node.name.name
        state = f" {self.mutability}" if self.mutability != "nonpayable" else ""
        kind = " external" if self.kind == "external" else ""
        back = f" returns {_texts(self.returns, bare)}" if self.returns else ""
        return f"function {name}{_texts(self.parameters, bare)}{state}{kind}{back}"

    def rich(self, ids: Numbers) -> str:
        given, back = _list(self.parameters, ids), _list(self.returns, ids)
        options = "".join(o for o in ("gas", "value", "salt") if o in self.options)
        bound = f"attached_to{_list(self.parameters[:1], ids)}" if self.bound else ""
        return f"t_function_{self.kind}_{self.mutability}{given}returns{back}{options}{bound}"

    @property
    def taken(self) -> tuple[Type, ...]:
        """The parameters that arguments are written for."""
        return self.parameters[1:] if self.bound else self.parameters

    @property
    def result(self) -> Type:
        """The type of a call."""
        return self.returns[0] if len(self.returns) == 1 else Tuple(self.returns)

    def unnamed(self) -> Function:
        """The type alone, without what is known of the function behind it."""
        return replace(self, names=None, node=None, owner=None)


@dataclass(frozen=True)
class TypeName(Type):
    """The type of a type's name."""

    actual: Type

    def text(self, bare: bool = False) -> str:
        return f"type({self.actual.text(bare)})"

    def rich(self, ids: Numbers) -> str:
        return f"t_type{_list([self.actual], ids)}"


@dataclass(frozen=True)
class Modifier(Type):
    parameters: tuple[Type, ...]

    def text(self, bare: bool = False) -> str:
        return f"modifier {_texts(self.parameters, bare)}"

    def rich(self, ids: Numbers) -> str:
        return f"t_modifier{_list(self.parameters, ids)}"


@dataclass(frozen=True)
class Module(Type):
    node: ast.SourceUnit

    def text(self, bare: bool = False) -> str:
        return f'module "{self.node.path}"'

    def rich(self, ids: Numbers) -> str:
        return f"t_module_{ids.of(self.node)}"


@dataclass(frozen=True)
class Magic(Type):
    """`block`, `msg`, `tx`, `abi`, `error`, and what `type(T)` gives, with `argument`."""

    name: str
    argument: Type | None = None

    def text(self, bare: bool = False) -> str:
        if self.argument is not None:
            return f"type({self.argument.text(bare)})"
        return self.name

    def rich(self, ids: Numbers) -> str:
        if self.argument is not None:
            return f"t_magic_meta_type_{self.argument.rich(ids)}"
        if self.name == "error":
            return "t_error"
        names = {"msg": "message", "tx": "transaction"}
        return f"t_magic_{names.get(self.name, self.name)}"


# -- the same type elsewhere -----------------------------------------------------------------------------


def located(type_: Type, location: str, pointer: bool = True) -> Type:
    """A reference type in another data location; other types are the same everywhere."""
    if isinstance(type_, Slice):
        type_ = type_.array
    if isinstance(type_, Array) and type_.location != location:
        element = located(type_.element, location, False)
        return replace(type_, location=location, pointer=pointer, element=element)
    if isinstance(type_, Reference):
        return replace(type_, location=location, pointer=pointer)
    return type_


def array(element: Type, length: int | None, location: str = "storage") -> Array:
    return Array(location, True, located(element, location, False), length)
