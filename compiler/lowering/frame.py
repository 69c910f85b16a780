"""The function being lowered: its builder, and the small words every other file here uses."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

from compiler.ir.builder import Builder
from compiler.ir.ops import SCRATCH_WORD
from compiler.ir.values import Function, Reason, Value
from compiler.semantics.symbols import VariableSymbol
from compiler.semantics.types import Type

if TYPE_CHECKING:
    from compiler.lowering.contract import ContractLowering

EMPTY: Reason = ("empty",)
BUBBLE: Reason = ("bubble",)
PANIC_ASSERT, PANIC_OVERFLOW, PANIC_DIVISION, PANIC_ENUM = 0x01, 0x11, 0x12, 0x21
PANIC_STORAGE_BYTES, PANIC_POP, PANIC_INDEX, PANIC_MEMORY = 0x22, 0x31, 0x32, 0x41
PANIC_POINTER = 0x51
MAX_LENGTH = (1 << 64) - 1
ZERO_POINTER = 0x60  # memory word that always holds zero: the empty dynamic array

# Why a reference inside calldata is refused: its offset, its length, its end.
TAIL_TEXTS = (
    "Invalid calldata tail offset",
    "Invalid calldata tail length",
    "Calldata tail too short",
)
ACCESS_TEXTS = (
    "Invalid calldata access offset",
    "Invalid calldata access length",
    "Invalid calldata access stride",
)

Key = Hashable


class Frame:
    """One FIR function under construction. `context` knows the contract around it."""

    def __init__(self, context: ContractLowering, function: Function) -> None:
        self.context = context
        self.function = function
        self.calldata_texts = TAIL_TEXTS
        self.builder = Builder(function)
        self.emit = self.builder.emit
        self.const = self.builder.const

    # -- instructions ------------------------------------------------------------------------------

    def guard(self, condition: Value, reason: Reason) -> None:
        self.builder.guard(condition, reason)

    def refuse(self, condition: Value, why: str) -> None:
        """Revert if the condition holds: without data, or saying why where `revert_strings` asks for that."""
        self.builder.guard(condition, self.context.refusal(why))

    def panic_if(self, condition: Value, code: int) -> None:
        """Revert with `Panic(code)` if the condition holds."""
        self.builder.guard(condition, ("panic", code))

    def add(self, a: Value, b: Value | int) -> Value:
        return self.emit("add", a, b if isinstance(b, Value) else self.const(b))

    def mask(self, value: Value, bits: int) -> Value:
        """The low `bits` of a word."""
        return self.emit("and", value, self.const((1 << bits) - 1))

    def is_zero(self, value: Value) -> Value:
        return self.emit("iszero", value)

    def scratch_store(self, address: int, value: Value) -> None:
        """Write one of the scratch words below 0x40."""
        self.emit("mstore", self.const(address), value, imm=SCRATCH_WORD)

    def scratch_load(self, address: int) -> Value:
        return self.emit("mload", self.const(address), imm=SCRATCH_WORD)

    def round_up(self, size: Value) -> Value:
        """To the next multiple of 32."""
        return self.emit("and", self.add(size, 31), self.const(~31))

    # -- control -----------------------------------------------------------------------------------

    def loop(self, count: Value, body: Callable[[Value], None]) -> None:
        """`for (i = 0; i < count; i++) body(i)`"""
        builder = self.builder
        key = object()
        builder.write(key, self.const(0))
        head, inside, done = builder.new_block(), builder.new_block(), builder.new_block()
        builder.jump(head)
        builder.start(head)
        index = builder.read(key)
        builder.branch(self.emit("lt", index, count), inside, done)
        builder.resume(inside)
        body(index)
        builder.write(key, self.add(builder.read(key), 1))
        builder.jump(head)
        builder.seal(head)
        builder.resume(done)

    def choose(
        self, condition: Value, then: Callable[[], None], otherwise: Callable[[], None]
    ) -> None:
        """`if (condition) then() else otherwise()`"""
        builder = self.builder
        first, second, done = builder.new_block(), builder.new_block(), builder.new_block()
        builder.branch(condition, first, second)
        builder.resume(first)
        then()
        builder.jump(done)
        builder.resume(second)
        otherwise()
        builder.jump(done)
        builder.resume(done)

    def select(
        self,
        condition: Value,
        then: Callable[[], list[Value]],
        otherwise: Callable[[], list[Value]],
    ) -> list[Value]:
        """The words of one of two computations; only the chosen one runs."""
        keys: list[Key] = []

        def run(compute: Callable[[], list[Value]]) -> None:
            words = compute()
            if not keys:
                keys.extend(object() for _ in words)
            for key, word in zip(keys, words, strict=True):
                self.builder.write(key, word)

        self.choose(condition, lambda: run(then), lambda: run(otherwise))
        return [self.builder.read(key) for key in keys]

    # -- variables ---------------------------------------------------------------------------------

    def variable_key(self, symbol: VariableSymbol) -> Any:
        """What identifies a source variable; modifiers applied twice have their own copies."""
        return symbol

    def write_variable(self, symbol: VariableSymbol, words: list[Value]) -> None:
        key = self.variable_key(symbol)
        for number, word in enumerate(words):
            self.builder.write((key, number), word)

    def read_variable(self, symbol: VariableSymbol) -> list[Value]:
        key = self.variable_key(symbol)
        return [self.builder.read((key, number)) for number in range(symbol.type.words)]

    # -- routines ----------------------------------------------------------------------------------

    def routine(
        self, name: str, args: list[Value], results: int, build: Callable[[Any, list[Value]], None]
    ) -> list[Value]:
        """Call a generated function, made by `build(frame, params)` when it is first needed."""
        name = self.context.names.of(("routine", name), name)  # no function of the source has it
        self.context.need_routine(name, len(args), results, build)
        return self.builder.call(name, args, results)

    def ret(self, *words: Value) -> None:
        self.builder.finish("ret", *words)


class Reference:
    """A place that can be read and assigned: how depends on where it is."""

    __slots__ = ("type",)

    def __init__(self, type_: Type) -> None:
        self.type = type_


class VariablePlace(Reference):
    """A local variable."""

    __slots__ = ("symbol",)

    def __init__(self, symbol: VariableSymbol) -> None:
        super().__init__(symbol.type)
        self.symbol = symbol


class StoragePlace(Reference):
    """A value or reference in storage; `offset` counts bytes from the slot's low end."""

    __slots__ = ("offset", "slot")
    load, store = "sload", "sstore"

    def __init__(self, type_: Type, slot: Value, offset: Value | int = 0) -> None:
        super().__init__(type_)
        self.slot = slot
        self.offset = offset


class TransientPlace(StoragePlace):
    """A value in transient storage, whose slots have nothing to do with those of storage."""

    __slots__ = ()
    load, store = "tload", "tstore"


class MemoryPlace(Reference):
    __slots__ = ("address",)

    def __init__(self, type_: Type, address: Value) -> None:
        super().__init__(type_)
        self.address = address


class MemoryBytePlace(MemoryPlace):
    """One byte of a `bytes memory`."""

    __slots__ = ()


class StorageBytePlace(Reference):
    """One byte of a `bytes storage`."""

    __slots__ = ("index", "slot")

    def __init__(self, type_: Type, slot: Value, index: Value) -> None:
        super().__init__(type_)
        self.slot = slot
        self.index = index


class ImmutablePlace(Reference):
    __slots__ = ("symbol",)

    def __init__(self, symbol: VariableSymbol) -> None:
        super().__init__(symbol.type)
        self.symbol = symbol


class SkippedPlace(Reference):
    """A left-out component of a tuple assignment."""

    __slots__ = ()
