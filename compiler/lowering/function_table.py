"""Which functions of a contract become values, and the number each has.

An internal function pointer is the place of its function, counted from 1, among all functions of the
contract that become values anywhere. Creation and runtime code count alike, so what a constructor
keeps in storage or in an immutable still means the same function later; 0 means none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from compiler.diagnostics.errors import InternalCompilerError
from compiler.semantics import typed
from compiler.semantics.abi import resolve_function, special_function
from compiler.semantics.check_members import external_functions
from compiler.semantics.symbols import FunctionSymbol
from compiler.semantics.walk import nodes

if TYPE_CHECKING:
    from compiler.lowering.contract import ContractLowering


class FunctionTable:
    """The functions that code of one module can call through a pointer, with their numbers."""

    def __init__(self, context: ContractLowering) -> None:
        self.context = context

    @cached_property
    def numbers(self) -> dict[FunctionSymbol, int]:
        found = self._created | self._taken(_entered(self.context))
        return {function: number for number, function in enumerate(sorted(found, key=_place), 1)}

    @cached_property
    def _created(self) -> set[FunctionSymbol]:
        return self._taken(_constructed(self.context))

    def number_of(self, function: FunctionSymbol) -> int:
        """The number that stands for a function; this module's code must be able to call it."""
        if self.context.in_creation and function not in self._created:
            raise InternalCompilerError(
                f"{function.name} is not known to become a value at creation"
            )
        number = self.numbers.get(function)
        if number is None:
            raise InternalCompilerError(f"{function.name} is not known to become a value")
        return number

    def callable(self) -> Iterator[tuple[int, FunctionSymbol]]:
        """Every function a pointer can hold while this module's code runs: in runtime code, what the
        constructor kept as well."""
        for function, number in self.numbers.items():
            if not self.context.in_creation or function in self._created:
                yield number, function

    def _taken(self, roots: Iterable[Any]) -> set[FunctionSymbol]:
        """The functions that become values in code which the typed trees of `roots` lead to."""
        context = self.context
        taken: set[FunctionSymbol] = set()
        seen: set[FunctionSymbol] = set()
        todo = list(roots)
        while todo:
            for node in nodes(todo.pop()):
                if not isinstance(node, (typed.Call, typed.FunctionPointer)):
                    continue
                function = resolve_function(context.contract, node.function, node.dispatch)
                if isinstance(node, typed.FunctionPointer):
                    taken.add(function)
                if function not in seen:
                    seen.add(function)
                    todo += _bodies(context, function)
        return taken


def _entered(context: ContractLowering) -> Iterator[Any]:
    """Code that calls from outside can start."""
    contract = context.contract
    special = (special_function(contract, kind) for kind in ("receive", "fallback"))
    for function in (*external_functions(contract), *special):
        if function is not None:
            yield from _bodies(context, function)


def _constructed(context: ContractLowering) -> Iterator[Any]:
    """Code that runs once, at creation."""
    for contract in context.contract.linearized:
        for values, _ in contract.base_arguments.values():
            yield values
        for variable in contract.state_variables:
            yield variable.initial
        if contract.constructor is not None:
            yield from _bodies(context, contract.constructor)


def _bodies(context: ContractLowering, function: FunctionSymbol) -> Iterator[Any]:
    """A function's body, and the modifiers around it with their arguments."""
    yield function.body
    for invocation in function.invocations:
        yield invocation.arguments
        yield context.resolve_modifier(invocation).body


def _place(function: FunctionSymbol) -> tuple[str, int]:
    return function.unit.name, function.node.pos
