"""A contract to two FIR modules: its runtime code and its creation code.

Functions are lowered when something first calls them, so what nobody reaches is never made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compiler.ir.values import Function, Module, Reason, Value
from compiler.lowering.assembly import count_memory
from compiler.lowering.frame import EMPTY, StoragePlace
from compiler.lowering.function_table import FunctionTable
from compiler.lowering.statements import Statements
from compiler.options import CompileOptions
from compiler.semantics.abi import resolve_function, special_function
from compiler.semantics.check_members import external_functions, function_selector
from compiler.semantics.getters import getter_results
from compiler.semantics.library_calls import in_library, passed
from compiler.semantics.storage_layout import Place, layout_contract, layout_transient
from compiler.semantics.symbols import (
    ContractSymbol,
    FunctionSymbol,
    Invocation,
    ModifierSymbol,
    VariableSymbol,
)
from compiler.semantics.types import (
    ArrayType,
    BytesType,
    FunctionType,
    MappingType,
    StructType,
    Type,
)
from compiler.source import Span
from compiler.syntax import ast

FREE_MEMORY_START = 0x80
LIBRARY_ADDRESS = "library_deploy_address"  # where a library was created, known to its code
VALUE_REFUSED = "Ether sent to non-payable function"
NO_FALLBACK = b"Unknown signature and no fallback defined"
NEITHER = b"Contract does not have fallback nor receive functions"
WORDS_BELOW_HEAP = FREE_MEMORY_START // 32  # results that fit below it need no free memory


class Names:
    """Unique FIR names for the functions and types of a build."""

    def __init__(self) -> None:
        self._by_object: dict[Any, str] = {}
        self._used: set[str] = set()

    def of(self, thing: Any, wanted: str) -> str:
        """The same name for the same thing, different names for different things."""
        found = self._by_object.get(thing)
        if found is None:
            found, count = wanted, 0
            while found in self._used:  # a source may spell `f_1` itself
                count += 1
                found = f"{wanted}_{count}"
            self._used.add(found)
            self._by_object[thing] = found
        return found

    def of_functions(self, functions: list[FunctionSymbol]) -> dict[FunctionSymbol, str]:
        """The names that have been given."""
        return {f: self._by_object[f] for f in functions if f in self._by_object}


class ContractLowering:
    """Lowers one module. `in_creation` is true for the constructor and what it calls.

    Small events are put into scratch memory where `keeps_scratch` is false; `used_scratch` says whether any was."""

    def __init__(
        self,
        contract: ContractSymbol,
        options: CompileOptions,
        names: Names,
        in_creation: bool,
        keeps_scratch: bool = False,
    ) -> None:
        self.contract = contract
        self.options = options
        self.explains = options.revert_strings == "debug"
        self.names = names
        self.in_creation = in_creation
        self.keeps_scratch = keeps_scratch
        self.used_scratch = False
        self.module = Module(contract.full_name + (".creation" if in_creation else ""))
        self.places: dict[VariableSymbol, Place] = {
            **layout_contract(contract),
            **layout_transient(contract),
        }
        self.immutables = [
            v for c in reversed(contract.linearized) for v in c.state_variables if v.immutable
        ]
        if in_creation:
            self.module.reserved_words = len(self.immutables)
        self.functions = FunctionTable(self)
        self.unsafe_memory: Span | None = (
            None  # assembly that writes memory and does not promise to be safe
        )
        self.yul_functions: dict[str, Span] = {}  # by name, and where the name stands
        self._queue: list[Callable[[], None]] = []

    def refusal(self, why: str) -> Reason:
        """How code reverts that has no data of its own to say so with."""
        return ("message", why.encode()) if self.explains else EMPTY

    # -- lowering ----------------------------------------------------------------------------------

    def runtime(self) -> Module:
        """Dispatch targets, receive and fallback."""
        functions = external_functions(self.contract)
        receive = special_function(self.contract, "receive")
        fallback = special_function(self.contract, "fallback")
        self.module.non_payable = all(f.mutability != "payable" for f in functions) and not (
            receive is not None or (fallback is not None and fallback.mutability == "payable")
        )
        if self.explains:  # each entry says why itself
            self.module.non_payable = False
            self.module.unmatched = NO_FALLBACK if receive is not None else NEITHER
        if functions and self.contract.kind == "library":
            self.module.non_payable = False  # the value is that of the call around
        for function in sorted(functions, key=function_selector):
            name = (
                f"external {self.contract.name}.{function.name}_{function_selector(function):08x}"
            )
            self.module.dispatch[function_selector(function)] = name
            self._new(name, "entry", self._entry_of(function), function)
        if receive is not None:
            self.module.receive = f"receive {self.contract.name}"
            self._new(self.module.receive, "entry", lambda f: self._special(f, receive), receive)
        if fallback is not None:
            self.module.fallback = f"fallback {self.contract.name}"
            self._new(self.module.fallback, "entry", lambda f: self._special(f, fallback), fallback)
        self._drain()
        return self.module

    def creation(self) -> Module:
        """The constructor, ending with the runtime code returned."""
        name = f"constructor {self.contract.name}"
        self.module.constructor = name
        self._new(name, "constructor", self._constructor, self.contract)
        self._drain()
        return self.module

    def _drain(self) -> None:
        while self._queue:
            self._queue.pop(0)()
        if not self.options.optimize:
            count_memory(self.module)

    def _new(self, name: str, kind: str, build: Callable[[Statements], None], symbol: Any) -> None:
        span = symbol.span or (0, 0)
        function = Function(name, kind, pos=span[0])
        self.module.functions[name] = function

        def lower() -> None:
            frame = Statements(self, function)
            frame.builder.pos, frame.builder.end = span
            build(frame)

        self._queue.append(lower)

    # -- functions ---------------------------------------------------------------------------------

    def need_function(self, symbol: FunctionSymbol, dispatch: str | ContractSymbol) -> str:
        """The FIR name of an internal function, lowered if it was not yet."""
        resolved = resolve_function(self.contract, symbol, dispatch)
        owner = f"{resolved.contract.name}." if resolved.contract else ""
        name = self.names.of(resolved, owner + resolved.name)
        if name not in self.module.functions:
            self._new(name, "internal", lambda f: self._internal(f, resolved), resolved)
            self.module.functions[name].results = sum(r.type.words for r in resolved.returns)
        return name

    def resolve_modifier(self, invocation: Invocation) -> ModifierSymbol:
        symbol = invocation.modifier
        if not invocation.exact and (symbol.is_virtual or symbol.node.override is not None):
            for contract in self.contract.linearized:
                for modifier in contract.modifiers:
                    if modifier.name == symbol.name:
                        return modifier
        return symbol

    def need_routine(
        self, name: str, parameters: int, results: int, build: Callable[[Any, list[Value]], None]
    ) -> None:
        """Make a generated function if this module has it not yet."""
        if name in self.module.functions:
            return

        def lower(frame: Statements) -> None:
            params = [frame.builder.add_parameter() for _ in range(parameters)]
            frame.builder.pos = frame.builder.end = 0
            build(frame, params)

        function = Function(name, "internal", results)
        self.module.functions[name] = function
        self._queue.append(lambda: lower(Statements(self, function)))

    def _internal(self, frame: Statements, symbol: FunctionSymbol) -> None:
        for parameter in symbol.parameters:
            words = [frame.builder.add_parameter() for _ in range(parameter.type.words)]
            frame.write_variable(parameter, words)
        frame.body(symbol)
        results = [w for r in symbol.returns for w in frame.read_variable(r)]
        frame.ret(*results)

    def _entry_of(self, symbol: FunctionSymbol) -> Callable[[Statements], None]:
        return lambda frame: self._entry(frame, symbol)

    # -- entries -----------------------------------------------------------------------------------

    def _start(self, frame: Statements) -> None:
        start = FREE_MEMORY_START + 32 * self.module.reserved_words
        frame.emit("setfmp", frame.const(start))

    def _refuse_value(self, frame: Statements) -> None:
        if not self.module.non_payable:  # else one test in front of the dispatch does it
            frame.refuse(frame.emit("callvalue"), VALUE_REFUSED)

    def _refuse_direct_call(self, frame: Statements, symbol: FunctionSymbol) -> None:
        """A library that changes state works in its caller's place alone: not at its own address."""
        if symbol.mutability not in ("pure", "view"):
            own = frame.emit("immutable", imm=LIBRARY_ADDRESS)
            direct = frame.emit("eq", frame.emit("address"), own)
            frame.refuse(direct, "Non-view function of library called without DELEGATECALL")

    def _entry(self, frame: Statements, symbol: FunctionSymbol) -> None:
        self._start(frame)
        if in_library(symbol):
            self._refuse_direct_call(frame, symbol)
        elif symbol.mutability != "payable":
            self._refuse_value(frame)
        if symbol.getter_of is not None:
            self._getter(frame, symbol)
            return
        types = [passed(p.type) for p in symbol.parameters]
        values = frame.decode_tuple(frame.const(4), frame.emit("calldatasize"), types, "calldata")
        if symbol.visibility == "external":
            for parameter, words in zip(symbol.parameters, values, strict=True):
                frame.write_variable(parameter, words)
            frame.body(symbol)
            if not frame.builder.reachable():
                return
            results = [(frame.read_variable(r), passed(r.type)) for r in symbol.returns]
        else:
            name = self.need_function(symbol, "exact")
            count = sum(r.type.words for r in symbol.returns)
            words = frame.builder.call(name, [w for v in values for w in v], count)
            results = []
            for variable in symbol.returns:
                results.append((words[: variable.type.words], passed(variable.type)))
                words = words[variable.type.words :]
        self._return_values(frame, results)

    def _return_values(self, frame: Statements, results: list[tuple[list[Value], Type]]) -> None:
        """End the call with encoded results; plain words go to the bottom of memory."""
        if not results:
            frame.builder.finish("stop")
            return
        if all(t.is_value for _, t in results) and len(results) <= WORDS_BELOW_HEAP:
            for number, (words, _) in enumerate(results):
                frame.emit("mstore", frame.const(32 * number), words[0], imm="raw")
            frame.builder.finish(
                "return", frame.const(0), frame.const(32 * len(results)), imm="raw"
            )
            return
        start = frame.emit("fmp")
        end = frame.encode_tuple(start, results)
        frame.builder.finish("return", start, frame.emit("sub", end, start))

    def _getter(self, frame: Statements, symbol: FunctionSymbol) -> None:
        """The value at the end of the mapping keys and array indices given as arguments."""
        variable = symbol.getter_of
        assert variable is not None
        from compiler.semantics.getters import getter_parameters

        types = getter_parameters(variable.type)
        values = frame.decode_tuple(frame.const(4), frame.emit("calldatasize"), types, "calldata")
        if variable.is_constant or variable.immutable:
            self._return_values(frame, [(self._fixed_value(frame, variable), variable.type)])
            return
        place = frame.state_place(variable)
        for words in values:
            if isinstance(place.type, MappingType):
                place = frame.mapping_entry(place.slot, place.type, words)
            else:
                assert isinstance(place.type, ArrayType)
                # Out of range, a getter reverts without data.
                length = frame.array_length(place.slot, place.type)
                frame.guard(frame.is_zero(frame.emit("lt", words[0], length)), EMPTY)
                data = frame.array_data(place.slot, place.type)
                place = frame.element_at(data, place.type.element, words[0])
        self._return_values(frame, self._getter_items(frame, place))

    def _fixed_value(self, frame: Statements, variable: VariableSymbol) -> list[Value]:
        from compiler.lowering.frame import ImmutablePlace

        if variable.immutable:
            return [frame.read_immutable(ImmutablePlace(variable))]
        assert variable.constant_value is not None
        return frame.words(variable.constant_value)

    def _getter_items(
        self, frame: Statements, place: StoragePlace
    ) -> list[tuple[list[Value], Type]]:
        if not isinstance(place.type, StructType):
            return [(frame.read(place), place.type)]
        items: list[tuple[list[Value], Type]] = []
        for name, _ in getter_results(place.type):
            member = frame.struct_member(place.slot, place.type, name)
            items.append((frame.read(member), member.type))
        return items

    def _special(self, frame: Statements, symbol: FunctionSymbol) -> None:
        """`receive` and `fallback`."""
        self._start(frame)
        if symbol.mutability != "payable":
            self._refuse_value(frame)
        if symbol.parameters:
            words = [frame.const(0), frame.emit("calldatasize")]
            frame.write_variable(symbol.parameters[0], words)
        frame.body(symbol)
        if not frame.builder.reachable():
            return
        if symbol.returns:  # the bytes themselves, not encoded
            pointer = frame.read_variable(symbol.returns[0])[0]
            frame.builder.finish("return", frame.add(pointer, 32), frame.emit("mload", pointer))
        else:
            frame.builder.finish("stop")

    # -- constructor -------------------------------------------------------------------------------

    def _constructor(self, frame: Statements) -> None:
        """Arguments, then from the most base-like contract on: initial values, constructor body."""
        contract = self.contract
        self._start(frame)
        own = contract.constructor
        if own is None or own.mutability != "payable":
            frame.refuse(frame.emit("callvalue"), VALUE_REFUSED)
        if own is not None and own.parameters:
            self._constructor_arguments(frame, own)
        for derived in contract.linearized:
            # What one contract gives goes from the nearest base to the farthest, as it is linearized.
            for base in contract.linearized:
                values = derived.base_arguments[base][0] if base in derived.base_arguments else []
                parameters = base.constructor.parameters if values and base.constructor else []
                for parameter, value in zip(parameters, values, strict=True):
                    frame.write_variable(parameter, frame.words(value))
        for base in reversed(contract.linearized):
            frame.wrapping_division = base.unit.wrapping
            self._initial_values(frame, base)
            if base.constructor is not None:
                frame.body(base.constructor)
        if frame.builder.reachable():
            self._return_runtime(frame)

    def _constructor_arguments(self, frame: Statements, symbol: FunctionSymbol) -> None:
        """They stand behind the creation code, as one ABI tuple."""
        own_size = frame.emit("datasize", imm="this")
        size = frame.emit("sub", frame.emit("codesize"), own_size)
        start = frame.allocate_checked(size)
        frame.emit("codecopy", start, own_size, size)
        end = frame.emit("add", start, size)
        types = [p.type for p in symbol.parameters]
        for parameter, words in zip(
            symbol.parameters, frame.decode_tuple(start, end, types, "memory"), strict=True
        ):
            frame.write_variable(parameter, words)

    def _initial_values(self, frame: Statements, contract: ContractSymbol) -> None:
        for variable in contract.state_variables:
            if variable.initial is None:
                continue
            frame.builder.pos, frame.builder.end = variable.initial.pos, variable.initial.end
            from compiler.semantics import typed

            node = typed.State if variable.role == "state" else typed.Immutable
            target = node(variable.initial.pos, variable.initial.end, variable.type, variable)
            assign = typed.Assign(
                variable.initial.pos, variable.initial.end, variable.type, target, variable.initial
            )
            frame.words(assign)

    def _return_runtime(self, frame: Statements) -> None:
        size = frame.emit("datasize", imm="runtime")
        start = frame.emit("fmp")
        frame.emit("codecopy", start, frame.emit("dataoffset", imm="runtime"), size)
        for variable in self.immutables:
            name = self.immutable_name(variable)
            value = frame.emit("mload", frame.const(self.immutable_address(name)))
            frame.emit("setimmutable", start, value, imm=name)
        if any(in_library(f) for f in self.contract.functions):
            frame.emit("setimmutable", start, frame.emit("address"), imm=LIBRARY_ADDRESS)
        frame.builder.finish("return", start, size)

    # -- names -------------------------------------------------------------------------------------

    def immutable_name(self, symbol: VariableSymbol) -> str:
        assert symbol.contract is not None
        return self.names.of(symbol, f"{symbol.contract.name}.{symbol.name}")

    def immutable_address(self, name: str) -> int:
        """Where an immutable waits, during creation, to be patched into the runtime code."""
        index = [self.immutable_name(v) for v in self.immutables].index(name)
        return FREE_MEMORY_START + 32 * index

    def embed(self, contract: ContractSymbol, runtime: bool = False) -> str:
        """Carry another contract's code as data."""
        name = contract.full_name + (".runtime" if runtime else "")
        if name not in self.module.embedded:
            self.module.embedded.append(name)
        return name

    def type_key(self, type_: Type) -> str:
        """A FIR-name part for a type, unique in the build."""
        if isinstance(type_, FunctionType):
            return self.names.of(type_, "function")
        if isinstance(type_, (BytesType, StructType, ArrayType)) or not type_.is_value:
            return self.names.of(type_, type_.name.replace(" ", "_"))
        return type_.name.replace(" ", "_")

    def yul_function_name(self, node: ast.YulFunction) -> str:
        name = self.names.of(node, f"yul.{node.name.name}")
        self.yul_functions[name] = node.name.span
        return name
