"""Functions and modifiers with signatures of their own."""

from __future__ import annotations

from tests.fuzz.scope import Callable, Scope, Variable
from tests.fuzz.statements import Lines, Statements, indented
from tests.fuzz.types import UINT, Type

Parameters = tuple[tuple[Type, str], ...]


class Functions(Statements):
    """Adds to `known` what later functions may call: calls only go backwards, so everything ends."""

    known: list[Callable]
    state: list[Variable]
    modifiers: list[tuple[str, list[Type]]]

    def parameters(self, visibility: str, mutability: str) -> Parameters:
        """Types with their places."""
        c = self.choices
        found = []
        for _ in range(c.between(0, 3)):
            if visibility == "internal" and mutability != "pure" and c.chance(4):
                stored = [v.type for v in self.state if v.place == "storage"]
                if stored:
                    found.append((c.pick(stored), "storage"))
                    continue
            type_ = self.universe.encodable()
            place = "memory"
            if visibility == "external" or (visibility == "public" and c.chance(2)):
                place = "calldata"
            found.append((type_, place))
        return tuple(found)

    def outcome(self, visibility: str) -> Parameters:
        c = self.choices
        return tuple(
            (self.universe.encodable(1) if c.chance(3) else self.universe.value(), "memory")
            for _ in range(c.weighted((5, 1), (2, 2), (1, 0), (1, 3)))
        )

    def function(
        self,
        name: str,
        visibility: str,
        mutability: str,
        *,
        parameters: Parameters | None = None,
        results: Parameters | None = None,
        words: str = "",
        known: list[Callable] | None = None,
        length: int = 4,
    ) -> tuple[Callable, Lines]:
        """A whole definition; `words` are added to its header (virtual, override …)."""
        c = self.choices
        parameters = self.parameters(visibility, mutability) if parameters is None else parameters
        results = self.outcome(visibility) if results is None else results
        scope = self.scope = Scope(
            mutability, results, [*self.state], [*(self.known if known is None else known)]
        )
        taken, called = [], []
        for type_, place in parameters:
            variable = Variable(scope.fresh("a"), type_, "value" if type_.is_value else place)
            called.append(variable.name)
            scope.variables.append(variable)
            taken.append(f"{type_.at(place)} {variable.name}")
        named = c.chance(3)
        given = []
        for type_, place in results:
            if named:
                variable = Variable(
                    scope.fresh("r"), type_, "value" if type_.is_value else "memory"
                )
                scope.variables.append(variable)
                given.append(f"{type_.at(place)} {variable.name}")
            else:
                given.append(type_.at(place))
        applied = self.invocations() if mutability in ("", "payable") else ""
        body = self.block(c.between(1, min(length, 3) if self.small else length))
        if results and not (named and c.chance(2)):
            body += indented([self.returned()])
        header = " ".join(
            w
            for w in (
                f"function {name}({', '.join(taken)})",
                visibility,
                mutability,
                words,
                applied,
            )
            if w
        )
        if given:
            header += f" returns ({', '.join(given)})"
        self.serial_of_last = scope.serial
        made = Callable(
            name, parameters, results, visibility or "internal", mutability, scope.cost + 2,
            names=tuple(called) if not words else (),
        )  # fmt: skip
        return made, [header + " {", *body, "}"]

    def invocations(self) -> str:
        """Modifiers with arguments; each may run the body more than once."""
        c = self.choices
        if not self.modifiers or not c.chance(2):
            return ""
        found = []
        for _ in range(c.between(1, 2)):
            name, types = c.pick(self.modifiers)
            if name in [f.split("(")[0] for f in found] or not self.scope.affords(30):
                continue
            self.scope.spend(10)
            self.scope.loops = min(self.scope.loops * 2, 8)
            found.append(f"{name}({', '.join(self.element(t, 1) for t in types)})")
        return " ".join(found)

    def modifier(self, name: str, words: str = "", types: list[Type] | None = None) -> Lines:
        c = self.choices
        types = [self.universe.value() for _ in range(c.below(3))] if types is None else types
        scope = self.scope = Scope("", (), [*self.state], [], in_modifier=True, budget=12)
        names = [scope.fresh("m") for _ in types]
        scope.variables += [Variable(n, t) for n, t in zip(names, types, strict=True)]
        body = self.block(c.between(0, 2))
        body += c.pick((
            ["    _;"],
            [f"    if ({self.condition(1)}) return;", "    _;"],
            [f"    if ({self.condition(1)}) {{", "        _;", "    }"],
            ["    _;", *self.block(1), "    _;"],
            [f"    for (uint256 i = 0; i < {c.between(1, 2)}; i++) {{", "        _;", f"        if ({self.condition(1)}) break;", "    }"],
        ))  # fmt: skip
        body += self.block(c.below(2))
        self.modifiers.append((name, types))
        taken = ", ".join(f"{t.name} {n}" for t, n in zip(types, names, strict=True))
        return [f"modifier {name}({taken}) {words}".rstrip() + " {", *body, "}"]

    def helper(self, name: str, visibility: str = "internal") -> tuple[Callable, Lines]:
        """An internal function that a pointer can hold."""
        one: Parameters = ((UINT, "memory"),)
        return self.function(name, visibility, "", parameters=one, results=one, length=2)
