"""Expressions of a wanted type."""

from __future__ import annotations

from collections.abc import Sequence

from tests.fuzz import builtins
from tests.fuzz.builtins import PEER
from tests.fuzz.choices import Choices
from tests.fuzz.scope import Callable, Path, Scope, Variable, paths
from tests.fuzz.types import ADDRESS, BOOL, BYTES, STRING, UINT, WORD, Type, Universe, edges, fixed

TEXTS = (
    '""',
    '"a"',
    '"exactly thirty-one bytes long.."',
    '"a text of more than thirty-two bytes, so it is kept elsewhere"',
    'unicode"tschüß"',
)


def takes_calldata(function: Callable) -> bool:
    """It can only be called from outside, by what has no calldata itself."""
    return any(p == "calldata" and not t.is_value for t, p in function.parameters)


class Expressions:
    """Writes expressions in `scope`, which the statements around them change."""

    def __init__(self, choices: Choices, universe: Universe, features: set[str]) -> None:
        self.choices = choices
        self.universe = universe
        self.features = features
        self.scope = Scope()

    # -- values ------------------------------------------------------------------------------------

    def value(self, type_: Type, depth: int = 2) -> str:
        """An expression of exactly this value type."""
        c = self.choices
        if depth <= 0 or c.chance(4):
            return self.leaf(type_, depth)
        common = c.weighted(
            (6, "operator"), (2, "leaf"), (2, "call"), (1, "choice"), (1, "effect"), (1, "decode")
        )
        if common == "leaf":
            return self.leaf(type_, depth)
        if common == "choice":
            return f"({self.condition(depth - 1)} ? {self.value(type_, depth - 1)} : {self.value(type_, depth - 1)})"
        if common == "call":
            found = self.call_for(type_, depth)
            if found:
                return found
        if common == "effect" and self.scope.writes:
            found = self.effect(type_, depth)
            if found:
                return found
        if common == "decode" and "abi" in self.features:
            return self.decoded(type_, depth)
        return self.operation(type_, depth)

    def leaf(self, type_: Type, depth: int) -> str:
        """A variable or something inside one where there is such a thing, else a literal.

        Now and then it is changed there: so nothing that is read can be read at another time unnoticed."""
        if self.scope.writes and depth > -2 and self.choices.chance(12):
            found = self.effect(type_, depth - 1)
            if found:
                return found
        if not self.choices.chance(3):
            found = self.path_to(type_, depth)
            if found:
                return found
        return self.literal(type_)

    def literal(self, type_: Type) -> str:
        c = self.choices
        if type_.is_integer:
            if c.chance(12):
                return builtins.limit(c, type_)
            if type_.name == "uint256" and c.chance(6):
                return builtins.word(c, self.scope.mutability == "pure")
            return f"{type_.name}({c.below(20) if c.chance(2) else c.pick(edges(type_))})"
        if type_.kind == "bool":
            return c.pick(("false", "true"))
        if type_.kind == "address":
            return builtins.address(c, self.scope.mutability == "pure")
        if type_.kind == "fixed":
            digits = c.pick(("00", "01", "ff", "80", "7f")) + c.pick(("00", "ff", "5a")) * (
                type_.size - 1
            )
            return f'{type_.name}(hex"{digits}")'
        if type_.kind == "enum":
            return (
                builtins.limit(c, type_) if c.chance(9) else f"{type_.name}.M{c.below(type_.size)}"
            )
        assert type_.kind == "own", type_
        return f"{type_.name}.wrap({self.literal(type_.parts[0])})"

    def bare(self, type_: Type, unlike: int | None = None) -> str:
        """A number that takes the type of what it meets; never the one that it must be `unlike`."""
        c = self.choices
        number = c.below(20) if c.chance(2) else c.pick(edges(type_))
        if number == unlike:
            number = 3
        spellings = [str(number), f"({number} * 3 / 3)", f"({number} - 7 + 7)"]
        if number > 0:
            spellings += [f"{number:_}", f"{number}e0"]
        if number > 9 and number & (number - 1) == 0:
            spellings.append(f"(2 ** {number.bit_length() - 1})")
        return c.pick(spellings)

    def wanted(self, type_: Type, depth: int) -> str:
        """Where a value is converted to the type by itself: sometimes a bare number."""
        if type_.is_integer and self.choices.chance(6):
            return self.bare(type_)
        return self.value(type_, depth)

    def candidates(self, type_: Type, assignable: bool = False) -> list[Path]:
        found = []
        for variable in self.scope.visible():
            if assignable and (variable.constant or variable.place == "calldata"):
                continue
            if assignable and variable.state and not self.scope.writes:
                continue
            if assignable and variable.place == "storage" and not self.scope.writes:
                continue
            found += [p for p in paths(variable) if p.type.name == type_.name]
        return found

    def path_to(self, type_: Type, depth: int = 1, assignable: bool = False) -> str:
        """Something of this type that already exists, or nothing."""
        found = self.candidates(type_, assignable)
        return self.path(self.choices.pick(found), depth) if found else ""

    def path(self, path: Path, depth: int = 1) -> str:
        text = path.variable.name
        for step in path.steps:
            if isinstance(step, str):
                text += f".{step}"
            elif step.kind == "mapping":
                text += f"[{self.key(step.parts[0], depth - 1)}]"
            else:
                text += f"[{self.index(text, step, depth - 1)}]"
        return text

    def key(self, type_: Type, depth: int) -> str:
        deep = depth <= -3  # a mapping from its own values would be asked for keys for ever
        if type_.is_value:
            return self.literal(type_) if deep else self.leaf(type_, depth)
        literal = f"{type_.name}({self.choices.pick(TEXTS)})"
        if deep or not self.choices.chance(2):
            return literal
        return self.path_to(type_, depth) or literal

    def index(self, text: str, type_: Type, depth: int) -> str:
        """In range mostly."""
        c = self.choices
        kind = c.weighted((5, "small"), (3, "within"), (1, "any"))
        if kind == "small" or depth < 0:
            return str(c.below(type_.size if type_.kind == "array" and type_.size > 0 else 2))
        if kind == "within":
            length = (
                str(type_.size)
                if type_.kind == "array" and type_.size >= 0
                else f"({text}.length + 1)"
            )
            return f"{self.value(UINT, min(depth, 1))} % {length}"
        return self.value(UINT, min(depth, 1))

    # -- operations --------------------------------------------------------------------------------

    def operation(self, type_: Type, depth: int) -> str:
        if type_.is_integer:
            return self.integer_operation(type_, depth)
        if type_.kind == "bool":
            return self.condition(depth)
        if type_.kind == "fixed":
            return self.fixed_operation(type_, depth)
        if type_.kind == "enum":
            return (
                f"{type_.name}({self.value(self.universe.integer(), depth - 1)} % {type_.size + self.choices.chance(4)})"
                if self.choices.chance(2)
                else self.leaf(type_, depth)
            )
        if type_.kind == "own":
            return self.own_operation(type_, depth)
        if type_.kind == "address":
            wide = Type("uint", "uint160", 160)
            return (
                f"address({self.value(wide, depth - 1)})"
                if self.choices.chance(2)
                else self.leaf(type_, depth)
            )
        raise AssertionError(type_)

    def integer_operation(self, type_: Type, depth: int) -> str:
        c = self.choices
        kind = c.weighted(
            (10, "binary"),
            (3, "convert"),
            (2, "shift"),
            (1, "power"),
            (2, "unary"),
            (2, "special"),
            (1, "narrower"),
        )
        if kind == "convert":
            return self.conversion(type_, depth)
        if kind == "special" and type_.name == "uint256":
            return self.word_operation(depth)
        narrow = Type("uint", "uint8", 8)
        if kind == "special" and type_.kind == "uint":
            return f"{type_.name}({self.condition(depth - 1)} ? {self.bare(narrow)} : {self.bare(type_)})"
        if kind in ("shift", "power") and type_.name == "uint256" and c.chance(3):
            # The exponent has a type, or the whole would be a number that may be too large.
            operator = "<<" if kind == "shift" else "**"
            return f"({self.bare(type_)} {operator} {self.value(narrow, depth - 1)})"
        left = self.value(type_, depth - 1)
        if kind == "shift":
            return f"({left} {c.pick(('<<', '>>'))} {self.amount(depth - 1)})"
        if kind == "power":
            return f"({left} ** {self.power(depth - 1)})"
        if kind == "unary":
            return f"(-{left})" if type_.kind == "int" and c.chance(2) else f"(~{left})"
        operator = c.pick(("+", "-", "*", "/", "%", "&", "|", "^", "&", "+"))
        if c.chance(4):
            return f"({self.bare(type_)} {operator} {left})"
        if c.chance(4):
            return f"({left} {operator} {self.bare(type_, unlike=0 if operator in '/%' else None)})"
        right = self.value(type_, depth - 1)
        if kind == "narrower":
            narrower = [w for w in (8, 16, 32, 64, 128) if w < type_.size]
            if narrower:
                right = self.value(
                    Type(type_.kind, f"{type_.kind}{(w := c.pick(narrower))}", w), depth - 1
                )
        return f"({left} {operator} {right})"

    def amount(self, depth: int) -> str:
        """How far to shift: unsigned, and sometimes beyond the word."""
        c = self.choices
        if c.chance(2):
            return str(c.pick((1, 7, 8, 15, 31, 128, 255, 256, 300)))
        return self.value(Type("uint", "uint8", 8) if c.chance(2) else UINT, depth)

    def power(self, depth: int) -> str:
        c = self.choices
        if c.chance(2):
            return self.value(Type("uint", "uint8", 8), depth)
        return str(c.pick((2, 0, 1, 3, 7, 8, 31, 255)))

    def conversion(self, type_: Type, depth: int) -> str:
        """From every type that converts explicitly."""
        c = self.choices
        other = "int" if type_.kind == "uint" else "uint"
        width = c.pick((256, 8, 16, 64, 128, 24))
        options = [
            (f"{type_.kind}{width}", Type(type_.kind, f"{type_.kind}{width}", width)),
            (f"{other}{type_.size}", Type(other, f"{other}{type_.size}", type_.size)),
        ]
        if type_.kind == "uint":
            options.append(("", fixed(type_.size // 8)))
            options += [("", e) for e in self.universe.enums]
            if type_.size == 160:
                options.append(("", ADDRESS))
        for own in self.universe.own:
            if own.parts[0].name == type_.name:
                return f"{own.name}.unwrap({self.value(own, depth - 1)})"
        return f"{type_.name}({self.value(c.pick(options)[1], depth - 1)})"

    def word_operation(self, depth: int) -> str:
        c = self.choices
        kind = c.pick(("length", "hash", "mod", "environment", "mul"))
        if kind == "length":
            found = [
                p
                for v in self.scope.visible()
                for p in paths(v, 2)
                if p.type.kind in ("array", "bytes")
            ]
            if found:
                return f"{self.path(c.pick(found), depth)}.length"
        if kind == "environment":
            return builtins.word(c, self.scope.mutability == "pure")
        if kind == "mod":
            return f"{c.pick(('addmod', 'mulmod'))}({self.value(UINT, depth - 1)}, {self.value(UINT, depth - 1)}, {self.value(UINT, depth - 1)})"
        return f"uint256({self.hash(depth - 1)})"

    def hash(self, depth: int) -> str:
        return f"{self.choices.pick(('keccak256', 'keccak256', 'sha256'))}({self.blob(depth)})"

    def fixed_operation(self, type_: Type, depth: int) -> str:
        c = self.choices
        kind = c.weighted((4, "bits"), (2, "shift"), (1, "not"), (4, "convert"), (1, "hash"))
        if kind == "hash" and type_.size == 32:
            return self.hash(depth - 1)
        if kind == "convert":
            if c.chance(2):
                return f"{type_.name}({self.value(Type('uint', f'uint{8 * type_.size}', 8 * type_.size), depth - 1)})"
            if c.chance(3):
                return f"{type_.name}({self.blob(depth - 1)})"
            return f"{type_.name}({self.value(fixed(c.pick((32, 1, 4, 20, 8))), depth - 1)})"
        if type_.size in (4, 20, 32) and c.chance(4):
            found = self.built_in(type_.size, depth)
            if found:
                return found
        left = self.value(type_, depth - 1)
        if kind == "shift":
            return f"({left} {c.pick(('<<', '>>'))} {self.amount(depth - 1)})"
        if kind == "not":
            return f"(~{left})"
        return f"({left} {c.pick(('&', '|', '^'))} {self.value(type_, depth - 1)})"

    def built_in(self, size: int, depth: int) -> str:
        c = self.choices
        if size == 20:
            return f"ripemd160({self.blob(depth - 1)})"
        if size == 32 and c.chance(2):
            if c.chance(3):
                return 'bytes32(erc7201("a.b"))'
            return f"bytes32(uint256(uint160({self.recovered(depth - 1)})))"
        return builtins.fixed(c, size, self.scope.mutability == "pure", "peer" in self.features)

    def recovered(self, depth: int) -> str:
        words = [self.value(WORD, min(depth, 0)) for _ in range(3)]
        return f"ecrecover({words[0]}, {self.choices.pick((27, 28, 0))}, {words[1]}, {words[2]})"

    def own_operation(self, type_: Type, depth: int) -> str:
        c = self.choices
        if c.chance(3):
            return f"{type_.name}.wrap({self.value(type_.parts[0], depth - 1)})"
        if c.chance(5):
            return f"(-{self.value(type_, depth - 1)})"
        return (
            f"({self.value(type_, depth - 1)} {c.pick(('+', '-'))} {self.value(type_, depth - 1)})"
        )

    def condition(self, depth: int) -> str:
        c = self.choices
        if depth <= 0:
            return self.leaf(BOOL, 0)
        kind = c.weighted((6, "compare"), (2, "both"), (1, "not"), (1, "leaf"))
        if kind == "leaf":
            if c.chance(6):
                return builtins.condition(c, self.scope.mutability == "pure")
            return self.leaf(BOOL, depth)
        if kind == "not":
            return f"(!{self.value(BOOL, depth - 1)})"
        if kind == "both":
            return f"({self.value(BOOL, depth - 1)} {c.pick(('&&', '||', '==', '!='))} {self.value(BOOL, depth - 1)})"
        type_ = self.universe.value()
        operators = ("==", "<") if type_.kind == "own" else ("==", "!=", "<", "<=", ">", ">=")
        if type_.kind == "bool":
            operators = ("==", "!=")
        left, right = self.value(type_, depth - 1), self.value(type_, depth - 1)
        if type_.is_integer and c.chance(4):
            left, right = c.pick(((left, self.bare(type_)), (self.bare(type_), right)))
        return f"({left} {c.pick(operators)} {right})"

    def effect(self, type_: Type, depth: int) -> str:
        """An assignment or an increment inside an expression."""
        target = self.path_to(type_, min(depth, 0), assignable=True)
        if not target:
            return ""
        if type_.is_integer and self.choices.chance(2):
            return self.choices.pick((f"{target}++", f"++{target}", f"{target}--", f"(--{target})"))
        return f"({target} = {self.value(type_, depth - 1)})"

    def decoded(self, type_: Type, depth: int) -> str:
        """Through the ABI coder and back, sometimes as another type."""
        c = self.choices
        other = self.universe.value() if c.chance(2) else type_
        return f"abi.decode({self.encoding([self.value(other, depth - 1)])}, ({type_.name}))"

    def encoding(self, values: list[str]) -> str:
        return f"abi.encode({', '.join(values)})"

    # -- calls -------------------------------------------------------------------------------------

    def addressable(self) -> list[Callable]:
        """Functions of this contract that can be called from outside, and whose name is theirs alone."""
        return [
            f
            for f in self.scope.functions
            if f.visibility in ("public", "external")
            and not f.receiver
            and not f.overloaded
            and f.encodable
            and self.callable(f)
        ]

    def callable(self, function: Callable) -> bool:
        order = {"pure": 0, "view": 1, "": 2, "payable": 2}
        scope = self.scope
        if order[function.mutability] > order[scope.mutability] or not scope.affords(function.cost):
            return False
        outside = function.visibility == "external" or takes_calldata(function)
        return not (outside and (scope.mutability == "pure" or scope.in_constructor))

    def call_for(self, type_: Type, depth: int) -> str:
        found = [
            f for f in self.scope.functions
            if len(f.results) == 1 and f.results[0][0].name == type_.name and self.callable(f)
        ]  # fmt: skip
        return self.call(self.choices.pick(found), depth) if found else ""

    def call(
        self, function: Callable, depth: int, external: bool | None = None, options: str = ""
    ) -> str:
        c = self.choices
        self.scope.spend(function.cost)
        arguments = [self.argument(t, p, depth - 1) for t, p in function.parameters]
        outside = function.visibility == "external" or takes_calldata(function)
        if function.visibility == "public" and not outside and not function.receiver:
            outside = (
                self.scope.mutability != "pure" and not self.scope.in_constructor and c.chance(4)
            )
        if function.receiver == "X":
            return f"X.{function.name}{self.handed(function.names, arguments)}"
        if outside if external is None else external:
            return f"this.{function.name}{options}{self.handed(function.names, arguments)}"
        if function.attached and function.parameters[0][0].is_value and c.chance(2):
            rest = self.handed(function.names[1:], arguments[1:])
            return f"({arguments[0]}).{function.name}{rest}"
        receiver = function.receiver + "." if function.receiver else ""
        return f"{receiver}{function.name}{self.handed(function.names, arguments)}"

    def handed(self, names: Sequence[str], values: Sequence[str]) -> str:
        """Arguments in parentheses. With names they stand in any order, and are evaluated in that one."""
        if not names or not self.choices.chance(3):
            return f"({', '.join(values)})"
        given = [f"{name}: {value}" for name, value in zip(names, values, strict=True)]
        first = self.choices.below(len(given))
        return f"({{{', '.join(given[first:] + given[:first])}}})"

    def argument(self, type_: Type, place: str, depth: int) -> str:
        if type_.is_value:
            return self.value(type_, depth)
        if place == "storage":
            found = [p for p in self.candidates(type_) if p.place == "storage"]
            return self.path(self.choices.pick(found), 0)
        return self.reference(type_, depth)

    # -- references --------------------------------------------------------------------------------

    def reference(self, type_: Type, depth: int = 1) -> str:
        """An expression that gives a bytes, string, array or struct in memory, or what is copied to it."""
        c = self.choices
        if c.chance(2) or depth <= 0:
            found = self.path_to(type_, depth)
            if found:
                return found
        if depth > 0 and c.chance(3):
            found = self.call_for(type_, depth)
            if found:
                return found
        if type_.kind in ("bytes", "string"):
            return self.blob(depth) if type_.kind == "bytes" else self.text(depth)
        if type_.kind == "struct":
            values = [self.element(p, depth - 1) for p in type_.parts]
            return type_.name + self.handed(type_.members, values)
        assert type_.kind == "array"
        if type_.size >= 0:
            first = self.element(type_.element, depth - 1)
            values = [
                first,
                *(self.element(type_.element, depth - 1) for _ in range(type_.size - 1)),
            ]
            if type_.element.kind in ("string", "bytes"):
                values[0] = f"{type_.element.name}({values[0]})"
            return f"[{', '.join(values)}]"
        if c.chance(4) and "abi" in self.features:
            return f"abi.decode({self.blob(depth - 1)}, ({type_.name}))"
        length = c.below(4) if c.chance(2) else f"{self.value(UINT, 0)} % {c.between(1, 5)}"
        return f"new {type_.name}({length})"

    def element(self, type_: Type, depth: int) -> str:
        return self.value(type_, depth) if type_.is_value else self.reference(type_, max(depth, 0))

    def blob(self, depth: int) -> str:
        """bytes"""
        c = self.choices
        kind = c.weighted(
            (3, "encode"),
            (2, "packed"),
            (2, "path"),
            (1, "concat"),
            (1, "new"),
            (1, "text"),
            (1, "slice"),
            (1, "data"),
        )
        if kind == "path":
            found = self.path_to(BYTES, 0)
            if found:
                return found
        if kind == "slice":
            found = self.slice()
            if found:
                return found
        if kind == "data" and self.scope.mutability != "pure":
            return "msg.data"
        if kind == "concat" and depth > 0:
            return (
                f"bytes.concat({self.blob(depth - 1)}, {self.leaf(fixed(c.pick((1, 4, 32))), 0)})"
            )
        if kind == "new":
            return f"new bytes({self.value(UINT, 0)} % {c.pick((3, 33, 70))})"
        if kind == "text" or depth <= 0:
            return f"bytes({c.pick(TEXTS)})"
        types = [self.universe.encodable(1) for _ in range(c.between(1, 2))]
        if kind == "packed":
            types = [t if t.is_value or t.kind in ("bytes", "string") else UINT for t in types]
            return f"abi.encodePacked({', '.join(self.element(t, 0) for t in types)})"
        values = ", ".join(self.typed_element(t) for t in types)
        if c.chance(5):
            return f"abi.encodeWithSelector({self.value(fixed(4), 0)}, {values})"
        if c.chance(8):
            return f'abi.encodeWithSignature("f(uint256)", {values})'
        return f"abi.encode({values})"

    def typed_element(self, type_: Type) -> str:
        """As `element`, where nothing around says which type is meant."""
        return self.element(type_, 0)

    def slice(self) -> str:
        data = [v for v in self.scope.visible() if v.place == "calldata" and v.type.kind == "bytes"]
        if not data:
            return ""
        c = self.choices
        text = self.cut(c.pick(data).name)
        if c.chance(6):
            text = f"({self.condition(0)} ? {text} : {self.cut(c.pick(data).name)})"
        return text

    def cut(self, text: str) -> str:
        """A part of bytes or an array in calldata, or of a part."""
        c = self.choices
        length = f"{text}.length"
        for _ in range(1 + c.chance(4)):
            bounds = []
            for _ in range(2):
                kind = c.weighted((3, "none"), (3, "small"), (1, "length"), (1, "computed"))
                bounds.append(
                    {"none": "", "small": str(c.below(4)), "length": length}.get(kind)
                    if kind != "computed"
                    else f"{self.value(UINT, 0)} % {c.pick((3, 40))}"
                )
            text += f"[{bounds[0]}:{bounds[1]}]"
        return text

    def text(self, depth: int) -> str:
        c = self.choices
        if c.chance(3) and depth > 0:
            return f"string({self.blob(depth - 1)})"
        if c.chance(3):
            found = self.path_to(STRING, 0)
            if found:
                return found
        if c.chance(4) and depth > 0:
            return f"string.concat({self.text(depth - 1)}, {self.text(0)})"
        return c.pick(TEXTS)


__all__ = ["PEER", "TEXTS", "WORD", "Expressions", "Variable"]
