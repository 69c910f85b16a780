"""Places that can be assigned to, evaluated once and then read, written or deleted."""

from __future__ import annotations

from typing import Any

from compiler.semantics.types import FixedBytesType, IntType, Type
from tests.reference import storage
from tests.reference.memory import zero
from tests.reference.objects import to_memory, to_storage
from tests.reference.outcomes import INDEX, panic
from tests.reference.storage import Place, Slots
from tests.reference.words import convert_word


def convert(value: Any, source: Type, target: Type, slots: Slots) -> Any:
    """A value as another type: words anew, objects copied into memory where they are not there yet."""
    if source is target:
        return value
    if target.location == "memory":
        return to_memory(value, source, slots)
    if not target.is_value:
        return value
    if source.is_value:
        return convert_word(value, source, target)
    if isinstance(target, FixedBytesType):  # of `bytes`
        from tests.reference.objects import raw_bytes

        return int.from_bytes(
            raw_bytes(value, source, slots)[: target.size].ljust(32, b"\0"), "big"
        )
    assert isinstance(target, IntType), (source, target)
    return value


class Target:
    """A place of a type; `slots` are those of the account."""

    def __init__(self, type_: Type, slots: Slots) -> None:
        self.type = type_
        self.slots = slots

    def read(self) -> Any:
        raise NotImplementedError

    def put(self, value: Any) -> None:
        """Store what has the type already."""
        raise NotImplementedError

    def write(self, value: Any, source: Type) -> None:
        self.put(convert(value, source, self.type, self.slots))

    def delete(self) -> None:
        self.put(zero(self.type))


class Keyed(Target):
    """In a dictionary or list: local variables, immutables, members and elements in memory."""

    def __init__(self, type_: Type, slots: Slots, held: Any, key: Any) -> None:
        super().__init__(type_, slots)
        self.held, self.key = held, key

    def read(self) -> Any:
        return self.held[self.key]

    def put(self, value: Any) -> None:
        self.held[self.key] = value


class Byte(Target):
    """One byte of `bytes` in memory."""

    def __init__(self, type_: Type, slots: Slots, data: bytearray, index: int) -> None:
        super().__init__(type_, slots)
        if index >= len(data):
            raise panic(INDEX)
        self.data, self.index = data, index

    def read(self) -> int:
        return self.data[self.index] << 248

    def put(self, value: int) -> None:
        self.data[self.index] = value >> 248


class Stored(Target):
    """A cell of storage, or of transient storage."""

    def __init__(self, type_: Type, slots: Slots, place: Place) -> None:
        super().__init__(type_, slots)
        self.place = place

    def read(self) -> Any:
        if self.type.is_value:
            return storage.load(self.slots, self.place, self.type)
        return self.place

    def put(self, value: Any) -> None:
        storage.save(self.slots, self.place, self.type, value)

    def write(self, value: Any, source: Type) -> None:
        to_storage(value, source, self.place, self.type, self.slots)

    def delete(self) -> None:
        storage.clear(self.slots, self.place, self.type)


class StoredByte(Target):
    """One byte of `bytes` in storage."""

    def __init__(self, type_: Type, slots: Slots, place: Place, index: int) -> None:
        super().__init__(type_, slots)
        if index >= len(storage.load_bytes(slots, place)):
            raise panic(INDEX)
        self.place, self.index = place, index

    def read(self) -> int:
        return storage.load_bytes(self.slots, self.place)[self.index] << 248

    def put(self, value: int) -> None:
        data = bytearray(storage.load_bytes(self.slots, self.place))
        data[self.index] = value >> 248
        storage.save_bytes(self.slots, self.place, bytes(data))
