"""The storage layout in the shape of solc's `storageLayout` and `transientStorageLayout` outputs."""

from __future__ import annotations

from typing import Any

from compiler.semantics.storage_layout import Place
from compiler.semantics.symbols import ContractSymbol, VariableSymbol
from compiler.semantics.types import (
    ArrayType,
    BytesType,
    FunctionType,
    MappingType,
    StructType,
    Type,
)


def layout_json(
    contract: ContractSymbol, places: dict[VariableSymbol, Place], ids: bool = False
) -> dict[str, Any]:
    """Variables with their slots, and the types they have.

    With `ids`, variables and user-defined types carry a number, the place of their definition in the build; layouts
    that are kept and compared go without, since any edit would change the numbers."""
    return _Writer(contract, ids).layout(places)


class _Writer:
    def __init__(self, contract: ContractSymbol, ids: bool) -> None:
        self.contract = contract
        self.ids = ids
        self.types: dict[str, Any] = {}

    def layout(self, places: dict[VariableSymbol, Place]) -> dict[str, Any]:
        storage = [
            self._variable(variable, place.slot, place.offset) for variable, place in places.items()
        ]
        return {"storage": storage, "types": self.types or None}

    def _variable(self, variable: VariableSymbol, slot: int, offset: int) -> dict[str, Any]:
        number = {"astId": variable.node.pos} if self.ids else {}
        return number | {
            "contract": self.contract.full_name,
            "label": variable.name,
            "offset": offset,
            "slot": str(slot),
            "type": self._type(variable.type),
        }

    def _type(self, type_: Type) -> str:
        return self._entry(type_, type_identifier(type_, self.ids))

    def _entry(self, type_: Type, identifier: str) -> str:
        if identifier in self.types:
            return identifier
        entry: dict[str, Any] = {"encoding": "inplace", "label": _label(type_)}
        self.types[identifier] = entry
        if isinstance(type_, MappingType):
            entry["encoding"] = "mapping"
            entry["key"] = self._entry(type_.key, _key_identifier(type_.key, self.ids))
            entry["value"] = self._type(type_.value)
        elif isinstance(type_, ArrayType):
            entry["encoding"] = "inplace" if type_.length is not None else "dynamic_array"
            entry["base"] = self._type(type_.element)
        elif isinstance(type_, BytesType):
            entry["encoding"] = "bytes"
        elif isinstance(type_, StructType):
            layout = type_.symbol.layout
            entry["members"] = [
                self._variable(member, *layout[member.name]) for member in type_.symbol.members
            ]
        size = type_.storage_bytes if type_.is_value else 32 * type_.storage_slots
        entry["numberOfBytes"] = str(size)
        return identifier


def type_identifier(type_: Type, ids: bool = False) -> str:
    """solc's name for a type in the `types` table, with or without the numbers of definitions."""
    if isinstance(type_, MappingType):
        return f"t_mapping({_key_identifier(type_.key, ids)},{type_identifier(type_.value, ids)})"
    if isinstance(type_, ArrayType):
        length = "dyn" if type_.length is None else str(type_.length)
        return f"t_array({type_identifier(type_.element, ids)}){length}_storage"
    if isinstance(type_, BytesType):
        return f"t_{'string' if type_.is_string else 'bytes'}_storage"
    if isinstance(type_, StructType):
        return f"t_struct({type_.symbol.name}){_number(type_, ids)}_storage"
    if isinstance(type_, FunctionType):
        shown = f"{'external' if type_.external else 'internal'}_{type_.mutability}"
        return f"t_function_{shown}({_listed(type_.parameters, ids)})returns({_listed(type_.returns, ids)})"
    kinds = {"ContractType": "contract", "EnumType": "enum", "UserType": "userDefinedValueType"}
    kind = kinds.get(type(type_).__name__)
    if kind is not None:
        return f"t_{kind}({type_.symbol.name}){_number(type_, ids)}"  # type: ignore[attr-defined]
    return "t_" + type_.name.replace("address payable", "address_payable")


def _key_identifier(type_: Type, ids: bool) -> str:
    """The same of a mapping's key: byte strings are in memory there."""
    identifier = type_identifier(type_, ids)
    return (
        identifier.replace("_storage", "_memory_ptr")
        if isinstance(type_, BytesType)
        else identifier
    )


def _number(type_: Any, ids: bool) -> str:
    return str(type_.symbol.node.pos) if ids else ""


def _listed(types: tuple[Type, ...], ids: bool) -> str:
    """Parameters of a function type; references say where they are."""
    identifiers = []
    for type_ in types:
        identifier = type_identifier(type_, ids)
        if type_.location == "storage" and not isinstance(type_, MappingType):
            identifier += "_ptr"
        elif type_.location is not None:
            identifier = identifier.replace("_storage", f"_{type_.location}_ptr")
        identifiers.append(identifier)
    return ",".join(identifiers)


def _label(type_: Type) -> str:
    if isinstance(type_, StructType):
        return f"struct {type_.symbol.qualified_name}"
    if isinstance(type_, MappingType):
        return f"mapping({_label(type_.key)} => {_label(type_.value)})"
    if isinstance(type_, ArrayType):
        return f"{_label(type_.element)}[{'' if type_.length is None else type_.length}]"
    if isinstance(type_, FunctionType):
        return type_.written(_label)
    return type_.name if type_.is_value else type_.plain_name
