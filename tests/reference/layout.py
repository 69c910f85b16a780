"""Where state lives, from the documentation of the storage layout.

Variables follow one another, bases first; several that fit share a slot, from its low end; structs and arrays begin a slot
and what follows them does, too. A facet's variables each begin a slot, from the place ERC-7201 gives `facet.<Name>`.
"""

from __future__ import annotations

from functools import cache

from eth_utils.crypto import keccak

from compiler.semantics.symbols import ContractSymbol, StructSymbol, VariableSymbol
from compiler.semantics.types import ArrayType, StructType, Type
from tests.reference.words import WORD, byte_size

Spot = tuple[int, int]  # slot, bytes from its low end


def slot_hash(slot: int) -> int:
    """Where the elements of the dynamic array at `slot` begin."""
    return int.from_bytes(keccak(slot.to_bytes(32, "big")), "big")


def slots_of(type_: Type) -> int:
    """Slots that a variable takes to itself."""
    if isinstance(type_, ArrayType) and type_.length is not None:
        if type_.element.is_value:
            per_slot = 32 // byte_size(type_.element)
            return -(-type_.length // per_slot)
        return type_.length * slots_of(type_.element)
    if isinstance(type_, StructType):
        return _struct(type_.symbol)[1]
    return 1


def element_spot(type_: ArrayType, first: int, index: int) -> Spot:
    """The place of an element of an array whose elements begin at slot `first`."""
    if type_.element.is_value:
        size = byte_size(type_.element)
        per_slot = 32 // size
        return (first + index // per_slot) % WORD, index % per_slot * size
    return (first + index * slots_of(type_.element)) % WORD, 0


def member_spot(symbol: StructSymbol, name: str) -> Spot:
    """The place of a member, counted from the struct's first slot."""
    return _struct(symbol)[0][name]


@cache
def _struct(symbol: StructSymbol) -> tuple[dict[str, Spot], int]:
    cursor = _Cursor(0)
    spots = {m.name: cursor.place(m.type) for m in symbol.members}
    return spots, cursor.end()


class _Cursor:
    def __init__(self, slot: int) -> None:
        self.slot, self.used = slot, 0

    def place(self, type_: Type) -> Spot:
        """The spot of the next variable."""
        if not type_.is_value:
            spot = self.end()
            self.slot, self.used = spot + slots_of(type_), 0
            return spot, 0
        size = byte_size(type_)
        if self.used + size > 32:
            self.slot, self.used = self.slot + 1, 0
        found = self.slot, self.used
        self.used += size
        return found

    def end(self) -> int:
        """The first slot nothing is in yet."""
        return self.slot + (1 if self.used else 0)


@cache
def state_spots(contract: ContractSymbol, transient: bool) -> dict[VariableSymbol, Spot]:
    """Every state variable of a contract and its bases, of one of the two spaces."""
    base = contract.layout_base if not transient else 0
    if contract.is_facet:
        inner = int.from_bytes(keccak(f"facet.{contract.name}".encode()), "big") - 1
        base = int.from_bytes(keccak(inner.to_bytes(32, "big")), "big") & ~0xFF
    cursor, spots = _Cursor(base), {}
    for owner in reversed(contract.linearized):
        for variable in owner.state_variables:
            if variable.role != "state" or variable.transient is not transient:
                continue
            if contract.is_facet:
                cursor.slot, cursor.used = cursor.end(), 0
            spots[variable] = cursor.place(variable.type)
    return spots
