"""Whole programs: declarations, a library, a sibling, a family of bases, and the contract that is run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tests.fuzz.choices import Choices
from tests.fuzz.functions import Functions
from tests.fuzz.scope import Callable, Scope, Variable, parameter_names
from tests.fuzz.statements import Lines, indented
from tests.fuzz.types import BOOL, BYTES, STRING, UINT, Type, Universe, array, uint

HEADER = ["// SPDX-License-Identifier: MIT", "pragma solidity ^0.8.29;"]
FEATURES = (
    "library",
    "try",
    "lowlevel",
    "assembly",
    "abi",
    "create",
    "pointer",
    "family",
    "modifiers",
    "own",
    "transient",
    "linked",
)


@dataclass
class Contract:
    """A contract's header and its members, which may stand in any order."""

    header: str
    members: list[Lines] = field(default_factory=list)


@dataclass
class Program:
    """`declarations` and `contracts` as text; functions may stand in another order without any effect."""

    declarations: list[Lines] = field(default_factory=list)
    contracts: list[Contract] = field(default_factory=list)
    linked: bool = False  # it calls a library `X` at an address of its own

    def text(self, backwards: bool = False) -> str:
        parts = [HEADER, *self.declarations]
        for contract in self.contracts:
            state = [m for m in contract.members if not _is_function(m)]
            functions = [m for m in contract.members if _is_function(m)]
            members = [*state, *(functions[::-1] if backwards else functions)]
            parts.append(
                [contract.header + " {", *indented([line for m in members for line in m]), "}"]
            )
        return "\n".join(line for part in parts for line in part) + "\n"


def _is_function(member: Lines) -> bool:
    return member[0].startswith(("function ", "modifier ")) and not member[0].startswith(
        "function ("
    )


class Programs(Functions):
    """One program, made by `make`."""

    def __init__(self, choices: Choices, small: bool = False) -> None:
        self.small = small
        if small:
            count = choices.weighted((3, 1), (3, 2), (2, 3), (1, 0))
            features = {choices.pick(FEATURES) for _ in range(count)}
        else:
            features = {f for f in FEATURES if choices.chance(3)}
        super().__init__(choices, Universe(choices), features)
        self.program = Program()
        self.known = []
        self.state = []
        self.modifiers = []
        self.events = []
        self.errors = []
        self.peer_functions = []
        self.sibling_parameters = []

    def make(self) -> Program:
        self._types()
        self._events_and_errors()
        if "library" in self.features:
            self._library()
        if "linked" in self.features:
            self._linked()
        if self.features & {"try", "lowlevel"}:
            self._peer()
        if "create" in self.features:
            self._sibling()
        bases = self._family() if "family" in self.features else ""
        self._main(bases)
        return self.program

    # -- declarations ------------------------------------------------------------------------------

    def _types(self) -> None:
        c, universe, program = self.choices, self.universe, self.program
        for number in range(c.below(2)):
            members = c.pick((3, 1, 2, 5))
            universe.enums.append(Type("enum", f"E{number}", members))
            program.declarations.append(
                [f"enum E{number} {{ {', '.join(f'M{m}' for m in range(members))} }}"]
            )
        if "own" in self.features:
            self._own()
        for number in range(c.below(3)):
            parts = tuple(universe.encodable(1) for _ in range(c.between(1, 4)))
            members = tuple(f"m{n}" for n in range(len(parts)))
            struct = Type("struct", f"S{number}", 0, parts, members)
            universe.structs.append(struct)
            inner = " ".join(f"{p.name} {m};" for p, m in zip(parts, members, strict=True))
            program.declarations.append([f"struct S{number} {{ {inner} }}"])

    def _own(self) -> None:
        below = self.universe.integer()
        own = Type("own", "Own", below.size, (below,))
        checked = self.choices.chance(2)
        mark = ("unchecked { ", " }") if checked else ("", "")
        two = "(Own a, Own b) pure returns"
        plain = "Own.unwrap(a) {} Own.unwrap(b)"
        self.program.declarations += [
            [f"type Own is {below.name};"],
            ["using {own_add as +, own_sub as -, own_minus as -, own_eq as ==, own_less as <} for Own global;"],
            [f"function own_add{two} (Own) {{ {mark[0]}return Own.wrap({plain.format('+')});{mark[1]} }}"],
            [f"function own_sub{two} (Own) {{ {mark[0]}return Own.wrap({plain.format('-')});{mark[1]} }}"],
            [f"function own_minus(Own a) pure returns (Own) {{ return Own.wrap({below.name}(0) - Own.unwrap(a)); }}"],
            [f"function own_eq{two} (bool) {{ return {plain.format('==')}; }}"],
            [f"function own_less{two} (bool) {{ return {plain.format('<')}; }}"],
        ]  # fmt: skip
        self.universe.own.append(own)

    def _events_and_errors(self) -> None:
        c = self.choices
        for number in range(c.below(3)):
            types = [self.universe.encodable(1) for _ in range(c.between(0, 4))]
            indexed = 0
            parts = []
            for type_ in types:
                index = c.chance(2) and indexed < 3
                indexed += index
                parts.append(type_.name + (" indexed" if index else ""))
            parts = [f"{p} {n}" for p, n in zip(parts, parameter_names(types), strict=True)]
            anonymous = " anonymous" if c.chance(5) else ""
            self.events.append((f"Ev{number}", types))
            self.program.declarations.append([f"event Ev{number}({', '.join(parts)}){anonymous};"])
        for number in range(c.below(2)):
            types = [self.universe.encodable(1) for _ in range(c.below(4))]
            self.errors.append((f"Er{number}", types))
            self.program.declarations.append(
                [
                    f"error Er{number}({', '.join(f'{t.name} {n}' for t, n in zip(types, parameter_names(types)))});"
                ]
            )

    # -- others ------------------------------------------------------------------------------------

    def _library(self) -> None:
        c = self.choices
        contract = Contract("library L")
        features, self.features = self.features, self.features & {"abi", "assembly"}
        for number in range(c.between(1, 2)):
            mutability = c.pick(("pure", "", "view"))
            made, lines = self.function(f"lib{number}", "internal", mutability, length=2, known=[])
            contract.members.append(lines)
            attached = bool(made.parameters) and made.parameters[0][0].kind in (
                "uint",
                "int",
                "fixed",
            )
            self.known.append(
                Callable(
                    made.name, made.parameters, made.results, "internal", mutability, made.cost, "L"
                )
            )
            if attached:
                using = [f"using L for {made.parameters[0][0].name};"]
                if using not in self.program.declarations:
                    self.program.declarations.append(using)
                self.known.append(
                    Callable(
                        made.name,
                        made.parameters,
                        made.results,
                        "internal",
                        mutability,
                        made.cost,
                        "L",
                        True,
                    )
                )
        self.features = features
        self.program.contracts.append(contract)

    def _linked(self) -> None:
        """A library with an address of its own, called by delegatecall."""
        contract = Contract("library X")
        features, self.features = self.features, self.features & {"abi", "assembly"}
        for number in range(self.choices.between(1, 2)):
            visibility = self.choices.pick(("external", "public"))
            mutability = self.choices.pick(("", "view", "pure"))
            made, lines = self.function(f"far{number}", visibility, mutability, length=2, known=[])
            contract.members.append(lines)
            self.known.append(replace(made, visibility="external", receiver="X"))
        self.features = features
        self.program.contracts.append(contract)
        self.program.linked = True

    def _peer(self) -> None:
        c = self.choices
        self.features.add("peer")
        contract = Contract("interface Peer")
        results = [[uint(8)], [UINT], [BOOL, UINT], [BYTES], [array(uint(16))], [STRING], []]
        for number in range(c.between(1, 3)):
            given = c.pick([*results, [self.universe.encodable()]])
            taken = (
                given
                if c.chance(2)
                else [self.universe.encodable(1) for _ in range(c.between(1, 2))]
            )
            parts = [f"{t.at('memory')}" for t in taken]
            back = f" returns ({', '.join(t.at('memory') for t in given)})" if given else ""
            contract.members.append(
                [f"function peer{number}({', '.join(parts)}) external payable{back};"]
            )
            self.peer_functions.append((f"peer{number}", taken, given))
        self.program.contracts.append(contract)

    def _sibling(self) -> None:
        c = self.choices
        types = [self.universe.encodable(1) for _ in range(c.between(0, 2))]
        contract = Contract("contract Sibling")
        names = parameter_names(types)
        taken = ", ".join(f"{t.at('memory')} {n}" for t, n in zip(types, names, strict=True))
        body = [f"kept = keccak256(abi.encode({', '.join(['msg.value', *names])}));"]
        body += c.pick(([], ['require(uint8(kept[0]) < 200, "sibling");']))
        contract.members += [
            ["bytes32 immutable kept;"],
            [f"constructor({taken}) payable {{", *indented(body), "}"],
            ["function look() external view returns (bytes32) { return kept; }"],
            ["function end() external { selfdestruct(payable(msg.sender)); }"],
        ]
        self.sibling_parameters = types
        self.program.contracts.append(contract)

    def _family(self) -> str:
        """A diamond: A below B and C, with one function going through all of them by super."""
        c = self.choices
        one = ((self.universe.value(), "memory"),)
        base = Contract("abstract contract A")
        own = self._variables(c.between(1, 2), "xa")
        base.members += own
        base.members.append(["bytes32 internal seen;"])
        self.state.append(Variable("seen", Type("fixed", "bytes32", 32), "value", state=True))
        if "modifiers" in self.features:
            base.members.append(self.modifier("ma", "virtual"))
        made, lines = self.function(
            "family", "public", "", parameters=one, results=one, words="virtual", length=2
        )
        base.members.append(lines)
        cost = made.cost
        base_state = [*self.state]
        base_modifiers = [*self.modifiers]
        self.program.contracts.append(base)
        overridden = "modifiers" in self.features and c.chance(2)
        for name in ("B", "C"):
            self.state, self.modifiers = [*base_state], [*base_modifiers]
            contract = Contract(f"abstract contract {name} is A")
            contract.members += self._variables(1, f"x{name.lower()}")
            above = Callable("family", one, one, "internal", "", cost, "super")
            made, lines = self.function(
                "family",
                "public",
                "",
                parameters=one,
                results=one,
                words="virtual override",
                known=[above],
                length=2,
            )
            if overridden:
                kept = [*self.modifiers]
                contract.members.append(
                    self.modifier("ma", "virtual override", dict(self.modifiers)["ma"])
                )
                self.modifiers = kept
            contract.members.append(lines)
            self.program.contracts.append(contract)
            cost += made.cost
        self.state, self.modifiers, self._twice = base_state, base_modifiers, overridden
        self._above = Callable("family", one, one, "internal", "", cost, "super")
        return " is B, C"

    _above: Callable | None = None

    @property
    def _attached(self) -> bool:
        return any(k.attached for k in self.known)

    _twice = False  # B and C both override the modifier, so that Main must

    # -- the contract that is run ------------------------------------------------------------------

    def _variables(self, count: int, prefix: str = "x") -> list[Lines]:
        c = self.choices
        lines: list[Lines] = []
        for number in range(count):
            type_ = self.universe.packed() if c.chance(6) else self.universe.stored()
            name = f"{prefix}{number}"
            transient = "transient" in self.features and type_.is_value and c.chance(3)
            words = (
                " transient"
                if transient
                else c.pick(
                    (
                        " internal",
                        "",
                        " public"
                        if type_.kind in ("uint", "int", "bool", "mapping", "fixed")
                        and type_.encodable
                        else "",
                    )
                )
            )
            self.scope = Scope("pure")
            start = ""
            if type_.is_value and not transient and c.chance(4):
                start = f" = {self.literal(type_)}"
            lines.append([f"{type_.name}{words} {name}{start};"])
            self.state.append(
                Variable(name, type_, "value" if type_.is_value else "storage", state=True)
            )
        return lines

    def _main(self, bases: str) -> None:
        c = self.choices
        main = Contract(f"contract Main{bases}")
        if not bases:
            main.members.append(["bytes32 seen;"])
            self.state.append(Variable("seen", Type("fixed", "bytes32", 32), "value", state=True))
        if self._attached and not bases and c.chance(2):
            self.program.declarations = [
                d for d in self.program.declarations if d[0][:11] != "using L for"
            ]
            main.members.insert(0, ["using L for *;"])
        main.members += self._variables(c.between(1, 3) if self.small else c.between(2, 5))
        if c.chance(3):
            type_ = self.universe.value()
            self.scope = Scope("pure")
            main.members.append([f"{type_.name} constant K = {self.literal(type_)};"])
            self.state.append(Variable("K", type_, "value", constant=True, state=True))
        immutable = self.universe.value() if c.chance(3) else None
        if immutable:
            main.members.append([f"{immutable.name} immutable I;"])
        if self._twice:
            types = dict(self.modifiers)["ma"]
            self.modifiers = [m for m in self.modifiers if m[0] != "ma"]
            main.members.append(self.modifier("ma", "override(B, C)", types))
        if "modifiers" in self.features:
            main.members.append(self.modifier("mm"))
        main.members.append(self._constructor(immutable))
        if immutable:
            self.state.append(Variable("I", immutable, "value", constant=True, state=True))
        if "pointer" in self.features:
            self._pointed(main)
        if self._above:
            one = self._above.parameters
            made, lines = self.function(
                "family",
                "public",
                "",
                parameters=one,
                results=one,
                words="override(B, C)",
                known=[*self.known, self._above],
                length=2,
            )
            main.members.append(lines)
            self.known.append(made)
        for number in range(c.between(0, 1) if self.small else c.between(1, 3)):
            visibility = c.weighted((4, "external"), (3, "public"), (3, "internal"))
            mutability = c.weighted(
                (6, ""),
                (1, "view"),
                (1, "pure"),
                (1, "payable" if visibility != "internal" else ""),
            )
            made, lines = self.function(f"f{number}", visibility, mutability)
            main.members.append(lines)
            if c.chance(5):
                made = replace(made, overloaded=True)
                self._overload(main, made)
            self.known.append(made)
        made, lines = self.function("last", "external", "")
        main.members.append(lines)
        main.members += self._specials()
        self.program.contracts.append(main)

    def _overload(self, main: Contract, first: Callable) -> None:
        """Another function of the name, with a parameter more."""
        parameters = (*first.parameters, (self.universe.value(), "memory"))
        made, lines = self.function(first.name, first.visibility, "", parameters=parameters)
        main.members.append(lines)
        self.known.append(replace(made, overloaded=True))

    def _pointed(self, main: Contract) -> None:
        """Functions that pointers can hold, inside and from outside, and places to keep them."""
        types = (
            "internal returns (uint256) kept_pointer",
            "external returns (uint256) kept_outside",
        )
        main.members = [[f"function (uint256) {words};"] for words in types] + main.members
        for number in range(2):
            made, lines = self.helper(f"h{number}", self.choices.pick(("internal", "private")))
            self.known.append(made)
            main.members.append(lines)
        one = ((UINT, "memory"),)
        made, lines = self.function("far", "external", "", parameters=one, results=one, length=2)
        self.known.append(made)
        main.members.append(lines)

    def _constructor(self, immutable: Type | None) -> Lines:
        c = self.choices
        parameters = [(self.universe.encodable(1), "memory") for _ in range(c.below(3))]
        _, lines = self.function(
            "build",
            "internal",
            "",
            parameters=tuple(parameters),
            results=(),
            known=[k for k in self.known if k.receiver == "L"],
            length=2,
        )
        header = (
            lines[0]
            .replace("function build", "constructor")
            .replace(" internal", c.pick((" payable", "")))
        )
        start = [f"    I = {self.literal(immutable)};"] if immutable else []
        lines = [line.replace("return;", "{}") for line in lines]
        if c.chance(2):  # what fails here is never called
            lines = [lines[0], lines[-1]]
        return [header, *start, *lines[1:]]

    def _specials(self) -> list[Lines]:
        c = self.choices
        found: list[Lines] = []
        if c.chance(3):
            found.append(
                ["receive() external payable { seen = keccak256(abi.encode(seen, msg.value)); }"]
            )
        if c.chance(4):
            found.append(
                [
                    "fallback(bytes calldata data) external payable returns (bytes memory) {",
                    "    seen = keccak256(data);",
                    "    return abi.encodePacked(seen, data);",
                    "}",
                ]
            )
        return found


def program(choices: Choices, *, small: bool = False) -> Program:
    """A program that solc takes, nearly always."""
    return Programs(choices, small).make()


__all__ = ["Program", "program"]
