"""Expressions: names, operators, indexing, assignment. Operands are evaluated from left to right, and of an assignment the
value first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeGuard

from compiler.semantics import typed
from compiler.semantics.types import (
    ArrayType,
    BytesType,
    FixedBytesType,
    MappingType,
    StringLiteralType,
    StructType,
    TupleType,
    Type,
)
from tests.reference import arithmetic, objects, storage
from tests.reference.calldata import Given, stride
from tests.reference.core import Core, result_types
from tests.reference.memory import Array, Bytes, Struct, check_affordable, check_allocation, zero
from tests.reference.outcomes import INDEX, Reverted, Unsupported, panic
from tests.reference.targets import Byte, Keyed, Stored, StoredByte, Target


class Expressions(Core):
    """`evaluate` gives a word, an object, a reference, or a list for several values."""

    def evaluate(self, node: typed.Expr) -> Any:
        run = _EVALUATE.get(type(node))
        if run is None:
            raise Unsupported(type(node).__name__)
        return run(self, node)

    def evaluate_all(self, nodes: Sequence[typed.Expr | None]) -> list[Any]:
        """Several values of one construct, evaluated as they are written: names may order them differently. Copies
        into memory are made when all have been evaluated."""
        given = sorted((n for n in nodes if n is not None), key=lambda n: n.pos)
        found = {n: self.evaluate(n.value if _copies(n) else n) for n in given}
        return [
            self.converted(found[n], n.value.type, n.type) if _copies(n) else found[n]
            if n is not None else None
            for n in nodes
        ]  # fmt: skip

    # -- names and literals ------------------------------------------------------------------------

    def _const(self, node: typed.Const) -> int:
        return node.word

    def _literal(self, node: typed.Literal) -> Any:
        return node.type.value if isinstance(node.type, StringLiteralType) else None

    def _local(self, node: typed.Local) -> Any:
        return self.variables[node.symbol]

    def _state(self, node: typed.State) -> Any:
        return self.target(node).read()

    def _immutable(self, node: typed.Immutable) -> Any:
        return self.immutables.get(node.symbol, 0)

    # -- parts of objects --------------------------------------------------------------------------

    def _index(self, node: typed.Index) -> Any:
        base = self.evaluate(node.base)
        kind = node.base.type
        if isinstance(kind, MappingType):
            return Stored(node.type, self.slots, self._entry(base, kind, node.index)).read()
        index = self.evaluate(node.index)
        if isinstance(kind, ArrayType):
            return objects.element(base, kind, index, self.slots)
        if isinstance(kind, FixedBytesType):
            if index >= kind.size:
                raise panic(INDEX)
            return base << 8 * index & 0xFF << 248
        if kind.location == "storage":
            return StoredByte(node.type, self.slots, base, index).read()
        data = objects.raw_bytes(base, kind, self.slots)
        if index >= len(data):
            raise panic(INDEX)
        return data[index] << 248

    def _entry(self, base: storage.Place, kind: MappingType, key: typed.Expr) -> storage.Place:
        """A byte string in calldata does not count as copied to memory."""
        if isinstance(kind.key, BytesType):
            while isinstance(key, typed.Convert) and isinstance(key.value.type, BytesType):
                key = key.value
            return storage.entry(base, self.bytes_of(key))
        return storage.entry(base, self.evaluate(key).to_bytes(32, "big"))

    def _field(self, node: typed.Field) -> Any:
        base = self.evaluate(node.base)
        assert isinstance(node.base.type, StructType)
        return objects.member(base, node.base.type, node.member, self.slots)

    def _length(self, node: typed.Length) -> int:
        return objects.count(self.evaluate(node.base), node.base.type, self.slots)

    def _slice(self, node: typed.Slice) -> Given:
        base: Given = self.evaluate(node.base)
        start = self.evaluate(node.start) if node.start is not None else 0
        stop = self.evaluate(node.stop) if node.stop is not None else base.length
        if start > stop or stop > base.length:
            raise Reverted
        return Given(base.data, base.at + start * stride(node.type), stop - start)

    # -- operators ---------------------------------------------------------------------------------

    def _convert(self, node: typed.Convert) -> Any:
        value = self.evaluate(node.value)
        source, target = node.value.type, node.type
        if target.location == "storage":
            return value
        if isinstance(target, TupleType):
            wanted = result_types(target)
            return [
                self.converted(v, s, t)
                for v, s, t in zip(value, result_types(source), wanted, strict=True)
            ]
        return self.converted(value, source, target)

    def _unary(self, node: typed.Unary) -> int:
        return arithmetic.unary(node.op, self.evaluate(node.operand), node.type, node.checked)

    def _binary(self, node: typed.Binary) -> int:
        left = self.evaluate(node.left)
        if node.op in ("&&", "||"):
            decided = bool(left) is (node.op == "||")
            return int(left) if decided else int(self.evaluate(node.right))
        right = self.evaluate(node.right)
        return self._operate(node.op, left, right, node.left.type, node.checked)

    def _operate(self, op: str, left: int, right: int, type_: Type, checked: bool) -> int:
        if op in ("<<", ">>"):
            return arithmetic.shift(op, left, right, type_)
        if op == "**":
            return arithmetic.power(left, right, type_, checked)
        return arithmetic.binary(op, left, right, type_, checked, self.zero_division)

    def _step(self, node: typed.Step) -> int:
        target = self.target(node.target)
        before: int = target.read()
        after = arithmetic.binary(node.op, before, 1, node.type, node.checked, False)
        target.put(after)
        return after if node.prefix else before

    def _conditional(self, node: typed.Conditional) -> Any:
        return self.evaluate(node.then if self.evaluate(node.condition) else node.otherwise)

    def _tuple(self, node: typed.Tuple) -> list[Any]:
        return self.evaluate_all(node.items)

    # -- assignment --------------------------------------------------------------------------------

    def _assign(self, node: typed.Assign) -> Any:
        if not isinstance(node.target, typed.Tuple):
            given = node.value.value if _copies(node.value) else as_given(node.value)
            value = self.evaluate(given)
            target = self.target(node.target)
            if _copies(node.value):
                value, given = self.converted(value, given.type, node.value.type), node.value
            target.write(value, given.type)
            return target.read()
        value = self.evaluate(node.value)
        pairs: list[tuple[Target, Any, Type]] = []
        self._spread(node.target, value, node.value, node.value.type, pairs)
        for target, part, type_ in reversed(pairs):
            target.write(part, type_)
        return []

    def _spread(
        self, target: typed.Tuple, values: Any, node: typed.Expr | None, type_: Type,
        pairs: list[tuple[Target, Any, Type]],
    ) -> None:  # fmt: skip
        """The places of a tuple from left to right, each with what goes there. `node` is the value as written."""
        types = result_types(type_)
        if not isinstance(type_, TupleType):
            values = [values]
        parts: Sequence[typed.Expr | None] = [None] * len(types)
        if isinstance(node, typed.Tuple):
            parts = [as_given(n) for n in node.items if n is not None]
            types = [p.type for p in parts if p is not None]
        for item, value, part, inner in zip(target.items, values, parts, types, strict=True):
            if isinstance(item, typed.Tuple):
                self._spread(item, value, part, inner, pairs)
            elif item is not None:
                pairs.append((self.target(item), value, inner))

    def _compound(self, node: typed.Compound) -> int:
        value = self.evaluate(node.value)
        target = self.target(node.target)
        result = self._operate(node.op, target.read(), value, node.type, node.checked)
        target.put(result)
        return result

    def _delete(self, node: typed.Delete) -> None:
        self.target(node.target).delete()

    def target(self, node: typed.Expr) -> Target:
        """The place an expression means."""
        if isinstance(node, typed.Local):
            return Keyed(node.type, self.slots, self.variables, node.symbol)
        if isinstance(node, typed.Immutable):
            self.immutables.setdefault(node.symbol, 0)
            return Keyed(node.type, self.slots, self.immutables, node.symbol)
        if isinstance(node, typed.State):
            slots = self.transient if node.symbol.transient else self.slots
            return Stored(node.type, slots, self.state_place(node.symbol))
        if isinstance(node, typed.Push):
            return self._pushed(node)
        assert isinstance(node, (typed.Field, typed.Index)), node
        base = self.evaluate(node.base)
        kind = node.base.type
        if isinstance(node, typed.Field):
            if kind.location == "storage":
                assert isinstance(kind, StructType)
                return Stored(node.type, self.slots, storage.member(base, kind, node.member))
            return Keyed(node.type, self.slots, base.members, node.member)
        if isinstance(kind, MappingType):
            return Stored(node.type, self.slots, self._entry(base, kind, node.index))
        index = self.evaluate(node.index)
        if isinstance(kind, BytesType):
            if kind.location == "storage":
                return StoredByte(node.type, self.slots, base, index)
            return Byte(node.type, self.slots, base.data, index)
        assert isinstance(kind, ArrayType), kind
        if kind.location == "storage":
            return Stored(node.type, self.slots, storage.element(self.slots, base, kind, index))
        if index >= len(base.items):
            raise panic(INDEX)
        return Keyed(node.type, self.slots, base.items, index)

    # -- arrays that grow --------------------------------------------------------------------------

    def _pushed(self, node: typed.Push) -> Target:
        """The new element of `push()`."""
        base, kind = self.evaluate(node.base), node.base.type
        if isinstance(kind, BytesType):
            data = storage.load_bytes(self.slots, base)
            storage.save_bytes(self.slots, base, data + b"\0")
            return StoredByte(node.type, self.slots, base, len(data))
        assert isinstance(kind, ArrayType)
        return Stored(node.type, self.slots, storage.grow(self.slots, base, kind))

    def _push(self, node: typed.Push) -> Any:
        if node.value is None:
            return self._pushed(node).read()
        base, kind = self.evaluate(node.base), node.base.type
        given = as_given(node.value)
        value = self.evaluate(given)
        if isinstance(kind, BytesType):
            data = storage.load_bytes(self.slots, base)
            storage.save_bytes(self.slots, base, data + bytes([value >> 248]))
            return []
        assert isinstance(kind, ArrayType)
        place = storage.grow(self.slots, base, kind)
        objects.to_storage(value, given.type, place, kind.element, self.slots)
        return []

    def _pop(self, node: typed.Pop) -> None:
        storage.shrink(self.slots, self.evaluate(node.base), node.base.type)

    # -- new objects in memory ---------------------------------------------------------------------

    def _struct_new(self, node: typed.StructNew) -> Struct:
        values = self.evaluate_all(node.arguments)
        return Struct({m.name: v for m, v in zip(node.struct.members, values, strict=True)})

    def _array_new(self, node: typed.ArrayNew) -> Any:
        length = self.evaluate(node.length)
        if isinstance(node.type, BytesType):
            check_allocation(length, 1)
            check_affordable(length // 32)
            return Bytes(b"\0" * length)
        assert isinstance(node.type, ArrayType)
        check_allocation(length, 32)
        check_affordable(length)
        return Array([zero(node.type.element) for _ in range(length)])

    def _array_literal(self, node: typed.ArrayLiteral) -> Array:
        return Array([self.evaluate(item) for item in node.items])


def as_given(node: typed.Expr) -> typed.Expr:
    """A value on its way into storage as it is before: what is copied there is read where it stands."""
    while isinstance(node, typed.Convert) and node.type.location == "storage":
        node = node.value
    return node


def _copies(node: typed.Expr | None) -> TypeGuard[typed.Convert]:
    """Whether a conversion does nothing but copy an object into memory."""
    return (
        isinstance(node, typed.Convert)
        and node.type.location == "memory"
        and node.value.type.is_reference
    )


_EVALUATE: dict[type[typed.Expr], Callable[[Any, Any], Any]] = {
    typed.Const: Expressions._const,
    typed.Literal: Expressions._literal,
    typed.Local: Expressions._local,
    typed.State: Expressions._state,
    typed.Immutable: Expressions._immutable,
    typed.Index: Expressions._index,
    typed.Field: Expressions._field,
    typed.Length: Expressions._length,
    typed.Slice: Expressions._slice,
    typed.Convert: Expressions._convert,
    typed.Unary: Expressions._unary,
    typed.Binary: Expressions._binary,
    typed.Step: Expressions._step,
    typed.Conditional: Expressions._conditional,
    typed.Tuple: Expressions._tuple,
    typed.Assign: Expressions._assign,
    typed.Compound: Expressions._compound,
    typed.Delete: Expressions._delete,
    typed.Push: Expressions._push,
    typed.Pop: Expressions._pop,
    typed.StructNew: Expressions._struct_new,
    typed.ArrayNew: Expressions._array_new,
    typed.ArrayLiteral: Expressions._array_literal,
    typed.Environment: lambda self, node: self.environment(node),
    typed.Builtin: lambda self, node: self.builtin(node),
    typed.AbiEncode: lambda self, node: self.abi_encode(node),
    typed.AbiDecode: lambda self, node: self.abi_decode(node),
    typed.ContractCode: lambda self, node: self.contract_code(node),
    typed.Require: lambda self, node: self.require(node),
    typed.Call: lambda self, node: self.internal_call(node),
    typed.FunctionPointer: lambda self, node: self.function_pointer(node),
    typed.ExternalPointer: lambda self, node: self.external_pointer(node),
    typed.PointerCall: lambda self, node: self.pointer_call(node),
    typed.ExternalCall: lambda self, node: self.outside(node),
    typed.LibraryCall: lambda self, node: self.outside(node),
    typed.ContractNew: lambda self, node: self.outside(node),
    typed.LibraryAddress: lambda self, node: self.library_address(node),
    typed.LowLevelCall: lambda self, node: self.low_level_call(node),
}
