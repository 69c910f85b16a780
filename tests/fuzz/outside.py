"""Functions as values, contracts made and destroyed, money sent."""

from __future__ import annotations

from tests.fuzz.assembly import Assembly
from tests.fuzz.builtins import PEER
from tests.fuzz.scope import Variable, parameter_names
from tests.fuzz.types import UINT, WORD, Type

Lines = list[str]
BEEF = "payable(address(uint160(0xbeef)))"


class Outside(Assembly):
    """Statements about what has an address."""

    sibling_parameters: list[Type]

    def _assign(self) -> Lines:
        raise NotImplementedError

    # -- functions as values -----------------------------------------------------------------------

    def _pointer(self) -> Lines:
        kind = self.choices.pick(("internal", "stored", "external", "external"))
        if kind == "external":
            return self._external_pointer()
        return self._internal_pointer(stored=kind == "stored")

    def _internal_pointer(self, stored: bool) -> Lines:
        """Their numbers are each compiler's own affair, so none stays in storage."""
        c, scope = self.choices, self.scope
        found = [
            f
            for f in scope.functions
            if f.visibility in ("internal", "private")
            and f.mutability == ""
            and not f.receiver
            and [t.name for t, _ in f.parameters] == ["uint256"]
            and [t.name for t, _ in f.results] == ["uint256"]
        ]
        cost = max((f.cost for f in found), default=0)
        if not found or not scope.affords(cost):
            return self._assign()
        scope.spend(cost)
        first, second = c.pick(found).name, c.pick(found).name
        chosen = f"{self.condition(1)} ? {first} : {second}"
        name, result = "kept_pointer" if stored else scope.fresh("p"), scope.fresh()
        start = f" = {chosen}" if not c.chance(8) else ""
        argument = self.value(UINT, 1)
        scope.variables.append(Variable(result, UINT))
        if stored:
            # Its number is each compiler's own; what is called may end the message, and leave it in storage.
            set_ = [f"kept_pointer = {chosen};"] if start else []
            read = scope.fresh("p")
            return [
                *set_,
                f"function (uint256) internal returns (uint256) {read} = kept_pointer;",
                "delete kept_pointer;",
                f"uint256 {result} = {read}({argument});",
            ]
        return [
            f"function (uint256) internal returns (uint256) {name}{start};",
            f"uint256 {result} = {name}({argument});",
        ]

    def _external_pointer(self) -> Lines:
        """To one of our own functions that takes and gives words; kept in storage sometimes."""
        c, scope = self.choices, self.scope
        found = [
            f
            for f in self.addressable()
            if all(t.is_value for t, _ in (*f.parameters, *f.results)) and len(f.results) == 1
        ]
        if not found:
            return self._assign()
        function = c.pick(found)
        scope.spend(function.cost)
        types = ", ".join(t.name for t, _ in function.parameters)
        result = function.results[0][0]
        words = f"external {function.mutability}".strip()
        name, got, digest = scope.fresh("p"), scope.fresh(), scope.fresh()
        arguments = ", ".join(self.value(t, 1) for t, _ in function.parameters)
        lines = [
            f"function ({types}) {words} returns ({result.name}) {name} = this.{function.name};"
        ]
        if function.name == "far":
            lines.append(c.pick((f"kept_outside = {name};", f"{name} = kept_outside;")))
        options = self.options("gas")
        lines += [
            f"{result.name} {got} = {name}{options}({arguments});",
            f"bytes32 {digest} = keccak256(abi.encode({name}, {name}.selector, {name}.address));",
        ]
        if c.chance(2):
            word = scope.fresh("w")
            what = c.pick((f"{name}.selector", f"{name}.address"))
            lines += [f"uint256 {word};", f"assembly {{ {word} := {what} }}"]
            scope.variables.append(Variable(word, UINT))
        scope.variables += [Variable(got, result), Variable(digest, WORD)]
        return lines

    # -- contracts and money -----------------------------------------------------------------------

    def _create(self) -> Lines:
        c, scope = self.choices, self.scope
        name = scope.fresh("s")
        scope.spend(30)
        options = self.options("value", "salt")
        values = [self.element(t, 1) for t in self.sibling_parameters]
        made = f"new Sibling{options}{self.handed(parameter_names(values), values)}"
        after = self._seen(f"{name}.look()")
        if c.chance(3):
            after += [f"{name}.end();", *self._seen(f"address({name}).balance, {name}.look()")]
        if c.chance(4):
            after += self._seen("type(Sibling).name, type(Sibling).creationCode.length > 0")
        if c.chance(2):
            return [f"Sibling {name} = {made};", *after]
        return [
            f"try {made} returns (Sibling {name}) {{",
            *("    " + line for line in after),
            "} catch (bytes memory data) {",
            *("    " + line for line in self._seen("data")),
            "}",
        ]

    def options(self, *names: str) -> str:
        """`{…}` with some of them in any order; their values may have effects."""
        c = self.choices
        given = [f"{name}: {self._option(name)}" for name in names if c.chance(3)]
        if c.chance(2):
            given.reverse()
        return f"{{{', '.join(given)}}}" if given else ""

    def _option(self, name: str) -> str:
        if name == "salt":
            return self.value(WORD, 1)
        amount = f"{self.value(UINT, 1)} % 3"
        return amount if name == "value" else f"300000 + {amount}"

    def _seen(self, value: str) -> Lines:
        return [f"seen = keccak256(abi.encode(seen, {value}));"]

    def _send(self) -> Lines:
        c = self.choices
        whom = c.pick((BEEF, f"payable({PEER})"))
        amount = f"{self.value(UINT, 0)} % 3"
        kind = c.pick(("transfer", "send", "destroy"))
        if kind == "destroy":
            return [f"if ({self.condition(2)}) selfdestruct({whom});"]
        if kind == "transfer":
            return [f"{whom}.transfer({amount});"]
        return self._seen(f"{whom}.send({amount})")
