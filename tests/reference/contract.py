"""Contracts as they stand on the chain: construction, the way from a message to a function, modifiers, getters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from compiler.semantics.check_members import external_functions, function_selector
from compiler.semantics.getters import getter_parameters, getter_results
from compiler.semantics.symbols import (
    ContractSymbol,
    FunctionSymbol,
    Invocation,
    ModifierSymbol,
    VariableSymbol,
)
from compiler.semantics.types import ArrayType, BytesType, MappingType, StructType, Type
from tests.reference import objects, storage
from tests.reference.calldata import Given
from tests.reference.chain import Frame
from tests.reference.decoding import Decoder
from tests.reference.encoding import Encoder
from tests.reference.expressions import as_given
from tests.reference.memory import zero
from tests.reference.outcomes import Reverted, Unsupported
from tests.reference.program import Program
from tests.reference.statements import Returned, Statements
from tests.reference.storage import Place
from tests.reference.targets import Stored
from tests.reference.yul import Stopped

MOST_CALLS = 60  # one inside the other


class Machine(Statements):
    """One message to one contract."""

    def invoke(self, function: FunctionSymbol, arguments: list[Any]) -> list[Any]:
        """Run a function with the modifiers around it; its results."""
        if self.calls > MOST_CALLS:
            raise Unsupported("recursion this deep")
        kept = self.variables, self.run_inner, self.zero_division, self.returns
        self.calls += 1
        try:
            return self._layer(function, 0, arguments, [zero(r.type) for r in function.returns])
        finally:
            self.calls -= 1
            self.variables, self.run_inner, self.zero_division, self.returns = kept

    def _layer(
        self, function: FunctionSymbol, depth: int, arguments: list[Any], results: list[Any]
    ) -> list[Any]:
        """The modifier at `depth`, or the body: each time with the parameters and results it is handed."""
        own: dict[VariableSymbol, Any] = {
            **dict(zip(function.parameters, arguments, strict=True)),
            **dict(zip(function.returns, results, strict=True)),
        }
        outer = self.variables, self.run_inner, self.zero_division, self.returns
        self.variables, self.returns = own, function.returns
        self.zero_division = function.unit.wrapping
        try:
            if depth == len(function.invocations):
                self.execute_all(function.body)
            else:
                self._modified(function, depth, own)
        except Returned:
            pass
        finally:
            self.variables, self.run_inner, self.zero_division, self.returns = outer
        return [own[r] for r in function.returns]

    def _modified(
        self, function: FunctionSymbol, depth: int, own: dict[VariableSymbol, Any]
    ) -> None:
        invocation = function.invocations[depth]
        modifier = self._modifier(invocation)
        given = [self.evaluate(argument) for argument in invocation.arguments]
        results = [own[r] for r in function.returns]
        own.update(zip(modifier.parameters, given, strict=True))

        def inner() -> None:
            back = self._layer(function, depth + 1, [own[p] for p in function.parameters], results)
            own.update(zip(function.returns, back, strict=True))

        if not modifier.has_body:
            inner()
            return
        self.run_inner = inner
        self.zero_division = modifier.unit.wrapping
        self.execute_all(modifier.body)

    def _modifier(self, invocation: Invocation) -> ModifierSymbol:
        if invocation.exact:
            return invocation.modifier
        for contract in self.contract.linearized:
            for modifier in contract.modifiers:
                if modifier.name == invocation.modifier.name:
                    return modifier
        return invocation.modifier

    # -- construction ------------------------------------------------------------------------------

    def construct(self, data: bytes) -> None:
        """Arguments go from the most derived contract down; then values and bodies come from the base up."""
        own = self.contract.constructor
        if self.frame.value and (own is None or own.mutability != "payable"):
            raise Reverted
        types = [p.type for p in own.parameters] if own is not None else []
        given: dict[ContractSymbol, list[Any]] = {self.contract: Decoder(data).tuple(types, 0)}
        scopes: dict[ContractSymbol, dict[VariableSymbol, Any]] = {}
        for contract in self.contract.linearized:
            parameters = contract.constructor.parameters if contract.constructor else []
            values = given.get(contract, [])
            scopes[contract] = self.variables = dict(zip(parameters, values, strict=True))
            self.zero_division = contract.unit.wrapping
            for base in contract.linearized[1:]:
                nodes, _ = contract.base_arguments.get(base, ([], None))
                if nodes:
                    given[base] = [self.evaluate(node) for node in nodes]
        for contract in reversed(self.contract.linearized):
            self.variables = {}
            self.zero_division = contract.unit.wrapping
            for variable in contract.state_variables:
                self._initialise(variable)
            function = contract.constructor
            if function is not None:
                scope = scopes[contract]
                self.invoke(function, [scope[p] for p in function.parameters])

    def _initialise(self, variable: VariableSymbol) -> None:
        if variable.initial is None or variable.is_constant:
            return
        given = as_given(variable.initial)
        value = self.evaluate(given)
        if variable.immutable:
            self.immutables[variable] = self.converted(value, given.type, variable.type)
            return
        slots = self.transient if variable.transient else self.slots
        Stored(variable.type, slots, self.state_place(variable)).write(value, given.type)

    # -- messages ----------------------------------------------------------------------------------

    def dispatch(self) -> bytes:
        """The function a message names, or `receive`, or `fallback`; what it answers."""
        data = self.frame.data
        if len(data) >= 4:
            selector = int.from_bytes(data[:4], "big")
            for function in external_functions(self.contract):
                if function_selector(function) == selector:
                    self._no_gas_for_more()
                    return self._function(function)
        receive, fallback = self._special("receive"), self._special("fallback")
        if not data and receive is not None:
            return self._bare(receive)
        if fallback is None:
            raise Reverted
        return self._bare(fallback)

    def _special(self, name: str) -> FunctionSymbol | None:
        found = (getattr(c, name) for c in self.contract.linearized)
        return next((f for f in found if f is not None), None)

    def _no_gas_for_more(self) -> None:
        if self.frame.stipend:
            raise Unsupported("what a transfer's gas pays for")

    def _bare(self, function: FunctionSymbol) -> bytes:
        if self.frame.value and function.mutability != "payable":
            raise Reverted
        if function.body or function.invocations:
            self._no_gas_for_more()
        data = self.frame.data
        arguments = [Given(data, 0, len(data))] if function.parameters else []
        results = self.invoke(function, arguments)
        if not results:
            return b""
        return objects.raw_bytes(results[0], function.returns[0].type, self.slots)

    def _function(self, function: FunctionSymbol) -> bytes:
        library = self.contract.kind == "library"
        if library and not self.frame.delegated and function.mutability not in ("view", "pure"):
            raise Reverted
        if self.frame.value and function.mutability != "payable" and not library:
            raise Reverted
        decoder = Decoder(self.frame.data)
        if function.getter_of is not None:
            variable = function.getter_of
            keys = decoder.tuple(getter_parameters(variable.type), 4)
            return self._getter(variable, keys)
        arguments = decoder.tuple([p.type for p in function.parameters], 4)
        results = self.invoke(function, arguments)
        encoder = Encoder(self.slots, libraries=library)
        return encoder.tuple(results, [r.type for r in function.returns])

    def _getter(self, variable: VariableSymbol, keys: Sequence[Any]) -> bytes:
        encoder = Encoder(self.slots)
        if variable.is_constant:
            assert variable.constant_value is not None
            value = self.evaluate(variable.constant_value)
            return encoder.tuple([value], [variable.constant_value.type])
        if variable.immutable:
            return encoder.tuple([self.immutables.get(variable, 0)], [variable.type])
        place, type_ = self.state_place(variable), variable.type
        for key in keys:
            place, type_ = self._way(place, type_, key)
        slots = self.transient if variable.transient else self.slots
        if isinstance(type_, StructType):
            found = getter_results(variable.type)
            values = [objects.member(place, type_, name, self.slots) for name, _ in found]
            return encoder.tuple(values, [_member_type(type_, name) for name, _ in found])
        return encoder.tuple([Stored(type_, slots, place).read()], [type_])

    def _way(self, place: Place, type_: Type, key: Any) -> tuple[Place, Type]:
        if isinstance(type_, MappingType):
            raw = bytes(key.data) if isinstance(type_.key, BytesType) else key.to_bytes(32, "big")
            return storage.entry(place, raw), type_.value.in_location("storage")
        assert isinstance(type_, ArrayType)
        if key >= storage.count(self.slots, place, type_):
            raise Reverted
        return storage.spot(place, type_, key), type_.element


def _member_type(type_: StructType, name: str) -> Type:
    found = type_.member(name)
    assert found is not None
    return found


class Deployed:
    """A contract that was created: what stands at its address."""

    def __init__(
        self, program: Program, contract: ContractSymbol, immutables: dict[VariableSymbol, Any]
    ) -> None:
        self.program, self.contract, self.immutables = program, contract, immutables

    def run(self, frame: Frame) -> bytes:
        try:
            return Machine(self.program, self.contract, self.immutables, frame).dispatch()
        except Stopped:
            return b""

    def runtime(self) -> bytes:
        """Its code, where it is the same for every one that is created."""
        codes = self.program.codes.get(self.contract.full_name)
        if codes is None or any(
            v.immutable for c in self.contract.linearized for v in c.state_variables
        ):
            raise Unsupported("code with immutables in it")
        return codes[1]


class Maker:
    """Creation code with its arguments."""

    def __init__(self, program: Program, contract: ContractSymbol, arguments: bytes) -> None:
        self.program, self.contract, self.arguments = program, contract, arguments

    def __call__(self, frame: Frame) -> Deployed:
        immutables: dict[VariableSymbol, Any] = {}
        try:
            Machine(self.program, self.contract, immutables, frame).construct(self.arguments)
        except Stopped:
            raise Unsupported("a constructor that stops") from None
        return Deployed(self.program, self.contract, immutables)
