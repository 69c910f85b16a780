"""Statements, as lists of lines."""

from __future__ import annotations

from tests.fuzz.outside import Outside
from tests.fuzz.scope import Callable, Path, Variable, parameter_names, paths
from tests.fuzz.types import BOOL, BYTES, STRING, UINT, Type

Lines = list[str]


def indented(lines: Lines) -> Lines:
    return ["    " + line for line in lines]


class Statements(Outside):
    """Bodies of functions."""

    small = False

    events: list[tuple[str, list[Type]]]
    errors: list[tuple[str, list[Type]]]

    def block(self, count: int) -> Lines:
        """Statements in a scope of their own."""
        before = len(self.scope.variables)
        self.scope.depth += 1
        lines = []
        for _ in range(count):
            lines += self.statement()
        self.scope.depth -= 1
        del self.scope.variables[before:]
        return indented(lines)

    def statement(self) -> Lines:
        c, scope = self.choices, self.scope
        scope.spend()
        nested = scope.depth < 3 and scope.affords(6)
        writes = scope.writes
        often = 6 if self.small else 1  # a small program is about its few features
        kind = c.weighted(
            (6, "assign"),
            (5, "declare"),
            (3 if nested else 0, "if"),
            (2 if nested else 0, "loop"),
            (2 if nested else 0, "unchecked"),
            (1, "delete"),
            (2 if writes else 0, "grow"),
            (2, "tuple"),
            (2, "call"),
            (1 if self.events and writes else 0, "emit"),
            (1, "fail"),
            (2 * often if "try" in self.features and nested and writes else 0, "try"),
            (1 * often if "lowlevel" in self.features and writes else 0, "lowlevel"),
            (2 * often if "assembly" in self.features and not scope.in_modifier else 0, "assembly"),
            (1 if scope.in_loop else 0, "jump"),
            (1 if not scope.in_modifier and scope.depth > 1 else 0, "return"),
            (
                1 * often if "create" in self.features and writes and scope.affords(40) else 0,
                "create",
            ),
            (often if "pointer" in self.features and writes else 0, "pointer"),
            (1 * often if "create" in self.features and writes else 0, "send"),
        )
        lines: Lines = getattr(self, f"_{kind}")()
        return lines

    # -- writing -----------------------------------------------------------------------------------

    def _targets(self) -> list[Path]:
        found = []
        for variable in self.scope.visible():
            if variable.constant or variable.place == "calldata":
                continue
            if variable.place == "storage" and not self.scope.writes:
                continue
            if variable.state and not self.scope.writes:
                continue
            found += [p for p in paths(variable) if p.type.kind != "mapping"]
        return found

    def _assign(self) -> Lines:
        targets = self._targets()
        if not targets:
            return self._declare()
        c = self.choices
        path = c.pick(targets)
        type_ = path.type
        target = self.path(path)
        if not type_.is_value:
            if not type_.encodable or (
                path.place == "storage" and not path.variable.state and not path.steps
            ):
                return self._declare()
            return [f"{target} = {self.reference(type_)};"]
        if type_.is_integer and c.chance(2):
            operator = c.pick(("+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="))
            value = self.amount(1) if operator in ("<<=", ">>=") else self.value(type_)
            if operator not in ("<<=", ">>=") and c.chance(4):
                value = self.bare(type_, unlike=0 if operator in ("/=", "%=") else None)
            return [f"{target} {operator} {value};"]
        if type_.is_integer and c.chance(4):
            return [f"{target}{c.pick(('++', '--'))};"]
        return [f"{target} = {self.wanted(type_, 3)};"]

    def _declare(self) -> Lines:
        c, scope = self.choices, self.scope
        kind = c.weighted((5, "value"), (3, "memory"), (2, "storage"), (1, "calldata"))
        if kind == "storage" and scope.mutability != "pure":
            found = [
                p for v in scope.visible() if v.place == "storage"
                for p in paths(v, 2) if p.type.kind in ("array", "struct", "mapping", "bytes")
            ]  # fmt: skip
            if found:
                path = c.pick(found)
                text, name = self.path(path), scope.fresh()
                scope.variables.append(Variable(name, path.type, "storage"))
                return [f"{path.type.name} storage {name} = {text};"]
        if kind == "calldata":
            found = [
                p
                for v in scope.visible()
                if v.place == "calldata"
                for p in paths(v, 2)
                if not p.type.is_value
            ]
            if found:
                path = c.pick(found)
                text, name = self.path(path), scope.fresh()
                scope.variables.append(Variable(name, path.type, "calldata"))
                listed = path.type.kind == "array" and path.type.size < 0
                alike = listed and not path.type.element.dynamic
                if (alike or path.type.kind == "bytes") and c.chance(3):
                    text = self.cut(text)
                return [f"{path.type.name} calldata {name} = {text};"]
        if kind == "memory":
            type_ = self.universe.encodable(1)
            if not type_.is_value:
                value, name = self.reference(type_), scope.fresh()
                bare = type_.kind != "array" or not value.startswith("[")
                scope.variables.append(Variable(name, type_, "memory"))
                return (
                    [f"{type_.name} memory {name} = {value};"]
                    if bare or type_.size >= 0
                    else [f"{type_.name} memory {name};"]
                )
        type_ = self.universe.value()
        value, name = self.wanted(type_, 3), scope.fresh()
        scope.variables.append(Variable(name, type_))
        return [f"{type_.name} {name};"] if c.chance(8) else [f"{type_.name} {name} = {value};"]

    def _delete(self) -> Lines:
        targets = [
            p for p in self._targets()
            if p.type.kind != "own"
            and not (p.place == "storage" and not p.variable.state and not p.steps)
        ]  # fmt: skip
        return [f"delete {self.path(self.choices.pick(targets))};"] if targets else self._declare()

    def _grow(self) -> Lines:
        c = self.choices
        found = [
            p
            for p in self._targets()
            if p.place == "storage"
            and (p.type.kind == "bytes" or (p.type.kind == "array" and p.type.size < 0))
        ]
        if not found:
            return self._assign()
        path = c.pick(found)
        target = self.path(path)
        if c.chance(3):
            return [f"{target}.pop();"]
        element = Type("fixed", "bytes1", 1) if path.type.kind == "bytes" else path.type.element
        if not element.encodable or c.chance(5):
            return [f"{target}.push();"]
        if element.is_value and c.chance(5):
            return [f"{target}.push() = {self.value(element, 1)};"]
        return [f"{target}.push({self.element(element, 1)});"]

    def _tuple(self) -> Lines:
        c = self.choices
        targets = [p for p in self._targets() if p.type.is_value]
        functions = [f for f in self.scope.functions if len(f.results) > 1 and self.callable(f)]
        if functions and c.chance(2):
            return self._unpack(c.pick(functions))
        if len(targets) < 2:
            return self._assign()
        chosen = [c.pick(targets) for _ in range(c.between(2, 3))]
        left = [self.path(p, 0) for p in chosen]
        right = [self.wanted(p.type, 1) for p in chosen]
        if c.chance(4):
            left[0] = ""
            right[0] = self.value(UINT, 1)
        return [f"({', '.join(left)}) = ({', '.join(right)});"]

    def _unpack(self, function: Callable) -> Lines:
        """Results into new variables, some of them left out."""
        text = self.call(function, 1)
        parts = []
        for type_, place in function.results:
            if self.choices.chance(4):
                parts.append("")
                continue
            name = self.scope.fresh()
            self.scope.variables.append(
                Variable(
                    name,
                    type_,
                    "value" if type_.is_value else "storage" if place == "storage" else "memory",
                )
            )
            parts.append(f"{type_.at('storage' if place == 'storage' else 'memory')} {name}")
        if not any(parts):
            return [f"{text};"]
        return [f"({', '.join(parts)}) = {text};"]

    # -- control -----------------------------------------------------------------------------------

    def _if(self) -> Lines:
        c = self.choices
        lines = [f"if ({self.condition(2)}) {{", *self.block(c.between(1, 2))]
        if c.chance(2):
            lines += ["} else {", *self.block(c.between(1, 2))]
        return [*lines, "}"]

    def _loop(self) -> Lines:
        c, scope = self.choices, self.scope
        times = c.between(1, 4)
        name = scope.fresh("i")
        kind = c.pick(("for", "while", "do"))
        outer, scope.loops, scope.in_loop = (scope.loops, scope.in_loop), scope.loops * times, True
        scope.variables.append(Variable(name, UINT, constant=True))
        body = self.block(c.between(1, 3))
        scope.variables.pop()
        scope.loops, scope.in_loop = outer
        if kind == "for":
            extra = f" && {self.condition(1)}" if c.chance(4) else ""
            return [f"for (uint256 {name} = 0; {name} < {times}{extra}; {name}++) {{", *body, "}"]
        if kind == "while":
            return [
                "{",
                f"    uint256 {name} = 0;",
                f"    while ({name}++ < {times}) {{",
                *indented(body),
                "    }",
                "}",
            ]
        return [
            "{",
            f"    uint256 {name} = 0;",
            "    do {",
            *indented(body),
            f"    }} while (++{name} < {times});",
            "}",
        ]

    def _jump(self) -> Lines:
        word = self.choices.pick(("continue", "break"))
        return [f"if ({self.condition(1)}) {word};"]

    def _unchecked(self) -> Lines:
        if self.scope.unchecked:
            return self._assign()
        self.scope.unchecked = True
        body = self.block(self.choices.between(1, 2))
        self.scope.unchecked = False
        return ["unchecked {", *body, "}"]

    def _return(self) -> Lines:
        return [f"if ({self.condition(1)}) {self.returned()}"]

    def returned(self) -> str:
        results = [self.result(t, p) for t, p in self.scope.results]
        if not results:
            return "return;"
        return f"return {results[0]};" if len(results) == 1 else f"return ({', '.join(results)});"

    def result(self, type_: Type, place: str) -> str:
        return self.wanted(type_, 2) if type_.is_value else self.argument(type_, place, 2)

    # -- calls, logs, failures ---------------------------------------------------------------------

    def _call(self) -> Lines:
        found = [f for f in self.scope.functions if self.callable(f)]
        return [f"{self.call(self.choices.pick(found), 2)};"] if found else self._assign()

    def _emit(self) -> Lines:
        name, types = self.choices.pick(self.events)
        values = [self.element(t, 1) for t in types]
        return [f"emit {name}{self.handed(parameter_names(types), values)};"]

    def _fail(self) -> Lines:
        c = self.choices
        kind = c.pick(("require", "message", "error", "assert", "revert"))
        condition = self.condition(2)
        if kind == "revert" and not self.errors:
            ending = c.pick(("revert();", 'revert("because");'))
            return [f"if ({condition}) {ending}"]
        if kind == "message":
            text = self.text(0) if c.chance(2) else '"no"'
            return [f"require({condition}, {text});"]
        if kind in ("error", "revert") and self.errors:
            name, types = c.pick(self.errors)
            values = [self.element(t, 1) for t in types]
            failure = name + self.handed(parameter_names(types), values)
            return (
                [f"require({condition}, {failure});"]
                if kind == "error"
                else [f"if ({condition}) revert {failure};"]
            )
        return [f"{'assert' if kind == 'assert' else 'require'}({condition});"]

    def _record(self, value: str) -> Lines:
        """Make what was seen visible: in a state variable, or a log."""
        return [f"seen = keccak256(abi.encode(seen, {value}));"]

    def _try(self) -> Lines:
        c = self.choices
        inner = self.addressable()
        if inner and c.chance(2) and not self.scope.in_constructor:
            function = c.pick(inner)
            call = self.call(function, 1, external=True)
            results = function.results
        else:
            call, results = self.peer_call()
        return self.clauses(call, results)

    def peer_call(self) -> tuple[str, tuple[tuple[Type, str], ...]]:
        """A call of the counterpart, which answers as it was last told to."""
        c = self.choices
        name, parameters, results = c.pick(self.peer_functions)
        self.scope.spend(20)
        arguments = ", ".join(self.element(t, 0) for t in parameters)
        options = self.options("gas") if c.chance(3) else ""
        return f"Peer({self.peer}).{name}{options}({arguments})", tuple(
            (t, "memory") for t in results
        )

    peer_functions: list[tuple[str, list[Type], list[Type]]]
    peer = "address(uint160(0xbad0))"

    def clauses(self, call: str, results: tuple[tuple[Type, str], ...]) -> Lines:
        c, scope = self.choices, self.scope
        before = len(scope.variables)
        names = [scope.fresh("r") for _ in results]
        declared = [f"{t.at('memory')} {n}" for (t, _), n in zip(results, names, strict=True)]
        lines = [
            f"try {call} returns ({', '.join(declared)}) {{"
            if declared and not c.chance(6)
            else f"try {call} {{"
        ]
        if "returns" in lines[0]:
            for (type_, _), name in zip(results, names, strict=True):
                scope.variables.append(
                    Variable(name, type_, "value" if type_.is_value else "memory")
                )
            lines += indented(self._record(", ".join(names)))
        lines += self.block(1)
        del scope.variables[before:]
        kinds = [k for k in ("error", "panic", "data") if c.chance(2)] or ["all"]
        for kind in kinds:
            if kind == "all":
                lines += ["} catch {", *indented(self._record("0"))]
            elif kind == "error":
                lines += ["} catch Error(string memory text) {", *indented(self._record("text"))]
            elif kind == "panic":
                lines += ["} catch Panic(uint256 code) {", *indented(self._record("code"))]
            else:
                lines += ["} catch (bytes memory data) {", *indented(self._record("data"))]
        return [*lines, "}"]

    def _lowlevel(self) -> Lines:
        c, scope = self.choices, self.scope
        ok, data = scope.fresh("ok"), scope.fresh("d")
        inner = self.addressable()
        kind = c.pick(("call", "call", "delegatecall", "staticcall"))
        if inner and c.chance(2) and not scope.in_constructor:
            function = c.pick(inner)
            scope.spend(function.cost)
            arguments = ", ".join(self.element(t, 0) for t, _ in function.parameters)
            if len(function.parameters) == 1:
                arguments = f"({arguments})"
            whom, what = (
                "address(this)",
                f"abi.encodeCall(this.{function.name}, ({arguments}))"
                if len(function.parameters) != 1
                else f"abi.encodeCall(this.{function.name}, {arguments})",
            )
        else:
            scope.spend(20)
            whom, what = self.peer, self.blob(1)
        options = self.options("gas", "value") if kind == "call" else self.options("gas")
        scope.variables += [Variable(ok, BOOL), Variable(data, BYTES, "memory")]
        if c.chance(4):
            return [
                f"(bool {ok}, ) = {whom}.{kind}{options}({what});",
                f"bytes memory {data} = abi.encode({ok});",
            ]
        return [f"(bool {ok}, bytes memory {data}) = {whom}.{kind}{options}({what});"]


__all__ = ["STRING", "Statements"]
