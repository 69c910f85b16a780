"""What code being written can name: variables with their places, functions it may call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.fuzz.types import Type


@dataclass(frozen=True)
class Variable:
    """`place` is value, memory, storage or calldata; `state` says it belongs to the contract."""

    name: str
    type: Type
    place: str = "value"
    constant: bool = False
    state: bool = False


@dataclass(frozen=True)
class Callable:
    """A function as callers see it. `cost` is about how many statements a call runs."""

    name: str
    parameters: tuple[tuple[Type, str], ...]
    results: tuple[tuple[Type, str], ...]
    visibility: str
    mutability: str
    cost: int
    receiver: str = ""  # `L` of `L.f`, or `super`
    attached: bool = False  # `using for` lets it be called on its first argument
    overloaded: bool = False  # another one has its name
    names: tuple[str, ...] = ()  # of the parameters, where a call may use them

    @property
    def encodable(self) -> bool:
        return all(p != "storage" for _, p in (*self.parameters, *self.results))


@dataclass
class Scope:
    """One function being written.

    `mutability` is pure, view, payable or empty. `loops` is how often what is written now runs per call,
    `cost` what is written so far; `budget` bounds it, so that generated code ends soon."""

    mutability: str = ""
    results: tuple[tuple[Type, str], ...] = ()
    variables: list[Variable] = field(default_factory=list)
    functions: list[Callable] = field(default_factory=list)
    loops: int = 1
    cost: int = 1
    budget: int = 150
    depth: int = 0
    in_loop: bool = False
    in_constructor: bool = False
    in_modifier: bool = False
    unchecked: bool = False
    serial: int = 0

    def fresh(self, prefix: str = "v") -> str:
        self.serial += 1
        return f"{prefix}{self.serial}"

    def spend(self, cost: int = 1) -> None:
        self.cost += cost * self.loops

    def affords(self, cost: int) -> bool:
        return self.cost + cost * self.loops <= self.budget

    @property
    def writes(self) -> bool:
        return self.mutability not in ("pure", "view")

    def visible(self) -> list[Variable]:
        """Inner declarations hide outer ones of the same name."""
        found: dict[str, Variable] = {}
        for variable in self.variables:
            found[variable.name] = variable
        if self.mutability == "pure":
            return [v for v in found.values() if not v.state or v.name == "K"]
        return list(found.values())


Step = tuple[str, Type]  # ("member", …), ("index", the array) or ("key", the mapping)


@dataclass(frozen=True)
class Path:
    """From a variable to something inside it: `steps` are member names, arrays and mappings to index."""

    variable: Variable
    steps: tuple[str | Type, ...]
    type: Type

    @property
    def place(self) -> str:
        return self.variable.place


def paths(variable: Variable, depth: int = 3) -> Iterator[Path]:
    """The variable itself and all that is inside it."""
    work: list[Path] = [Path(variable, (), variable.type)]
    while work:
        path = work.pop()
        yield path
        if len(path.steps) >= depth:
            continue
        type_ = path.type
        if type_.kind == "struct":
            for name, part in zip(type_.members, type_.parts, strict=True):
                work.append(Path(variable, (*path.steps, name), part))
        elif type_.kind in ("array", "mapping"):
            work.append(Path(variable, (*path.steps, type_), type_.parts[-1]))
        elif type_.kind == "bytes":
            work.append(Path(variable, (*path.steps, type_), Type("fixed", "bytes1", 1)))


def parameter_names(parameters: Sequence[object]) -> list[str]:
    """Of events, errors and constructors: `c0`, `c1` …"""
    return [f"c{number}" for number in range(len(parameters))]
