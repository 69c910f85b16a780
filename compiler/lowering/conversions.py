"""Conversions between types, as words."""

from __future__ import annotations

from compiler.ir.values import Value
from compiler.lowering.abi_encode import AbiEncode
from compiler.lowering.frame import PANIC_ENUM
from compiler.semantics.types import (
    ADDRESS,
    BYTES,
    INTS,
    UINTS,
    AddressType,
    BytesType,
    ContractType,
    EnumType,
    FixedBytesType,
    FunctionType,
    IntType,
    MappingType,
    RationalType,
    ReferenceType,
    StringLiteralType,
    TupleType,
    Type,
    UserType,
)


class Conversions(AbiEncode):
    """`convert` covers every conversion the checker lets through."""

    def convert(self, words: list[Value], source: Type, target: Type) -> list[Value]:
        if source is target or isinstance(target, MappingType):
            return words
        if isinstance(source, TupleType) and isinstance(target, TupleType):
            return self._tuple_items(words, source, target)
        if isinstance(source, StringLiteralType):
            return [self.literal_in_memory(source.value)]
        if isinstance(target, ReferenceType):
            return self._reference(words, source, target)
        if isinstance(source, BytesType) and isinstance(target, FixedBytesType):
            return [self._bytes_to_fixed(words, source, target)]
        return [self._word(words[0], _plain(source), _plain(target))]

    def _tuple_items(self, words: list[Value], source: TupleType, target: TupleType) -> list[Value]:
        converted: list[Value] = []
        for have, wanted in zip(source.items, target.items, strict=True):
            assert have is not None and wanted is not None
            converted += self.convert(words[: have.words], have, wanted)
            words = words[have.words :]
        return converted

    def _word(self, word: Value, source: Type, target: Type) -> Value:
        if isinstance(source, IntType):
            return self._from_integer(word, source, target)
        if isinstance(source, FixedBytesType):
            if isinstance(target, FixedBytesType):
                return word if target.size >= source.size else self.wrap(word, target)
            return self.emit("shr", self.const(8 * (32 - source.size)), word)
        if isinstance(source, AddressType) and isinstance(target, FixedBytesType):
            return self.emit("shl", self.const(96), word)
        if isinstance(source, FunctionType) and not isinstance(target, FunctionType):
            if isinstance(target, AddressType):
                return self.emit("shr", self.const(96), word)
            return self.emit("shl", self.const(160), word)  # the selector
        if isinstance(source, EnumType) and isinstance(target, IntType):
            return word  # at most 255 values: fits into every integer type that is not int8
        return word

    def _from_integer(self, word: Value, source: IntType, target: Type) -> Value:
        if isinstance(target, IntType):
            fits = target.bits >= source.bits and (
                source.signed == target.signed or target.bits > source.bits
            )
            if fits and not (source.signed and not target.signed):
                return word
            return self.wrap(word, target)
        if isinstance(target, EnumType):
            self.panic_if(self.emit("gt", word, self.const(target.maximum)), PANIC_ENUM)
            return word
        if isinstance(target, FixedBytesType):
            return self.emit("shl", self.const(8 * (32 - target.size)), word)
        return word

    def _reference(self, words: list[Value], source: Type, target: Type) -> list[Value]:
        if source.location == target.location:
            return words
        if target.location == "memory":
            if source.location == "storage":
                return [self.storage_to_memory(words[0], target)]
            return [self.calldata_to_memory(words, target)]
        return words

    def _bytes_to_fixed(
        self, words: list[Value], source: BytesType, target: FixedBytesType
    ) -> Value:
        """The first bytes; what is missing is zero."""
        if source.location == "storage":
            words = [self.load_bytes(words[0])]
            source = BYTES["memory"]
        if source.location == "memory":
            length = self.emit("mload", words[0])
            first = self.emit("mload", self.add(words[0], 32))
        else:
            length = words[1]
            first = self.emit("calldataload", words[0])
        first = self.wrap(first, target)
        enough = self.is_zero(self.emit("lt", length, self.const(target.size)))
        return self.select(enough, lambda: [first], lambda: [self.keep_bytes(first, length)])[0]


def _plain(type_: Type) -> Type:
    """User types as what they hold, contracts as addresses."""
    if isinstance(type_, UserType):
        return type_.underlying
    if isinstance(type_, ContractType):
        return ADDRESS
    return type_


def literal_type(type_: Type) -> Type:
    """The integer type a number literal is lowered as."""
    if isinstance(type_, RationalType):
        return INTS[256] if type_.value < 0 else UINTS[256]
    return type_
