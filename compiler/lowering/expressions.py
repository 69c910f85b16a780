"""Expressions to words, in Solidity's order: operands left to right, but the right side of an
assignment before its left side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from compiler.evm.keccak import keccak_int
from compiler.ir.values import Value
from compiler.lowering.abi_encode import Item
from compiler.lowering.frame import Reference, SkippedPlace, StoragePlace
from compiler.lowering.places import Places
from compiler.semantics import typed
from compiler.semantics.types import (
    BYTES4,
    BYTES32,
    UINT256,
    ArrayType,
    BytesType,
    FixedBytesType,
    IntType,
    StringLiteralType,
    StructType,
    TupleType,
    Type,
)

T = TypeVar("T")

_COMPARISONS = frozenset(("==", "!=", "<", ">", "<=", ">="))


class Expressions(Places):
    """Everything but calls."""

    def words(self, node: typed.Expr) -> list[Value]:
        """The words of an expression's value, evaluated here."""
        builder = self.builder
        saved = builder.pos, builder.end
        builder.pos, builder.end = node.pos, node.end
        lower: Callable[[Any, typed.Expr], list[Value]] = _LOWER[type(node)]
        result = lower(self, node)
        builder.pos, builder.end = saved
        return result

    def effects(self, node: typed.Expr) -> None:
        """Evaluate for the effects alone."""
        if isinstance(node, typed.Tuple):
            for item in node.items:
                if item is not None:
                    self.effects(item)
        else:
            self.words(node)

    # -- leaves ------------------------------------------------------------------------------------

    def _const(self, node: typed.Const) -> list[Value]:
        return [self.const(node.word)]

    def _literal(self, node: typed.Literal) -> list[Value]:
        return []  # a string literal has no words until it is converted

    def _place_read(self, node: typed.Expr) -> list[Value]:
        return self.read(self.place(node))

    def _environment(self, node: typed.Environment) -> list[Value]:
        if node.opcode == "sig":
            first = self.emit("calldataload", self.const(0))
            return [self.emit("and", first, self.const(0xFFFFFFFF << 224))]
        if node.opcode == "calldata":
            return [self.const(0), self.emit("calldatasize")]
        return [self.emit(node.opcode)]

    # -- members and elements ----------------------------------------------------------------------

    def _field(self, node: typed.Field) -> list[Value]:
        type_ = node.base.type
        if type_.location == "calldata":
            assert isinstance(type_, StructType)
            return self.calldata_member(self.word(node.base), type_, node.member)
        return self._place_read(node)

    def _index(self, node: typed.Index) -> list[Value]:
        type_ = node.base.type
        if isinstance(type_, FixedBytesType):
            word, index = self.word(node.base), self.word(node.index)
            from compiler.lowering.frame import PANIC_INDEX

            self.panic_if(self.is_zero(self.emit("lt", index, self.const(type_.size))), PANIC_INDEX)
            return [self.emit("shl", self.const(248), self.emit("byte", index, word))]
        if type_.location == "calldata":
            base, index = self.words(node.base), self.word(node.index)
            if isinstance(type_, BytesType):
                return [self.calldata_byte(base, index)]
            assert isinstance(type_, ArrayType)
            return self.calldata_element(base, type_, index)
        return self._place_read(node)

    def _length(self, node: typed.Length) -> list[Value]:
        base = node.base
        if isinstance(base, typed.Builtin) and base.name == "code":
            return [self.emit("extcodesize", self.word(base.arguments[0]))]
        words = self.words(base)
        if isinstance(base.type, FixedBytesType):
            return [self.const(base.type.size)]
        if isinstance(base.type, ArrayType) and base.type.length is not None:
            return [self.const(base.type.length)]
        return [self.length_of(words, base.type)]

    def _slice(self, node: typed.Slice) -> list[Value]:
        base = self.words(node.base)
        start = self.word(node.start) if node.start is not None else self.const(0)
        stop = self.word(node.stop) if node.stop is not None else base[1]
        return self.calldata_slice(base, node.base.type, start, stop)

    # -- operators ---------------------------------------------------------------------------------

    def _convert(self, node: typed.Convert) -> list[Value]:
        return self.convert(self.words(node.value), node.value.type, node.type)

    def _unary(self, node: typed.Unary) -> list[Value]:
        operand = self.word(node.operand)
        if node.op == "!":
            return [self.is_zero(operand)]
        if node.op == "~":
            return [self.wrap(self.emit("not", operand), node.type)]
        assert isinstance(node.type, IntType)
        return [self.negate(operand, node.type, node.checked)]

    def _binary(self, node: typed.Binary) -> list[Value]:
        if node.op in ("&&", "||"):
            return [self._short_circuit(node)]
        # Long chains lean left; a loop keeps them from costing depth.
        chain = [node]
        while isinstance(chain[-1].left, typed.Binary) and chain[-1].left.op not in ("&&", "||"):
            chain.append(chain[-1].left)
        left = self.word(chain[-1].left)
        for link in reversed(chain):
            right = self.word(link.right)
            self.builder.pos, self.builder.end = link.pos, link.end
            left = self._operate(link, left, right)
        return [left]

    def _operate(self, node: typed.Binary, left: Value, right: Value) -> Value:
        if node.op in _COMPARISONS:
            return self.compare(node.op, left, right, node.left.type)
        if node.op in ("<<", ">>"):
            return self.shift(node.op, left, right, node.type)
        return self.binary(node.op, left, right, node.type, node.checked)

    def _short_circuit(self, node: typed.Binary) -> Value:
        left = self.word(node.left)
        if node.op == "&&":
            return self.select(left, lambda: [self.word(node.right)], lambda: [self.const(0)])[0]
        return self.select(left, lambda: [self.const(1)], lambda: [self.word(node.right)])[0]

    def _conditional(self, node: typed.Conditional) -> list[Value]:
        return self.select(
            self.word(node.condition),
            lambda: self.words(node.then),
            lambda: self.words(node.otherwise),
        )

    def _step(self, node: typed.Step) -> list[Value]:
        place = self.place(node.target)
        old = self.read(place)[0]
        assert isinstance(node.type, IntType)
        new = self.step(node.op, old, node.type, node.checked)
        self.write(place, [new], node.type)
        return [new if node.prefix else old]

    def _compound(self, node: typed.Compound) -> list[Value]:
        value = self.word(node.value)
        place = self.place(node.target)
        old = self.read(place)[0]
        if node.op in ("<<", ">>"):
            new = self.shift(node.op, old, value, node.type)
        else:
            new = self.binary(node.op, old, value, node.type, node.checked)
        self.write(place, [new], node.type)
        return [new]

    def _delete(self, node: typed.Delete) -> list[Value]:
        self.erase(self.place(node.target))
        return []

    # -- assignment --------------------------------------------------------------------------------

    def _assign(self, node: typed.Assign) -> list[Value]:
        if isinstance(node.target, typed.Tuple):
            self._assign_tuple(node.target, node.value)
            return []
        source, words = self._component(node.value, node.target)
        place = self.place(node.target)
        if not isinstance(place, StoragePlace):
            words = self.convert(words, source, place.type)
            source = place.type
        self.write(place, words, source)
        if place.type.is_reference and isinstance(place, StoragePlace):
            return [place.slot]
        return words

    def assignable(self, value: typed.Expr, target: typed.Expr) -> tuple[Type, list[Value]]:
        """The value's words and their type. On its way into storage a reference value is not
        converted first: it is copied straight from where it is."""
        into_storage = not isinstance(target, typed.Local) and target.type.location == "storage"
        if into_storage and isinstance(value, typed.Convert) and target.type.is_reference:
            inner = value.value
            if inner.type.is_reference:
                return inner.type, self.words(inner)
            if isinstance(inner.type, StringLiteralType):
                memory = target.type.in_location("memory")
                return memory, [self.literal_in_memory(inner.type.value)]
        return value.type, self.words(value)

    def _assign_tuple(self, target: typed.Tuple, value: typed.Expr) -> None:
        values = self._components(value, target)
        places = self._tuple_places(target)
        for place, (type_, words) in reversed(list(zip(places, values, strict=True))):
            if isinstance(place, SkippedPlace):
                continue
            if isinstance(place, StoragePlace) and place.type.is_reference:
                self.write(place, words, type_)
            else:
                self.write(place, self.convert(words, type_, place.type), place.type)

    def _components(
        self, value: typed.Expr | None, target: typed.Expr | None
    ) -> list[tuple[Type, list[Value]]]:
        """What goes into each place of a target, from left to right; tuples in tuples are one list."""
        assert value is not None
        if not isinstance(target, typed.Tuple):
            return [self._component(value, target)]
        if not isinstance(value, typed.Tuple):
            return self._split_to(self.words(value), value.type, target)
        pairs = zip(value.items, target.items, strict=True)
        return [found for v, t in pairs for found in self._components(v, t)]

    def _split_to(
        self, words: list[Value], type_: Type, target: typed.Tuple
    ) -> list[tuple[Type, list[Value]]]:
        found: list[tuple[Type, list[Value]]] = []
        for (part, own), item in zip(self._split(words, type_), target.items, strict=True):
            if isinstance(item, typed.Tuple):
                found += self._split_to(own, part, item)
            else:
                found.append((part, own))
        return found

    def _component(self, value: typed.Expr, target: typed.Expr | None) -> tuple[Type, list[Value]]:
        if target is None:
            return self.uncopied(value)
        into_memory = isinstance(target, typed.Local) or target.type.location != "storage"
        return self.uncopied(value) if into_memory else self.assignable(value, target)

    def uncopied(self, part: typed.Expr) -> tuple[Type, list[Value]]:
        """One of several values before it is copied to where it belongs (from storage, say): that is done when all of
        them are known, for they may change what is copied, and a copy may fail."""
        if isinstance(part, typed.Convert) and part.type.is_reference:
            inner = part.value.type
            if inner.is_reference and inner.location != part.type.location:
                return inner, self.words(part.value)
        return part.type, self.words(part)

    def _tuple_places(self, target: typed.Tuple) -> list[Reference]:
        places: list[Reference] = []
        for item in target.items:
            if item is None:
                places.append(SkippedPlace(UINT256))
            elif isinstance(item, typed.Tuple):
                places += self._tuple_places(item)
            else:
                places.append(self.place(item))
        return places

    def _split(self, words: list[Value], type_: Type) -> list[tuple[Type, list[Value]]]:
        """The words of a tuple value, component by component."""
        types = type_.items if isinstance(type_, TupleType) else (type_,)
        parts: list[tuple[Type, list[Value]]] = []
        for item in types:
            assert item is not None
            parts.append((item, words[: item.words]))
            words = words[item.words :]
        return parts

    def _tuple(self, node: typed.Tuple) -> list[Value]:
        return [word for item in node.items if item is not None for word in self.words(item)]

    # -- arguments ---------------------------------------------------------------------------------

    def arguments(self, nodes: list[typed.Expr]) -> list[list[Value]]:
        """The words of each, of the parameter's type."""
        parts = self.as_written(nodes, self.uncopied)
        return [
            self.convert(words, type_, node.type)
            for (type_, words), node in zip(parts, nodes, strict=True)
        ]

    def as_written(self, nodes: list[typed.Expr], evaluate: Callable[[typed.Expr], T]) -> list[T]:
        """What is made of each: by parameters, though those with names may be written in another order."""
        found = {n: evaluate(nodes[n]) for n in written_order(nodes)}
        return [found[n] for n in range(len(nodes))]

    # -- new memory objects ------------------------------------------------------------------------

    def _struct_new(self, node: typed.StructNew) -> list[Value]:
        words = self.arguments(node.arguments)
        pointer = self.allocate(32 * len(words))
        for number, (word,) in enumerate(words):
            self.store_memory(self.add(pointer, 32 * number), word)
        return [pointer]

    def _array_new(self, node: typed.ArrayNew) -> list[Value]:
        return [self.new_array(node.type, self.word(node.length))]

    def _array_literal(self, node: typed.ArrayLiteral) -> list[Value]:
        words = [self.word(item) for item in node.items]
        pointer = self.allocate(32 * len(words))
        for number, word in enumerate(words):
            self.store_memory(self.add(pointer, 32 * number), word)
        return [pointer]

    # -- storage arrays ----------------------------------------------------------------------------

    def _push(self, node: typed.Push) -> list[Value]:
        if node.value is None:
            return self.read(self.push_place(node))
        target = node.base.type
        slot = self.word(node.base)
        if isinstance(target, BytesType):
            self.push_byte(slot, self.word(node.value))
            return []
        assert isinstance(target, ArrayType)
        element = target.element.in_location("storage")
        if element.is_value:
            self.store_storage_value(slot, target, self.word(node.value))
            return []
        marker = typed.Index(node.pos, node.end, element, node.base, node.value)
        source, words = self.assignable(node.value, marker)
        self.store_value(self.push_element(slot, target), words, source)
        return []

    def store_storage_value(self, slot: Value, type_: ArrayType, value: Value) -> None:
        self.store_storage(self.push_element(slot, type_), value)

    def _pop(self, node: typed.Pop) -> list[Value]:
        slot = self.word(node.base)
        if isinstance(node.base.type, BytesType):
            self.pop_byte(slot)
        else:
            assert isinstance(node.base.type, ArrayType)
            self.pop_element(slot, node.base.type)
        return []

    # -- encodings ---------------------------------------------------------------------------------

    def items(self, nodes: list[typed.Expr]) -> list[Item]:
        """Values to encode, each with its own type."""
        return [(words, n.type) for words, n in zip(self.as_written(nodes, self.words), nodes)]

    def _abi_encode(self, node: typed.AbiEncode) -> list[Value]:
        pointer, start, end = self._encode_call_data(node, 32)
        self.emit("mstore", pointer, self.emit("sub", end, start))
        self.finish_allocation(pointer, self.emit("sub", end, pointer))
        return [pointer]

    def _encode_call_data(self, node: typed.AbiEncode, skip: int) -> tuple[Value, Value, Value]:
        """(free memory, start, end) of an encoding written `skip` bytes into free memory."""
        head = self.words(node.selector) if node.selector is not None else []
        items = self.items(node.arguments)
        if node.selector is not None and isinstance(node.selector.type, BytesType):
            head = self.convert([self.hash_of(head, node.selector.type)], BYTES32, BYTES4)
        pointer = self.emit("fmp")
        start = position = self.add(pointer, skip)
        if head:
            self.emit("mstore", start, head[0])
            position = self.add(start, 4)
        encode = self.encode_packed if node.kind == "packed" else self.encode_tuple
        return pointer, start, encode(position, items)

    def _abi_decode(self, node: typed.AbiDecode) -> list[Value]:
        data = self.words(node.data)
        if node.data.type.location == "calldata":
            start, end, source = data[0], self.emit("add", data[0], data[1]), "calldata"
        else:
            start = self.add(data[0], 32)
            end, source = self.emit("add", start, self.emit("mload", data[0])), "memory"
        return [w for value in self.decode_tuple(start, end, node.types, source) for w in value]

    def data_in_memory(self, node: typed.Expr) -> tuple[Value, Value]:
        """(start, length) of byte data that is only read once, made at free memory if need be."""
        if isinstance(node, typed.AbiEncode):
            _, start, end = self._encode_call_data(node, 0)
            return start, self.emit("sub", end, start)
        if isinstance(node, typed.Convert) and isinstance(node.value.type, BytesType):
            return self.data_in_memory(node.value)
        return self._words_in_memory(self.words(node), node.type)

    def _words_in_memory(self, words: list[Value], type_: Type) -> tuple[Value, Value]:
        if isinstance(type_, StringLiteralType):
            start = self.emit("fmp")
            self.store_literal(start, type_.value)
            return start, self.const(len(type_.value))
        if isinstance(type_, BytesType) and type_.location == "memory":
            return self.add(words[0], 32), self.emit("mload", words[0])
        start = self.emit("fmp")
        return start, self.emit("sub", self.encode_packed(start, [(words, type_)]), start)

    def keccak(self, node: typed.Expr) -> Value:
        """Hash of byte data; literals at compile time."""
        text = literal_text(node)
        if text is not None:
            return self.const(keccak_int(text))
        start, length = self.data_in_memory(node)
        return self.emit("keccak256", start, length)

    def hash_of(self, words: list[Value], type_: Type) -> Value:
        """The same of what was computed before."""
        start, length = self._words_in_memory(words, type_)
        return self.emit("keccak256", start, length)


def written_order(nodes: list[typed.Expr]) -> list[int]:
    """The numbers of the nodes as they stand in the source."""
    return sorted(range(len(nodes)), key=lambda n: nodes[n].pos)


def literal_text(node: typed.Expr) -> bytes | None:
    """The bytes of a string literal, whatever it was converted to."""
    while isinstance(node, typed.Convert):
        node = node.value
    return node.type.value if isinstance(node.type, StringLiteralType) else None


_LOWER: dict[type[typed.Expr], Callable[[Any, Any], list[Value]]] = {
    typed.Const: Expressions._const,
    typed.Literal: Expressions._literal,
    typed.Local: Expressions._place_read,
    typed.State: Expressions._place_read,
    typed.Immutable: Expressions._place_read,
    typed.Index: Expressions._index,
    typed.Field: Expressions._field,
    typed.Length: Expressions._length,
    typed.Slice: Expressions._slice,
    typed.Environment: Expressions._environment,
    typed.Convert: Expressions._convert,
    typed.Unary: Expressions._unary,
    typed.Binary: Expressions._binary,
    typed.Step: Expressions._step,
    typed.Assign: Expressions._assign,
    typed.Compound: Expressions._compound,
    typed.Delete: Expressions._delete,
    typed.Conditional: Expressions._conditional,
    typed.Tuple: Expressions._tuple,
    typed.StructNew: Expressions._struct_new,
    typed.ArrayNew: Expressions._array_new,
    typed.ArrayLiteral: Expressions._array_literal,
    typed.Push: Expressions._push,
    typed.Pop: Expressions._pop,
    typed.AbiEncode: Expressions._abi_encode,
    typed.AbiDecode: Expressions._abi_decode,
    typed.Call: lambda self, node: self.internal_call(node),
    typed.FunctionPointer: lambda self, node: self.function_pointer(node),
    typed.ExternalPointer: lambda self, node: self.external_pointer(node),
    typed.PointerCall: lambda self, node: self.pointer_call(node),
    typed.ExternalCall: lambda self, node: self.external_call(node),
    typed.LibraryCall: lambda self, node: self.library_call(node),
    typed.LibraryAddress: lambda self, node: [self.library_address(node.library.full_name)],
    typed.LowLevelCall: lambda self, node: self.low_level_call(node),
    typed.Builtin: lambda self, node: self.builtin(node),
    typed.Require: lambda self, node: self.require(node),
    typed.ContractNew: lambda self, node: self.create(node),
    typed.ContractCode: lambda self, node: self.contract_code(node),
}
