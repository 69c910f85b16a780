"""What the parts of the interpreter share: the message being run, and the variables in sight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from compiler.semantics import typed
from compiler.semantics.symbols import ContractSymbol, FunctionSymbol, VariableSymbol
from compiler.semantics.types import Type
from tests.reference.chain import Frame
from tests.reference.layout import state_spots
from tests.reference.outcomes import Unsupported
from tests.reference.program import Program
from tests.reference.storage import Place
from tests.reference.targets import Target, convert

MOST_STEPS = 60_000


class Core:
    """One message to one contract. `immutables` are its own."""

    def __init__(
        self,
        program: Program,
        contract: ContractSymbol,
        immutables: dict[VariableSymbol, Any],
        frame: Frame,
    ) -> None:
        self.program = program
        self.contract = contract
        self.immutables = immutables
        self.frame = frame
        self.slots = frame.slots
        self.transient = frame.transient
        self.variables: dict[VariableSymbol, Any] = {}
        self.run_inner: Callable[[], None] = lambda: None  # what `_` means
        self.zero_division = False  # `x / 0` is zero in wrapping files
        self.calls = 0
        self.returns: Sequence[VariableSymbol] = ()

    def step(self) -> None:
        """Everything ends; what takes long is a question of gas."""
        self.frame.chain.steps += 1
        if self.frame.chain.steps > MOST_STEPS:
            raise Unsupported("many steps, which gas may not pay for")

    def state_place(self, variable: VariableSymbol) -> Place:
        return Place(*state_spots(self.contract, variable.transient)[variable])

    def converted(self, value: Any, source: Type, target: Type) -> Any:
        return convert(value, source, target, self.slots)

    # the other parts ------------------------------------------------------------------------------

    def evaluate(self, node: typed.Expr) -> Any:
        raise NotImplementedError

    def evaluate_all(self, nodes: Sequence[typed.Expr | None]) -> list[Any]:
        raise NotImplementedError

    def target(self, node: typed.Expr) -> Target:
        raise NotImplementedError

    def execute_all(self, nodes: Sequence[typed.Statement]) -> None:
        raise NotImplementedError

    def invoke(self, function: FunctionSymbol, arguments: list[Any]) -> list[Any]:
        raise NotImplementedError


def result_types(type_: Type) -> list[Type]:
    """The types of a call's results, by the type of the call."""
    from compiler.semantics.types import TupleType

    return [t for t in type_.items if t] if isinstance(type_, TupleType) else [type_]
