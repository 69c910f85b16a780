"""Where state lives: slots and byte offsets, equal to solc's for contracts.

A contract's variables start at slot 0 (or `layout at`) and are packed low bytes first; structs and
arrays start a slot of their own. A facet shares its storage with other facets, so its variables
start at `erc7201("facet.<Name>")` and each takes whole slots: appending one never moves another.
"""

from __future__ import annotations

from typing import NamedTuple

from compiler.diagnostics.errors import Reporter
from compiler.evm.keccak import erc7201
from compiler.semantics.sizes import too_large
from compiler.semantics.symbols import ContractSymbol, StructSymbol, VariableSymbol
from compiler.semantics.types import ArrayType, StructType, Type


class Place(NamedTuple):
    """A slot, and the byte offset inside it counted from its low end."""

    slot: int
    offset: int


def layout_struct(symbol: StructSymbol) -> None:
    """Fill a struct's member places and slot count; nested structs first."""
    if symbol.storage_slots:
        return
    for member in symbol.members:
        _layout_inner(member.type)
    slot, offset, places = 0, 0, {}
    for member in symbol.members:
        slot, offset = _fit(member.type, slot, offset)
        places[member.name] = (slot, offset)
        slot, offset = _after(member.type, slot, offset)
    symbol.layout = places
    symbol.storage_slots = slot + (1 if offset else 0)


def _layout_inner(type_: Type) -> None:
    while isinstance(type_, ArrayType) and type_.length is not None:
        type_ = type_.element
    if isinstance(type_, StructType):
        layout_struct(type_.symbol)


def _packs(type_: Type) -> bool:
    return type_.is_value and type_.storage_bytes < 32


def _fit(type_: Type, slot: int, offset: int) -> tuple[int, int]:
    """Where a variable goes when `offset` bytes of `slot` are taken."""
    if offset and (not _packs(type_) or offset + type_.storage_bytes > 32):
        return slot + 1, 0
    return slot, offset


def _after(type_: Type, slot: int, offset: int) -> tuple[int, int]:
    if _packs(type_):
        return slot, offset + type_.storage_bytes
    return slot + type_.storage_slots, 0


def state_variables(contract: ContractSymbol, transient: bool = False) -> list[VariableSymbol]:
    """Variables in storage, or in transient storage, base contracts first."""
    return [
        v for c in reversed(contract.linearized) for v in c.state_variables
        if v.role == "state" and v.transient == transient
    ]  # fmt: skip


def layout_contract(contract: ContractSymbol) -> dict[VariableSymbol, Place]:
    """Place of every variable in storage, inherited ones included."""
    return _lay_out(state_variables(contract), contract.layout_base, contract.is_facet)


def layout_transient(contract: ContractSymbol) -> dict[VariableSymbol, Place]:
    """Place of every transient variable, in a space of its own.

    Facets of one diamond share that space as they share storage, so there a facet keeps to its own slots, too."""
    base = contract.layout_base if contract.is_facet else 0
    return _lay_out(state_variables(contract, transient=True), base, contract.is_facet)


def _lay_out(
    variables: list[VariableSymbol], slot: int, whole_slots: bool
) -> dict[VariableSymbol, Place]:
    offset = 0
    places: dict[VariableSymbol, Place] = {}
    for variable in variables:
        if whole_slots:
            places[variable] = Place(slot, 0)
            slot += variable.type.storage_slots
            continue
        slot, offset = _fit(variable.type, slot, offset)
        places[variable] = Place(slot, offset)
        slot, offset = _after(variable.type, slot, offset)
    return places


def check_storage_size(contract: ContractSymbol, reporter: Reporter) -> None:
    """A variable, and all variables of a contract together, have at most 2²⁵⁶ slots."""
    for variable in contract.state_variables:
        if variable.role == "state" and too_large(variable.type, "storage"):
            reporter.report(
                "SL0330", variable.node.type.span, f"{variable.type.plain_name} is too large for storage"
            )  # fmt: skip
            return
    total = sum(v.type.storage_slots for v in state_variables(contract))
    if total >= 1 << 256:
        reporter.report(
            "SL0330", contract.span, f"the variables of `{contract.name}` need {total} slots; there are fewer than 2**256",
            hint="use mappings or dynamic arrays",
        )  # fmt: skip


def facet_base(name: str) -> int:
    """Storage root of a facet that states none."""
    return erc7201(f"facet.{name}")
