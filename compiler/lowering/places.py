"""Places: what can be assigned to, found once, then read or written."""

from __future__ import annotations

from compiler.diagnostics.errors import InternalCompilerError
from compiler.ir.values import Value
from compiler.lowering.conversions import Conversions
from compiler.lowering.frame import (
    PANIC_INDEX,
    ImmutablePlace,
    MemoryBytePlace,
    MemoryPlace,
    Reference,
    SkippedPlace,
    StorageBytePlace,
    StoragePlace,
    TransientPlace,
    VariablePlace,
)
from compiler.semantics import typed
from compiler.semantics.symbols import VariableSymbol
from compiler.semantics.types import (
    ArrayType,
    BytesType,
    MappingType,
    StructType,
    Type,
)


class Places(Conversions):
    """Finding, reading and writing places. Expressions are lowered by the subclass."""

    def words(self, node: typed.Expr) -> list[Value]:
        raise NotImplementedError

    def word(self, node: typed.Expr) -> Value:
        return self.words(node)[0]

    # -- finding -----------------------------------------------------------------------------------

    def place(self, node: typed.Expr) -> Reference:
        """The place an expression denotes; its sub-expressions are evaluated now."""
        if isinstance(node, typed.Local):
            return VariablePlace(node.symbol)
        if isinstance(node, typed.State):
            return self.state_place(node.symbol)
        if isinstance(node, typed.Immutable):
            return ImmutablePlace(node.symbol)
        if isinstance(node, typed.Field):
            return self._field_place(node)
        if isinstance(node, typed.Index):
            return self._index_place(node)
        if isinstance(node, typed.Push):
            return self.push_place(node)
        raise InternalCompilerError(f"no place for {type(node).__name__}")

    def state_place(self, symbol: VariableSymbol) -> StoragePlace:
        """Where a state variable is, in storage or in transient storage."""
        slot, offset = self.context.places[symbol]
        kind = TransientPlace if symbol.transient else StoragePlace
        return kind(symbol.type, self.const(slot), offset)

    def _field_place(self, node: typed.Field) -> Reference:
        base = self.words(node.base)
        type_ = node.base.type
        assert isinstance(type_, StructType)
        if type_.location == "storage":
            return self.struct_member(base[0], type_, node.member)
        number = [m.name for m in node.struct.members].index(node.member)
        return MemoryPlace(node.type, self.add(base[0], 32 * number))

    def _mapping_key(self, node: typed.Expr) -> list[Value]:
        """A byte string in calldata is hashed from there: as a key it does not count as copied to memory."""
        inner = node
        while isinstance(inner, typed.Convert) and isinstance(inner.value.type, BytesType):
            inner = inner.value
        held = isinstance(inner.type, BytesType) and inner.type.location == "calldata"
        return self.words(inner if held else node)

    def _index_place(self, node: typed.Index) -> Reference:
        base = self.words(node.base)
        type_ = node.base.type
        if isinstance(type_, MappingType):
            return self.mapping_entry(base[0], type_, self._mapping_key(node.index))
        index = self.words(node.index)
        if isinstance(type_, BytesType):
            if type_.location == "storage":
                return StorageBytePlace(node.type, base[0], index[0])
            return MemoryBytePlace(node.type, self._memory_byte(base[0], index[0]))
        assert isinstance(type_, ArrayType)
        if type_.location == "storage":
            return self.array_element(base[0], type_, index[0])
        return MemoryPlace(node.type, self._memory_element(base[0], type_, index[0]))

    def _memory_byte(self, pointer: Value, index: Value) -> Value:
        length = self.emit("mload", pointer)
        self.panic_if(self.is_zero(self.emit("lt", index, length)), PANIC_INDEX)
        return self.emit("add", self.add(pointer, 32), index)

    def _memory_element(self, pointer: Value, type_: ArrayType, index: Value) -> Value:
        length = self.memory_length(pointer, type_)
        self.panic_if(self.is_zero(self.emit("lt", index, length)), PANIC_INDEX)
        return self.emit(
            "add", self.memory_data(pointer, type_), self.emit("shl", self.const(5), index)
        )

    def push_place(self, node: typed.Push) -> Reference:
        """The place of the element `array.push()` makes."""
        base = self.words(node.base)
        type_ = node.base.type
        if isinstance(type_, BytesType):
            self.push_byte(base[0], self.const(0))
            length = self.length_of(base, type_)
            return StorageBytePlace(node.type, base[0], self.emit("sub", length, self.const(1)))
        assert isinstance(type_, ArrayType)
        return self.push_element(base[0], type_)

    # -- reading -----------------------------------------------------------------------------------

    def read(self, place: Reference) -> list[Value]:
        """The value at a place; of a reference type, the reference."""
        if isinstance(place, VariablePlace):
            return self.read_variable(place.symbol)
        if isinstance(place, StoragePlace):
            return [self.load_storage(place) if place.type.is_value else place.slot]
        if isinstance(place, MemoryBytePlace):
            byte = self.emit("and", self.emit("mload", place.address), self.const(0xFF << 248))
            return [byte]
        if isinstance(place, MemoryPlace):
            return [self.load_memory(place.address, place.type)]
        if isinstance(place, StorageBytePlace):
            return [self.load_storage_byte(place.slot, place.index)]
        assert isinstance(place, ImmutablePlace)
        return [self.read_immutable(place)]

    def read_immutable(self, place: ImmutablePlace) -> Value:
        name = self.context.immutable_name(place.symbol)
        if self.context.in_creation:
            return self.emit("mload", self.const(self.context.immutable_address(name)))
        return self.emit("immutable", imm=name)

    # -- writing -----------------------------------------------------------------------------------

    def write(self, place: Reference, words: list[Value], source: Type) -> None:
        """Assign. `source` is the type the words have; into storage, references are copied."""
        if isinstance(place, VariablePlace):
            self.write_variable(place.symbol, words)
        elif isinstance(place, StoragePlace):
            self.store_value(place, words, source)
        elif isinstance(place, MemoryBytePlace):
            self.emit("mstore8", place.address, self.emit("shr", self.const(248), words[0]))
        elif isinstance(place, MemoryPlace):
            self.store_memory(place.address, words[0])
        elif isinstance(place, StorageBytePlace):
            self.store_storage_byte(place.slot, place.index, words[0])
        elif isinstance(place, ImmutablePlace):
            name = self.context.immutable_name(place.symbol)
            self.emit("mstore", self.const(self.context.immutable_address(name)), words[0])
        else:
            assert isinstance(place, SkippedPlace)

    def erase(self, place: Reference) -> None:
        """`delete`"""
        if isinstance(place, StoragePlace):
            self.clear_storage(place)
        else:
            self.write(place, self.zero_value(place.type), place.type)
