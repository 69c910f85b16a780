"""Inline assembly: short pieces that do what hand-written code does, and leave dirty bits behind."""

from __future__ import annotations

from tests.fuzz.expressions import Expressions
from tests.fuzz.scope import Variable
from tests.fuzz.types import UINT

Lines = list[str]
_ARITHMETIC = (
    "add", "sub", "mul", "div", "sdiv", "mod", "smod", "exp", "and", "or", "xor", "byte", "shl", "shr", "sar",
    "signextend", "lt", "slt", "sgt", "eq", "gt",
)  # fmt: skip
_ENVIRONMENT = (
    "address", "basefee", "blobbasefee", "calldatasize", "caller", "callvalue", "chainid", "coinbase",
    "gaslimit", "gasprice", "number", "origin", "prevrandao", "timestamp", "selfbalance",
)  # fmt: skip


class Assembly(Expressions):
    """A block of assembly as a statement, of a few pieces. What it reads are whole words: what a dirty variable holds
    inside assembly is each compiler's own affair."""

    def _words(self) -> list[str]:
        wide = ("uint256", "int256", "bytes32")
        return [
            v.name
            for v in self.scope.visible()
            if v.type.name in wide
            and v.place == "value"
            and not v.state
            and not v.name.startswith("i")
        ]

    def _assembly(self) -> Lines:
        c, scope = self.choices, self.scope
        words = self._words()
        operand = (
            c.pick(words)
            if words and not c.chance(3)
            else hex(c.pick((0, 1, 0xFF, 2**255, 2**256 - 1, 0x1234)))
        )
        other = (
            c.pick(words)
            if words and not c.chance(3)
            else hex(c.pick((3, 31, 32, 2**128, 2**256 - 2)))
        )
        result = scope.fresh("w")
        pure = scope.mutability == "pure"
        options = [
            "arithmetic",
            "hash",
            "allocate",
            "loop",
            "switch",
            "dirty",
            "memory",
            "function",
        ]
        if not pure:
            options += ["load", "calldata", "returndata", "environment", "environment"]
        if scope.writes:
            options += ["store", "transient", "log", "stop", "call"]
        pieces: list[Lines] = []
        for _ in range(c.between(1, 4)):
            pieces.append(getattr(self, f"_asm_{c.pick(options)}")(result, operand, other))
            operand = c.pick((operand, result))
        scope.variables.append(Variable(result, UINT))
        safe = ' ("memory-safe")' if not c.chance(6) else ""
        lines = [line for piece in pieces for line in ("{", *piece, "}")]
        return [f"uint256 {result};", f"assembly{safe} {{", *("    " + line for line in lines), "}"]

    def _asm_arithmetic(self, result: str, a: str, b: str) -> Lines:
        c = self.choices
        first, third = (c.pick(_ARITHMETIC) for _ in range(2))
        if c.chance(4):
            return [f"{result} := {c.pick(('addmod', 'mulmod'))}({a}, {b}, {c.pick((a, b, '7'))})"]
        if c.chance(2):
            return [f"{result} := {c.pick(('not', 'iszero'))}({first}({a}, {third}({b}, {a})))"]
        return [f"{result} := {first}({a}, {third}({b}, {a}))"]

    def _asm_environment(self, result: str, a: str, b: str) -> Lines:
        c = self.choices
        plain = "xor({}(), xor({}(), {}()))".format(*(c.pick(_ENVIRONMENT) for _ in range(3)))
        peer = c.pick(("balance(0xbad0)", "extcodesize(0xbad0)", "extcodehash(0xbad0)", "blobhash(0)",
                       "blockhash(sub(number(), 1))", "iszero(gas())", "iszero(codesize())"))  # fmt: skip
        copied = c.pick(
            ("calldatacopy(0, 1, 32)", "extcodecopy(0xbad0, 0, 3, 32)", "codecopy(0, 0, 0)")
        )
        kind = c.below(3)
        if kind == 2:
            return ["mstore(0, 0)", copied, f"pop({a})", f"{result} := mload(0)"]
        return [f"{result} := {peer}" if kind else f"{result} := {plain}"]

    def _asm_call(self, result: str, a: str, b: str) -> Lines:
        """Of the counterpart; or contracts without code, or the end."""
        c = self.choices
        kind = c.pick(("call", "static", "delegate", "code", "create", "create2", "destroy"))
        if kind == "destroy":
            return [f"if eq(and({a}, 7), 6) {{ selfdestruct(0xbeef) }}"]
        if kind.startswith("create"):
            salt = f", {a}" if kind == "create2" else ""
            return [f"{result} := {kind}(0, 0, 0{salt})"]
        name = kind if kind == "call" else "callcode" if kind == "code" else f"{kind}call"
        value = "0, " if kind in ("call", "code") else ""
        return [
            f"mstore(0, {a})",
            f"mstore(32, {b})",
            f"{result} := {name}(gas(), 0xbad0, {value}0, 36, 0, 32)",
            f"{result} := xor({result}, mload(0))",
        ]

    def _asm_hash(self, result: str, a: str, b: str) -> Lines:
        return [
            f"mstore(0, {a})",
            f"mstore(32, {b})",
            f"{result} := keccak256({self.choices.pick((0, 4, 12))}, {self.choices.pick((64, 32, 20, 0))})",
        ]

    def _asm_allocate(self, result: str, a: str, b: str) -> Lines:
        moved = self.choices.chance(2)
        return [
            "let free := mload(0x40)", f"mstore(free, {a})", f"mstore(add(free, 0x20), {b})",
            f"mstore8(add(free, 7), {b})", *(["mcopy(add(free, 3), free, 32)"] if self.choices.chance(3) else []), *(["mstore(0x40, add(free, 0x40))"] if moved else []),
            f"{result} := mload(add(free, {self.choices.between(0, 32)}))",
        ]  # fmt: skip

    def _asm_loop(self, result: str, a: str, b: str) -> Lines:
        return [f"for {{ let k := 0 }} lt(k, {self.choices.between(1, 4)}) {{ k := add(k, 1) }} {{",
                f"    if eq(k, {self.choices.between(1, 3)}) {{ {self.choices.pick(('continue', 'break'))} }}",
                f"    {result} := add(mul({result}, 3), xor({a}, k))", "}"]  # fmt: skip

    def _asm_switch(self, result: str, a: str, b: str) -> Lines:
        return [
            f"switch and({a}, 3) case 0 {{ {result} := {b} }} case 2 {{ {result} := not({b}) }} default {{ {result} := {a} }}"
        ]

    def _asm_function(self, result: str, a: str, b: str) -> Lines:
        name = self.scope.fresh("y")
        return [f"function {name}(x, y) -> p, q {{ p := sub(x, y) if gt(x, y) {{ q := 9 leave }} q := y }}",
                f"let first, second := {name}({a}, {b})", f"{result} := xor(first, second)"]  # fmt: skip

    def _asm_dirty(self, result: str, a: str, b: str) -> Lines:
        """A narrow variable gets more bits than its type has."""
        narrow = [
            v.name
            for v in self.scope.visible()
            if v.place == "value"
            and not v.state
            and not v.constant
            and v.type.kind in ("uint", "int", "bool", "fixed", "address")
        ]
        if not narrow:
            return self._asm_arithmetic(result, a, b)
        return [
            f"{self.choices.pick(narrow)} := {self.choices.pick((a, f'not({a})', f'shl(8, {b})'))}"
        ]

    def _asm_memory(self, result: str, a: str, b: str) -> Lines:
        """The first element of an array, whatever its type."""
        arrays = [
            v
            for v in self.scope.visible()
            if v.place == "memory"
            and v.type.kind == "array"
            and v.type.size < 0
            and v.type.element.kind in ("uint", "int", "bool", "fixed", "address")
        ]
        if not arrays:
            return self._asm_allocate(result, a, b)
        name = self.choices.pick(arrays).name
        return [
            f"if mload({name}) {{ mstore(add({name}, 0x20), {a}) }}",
            f"{result} := mload({name})",
        ]

    def _asm_load(self, result: str, a: str, b: str) -> Lines:
        state = [
            v
            for v in self.scope.visible()
            if v.state
            and v.place in ("storage", "value")
            and not v.constant
            and v.name.startswith("x")
        ]
        if not state:
            return [f"{result} := sload({self.choices.below(4)})"]
        name = self.choices.pick(state).name
        return [f"{result} := shr(mul(8, {name}.offset), sload({name}.slot))"]

    def _asm_store(self, result: str, a: str, b: str) -> Lines:
        return [
            f"sstore(0x{self.choices.between(5000, 5003):x}, {a})",
            f"{result} := sload(0x{self.choices.between(5000, 5003):x})",
        ]

    def _asm_transient(self, result: str, a: str, b: str) -> Lines:
        return [f"tstore({self.choices.pick((777, 778))}, {a})", f"{result} := tload(777)"]

    def _asm_calldata(self, result: str, a: str, b: str) -> Lines:
        data = [
            v
            for v in self.scope.visible()
            if v.place == "calldata"
            and (v.type.kind in ("bytes", "string") or (v.type.kind == "array" and v.type.size < 0))
        ]
        if not data:
            return [f"{result} := calldataload({self.choices.pick((0, 4, 36, 3))})"]
        name = self.choices.pick(data).name
        return [f"{result} := xor({name}.length, calldataload({name}.offset))"]

    def _asm_returndata(self, result: str, a: str, b: str) -> Lines:
        return [
            f"{result} := returndatasize()",
            f"if gt({result}, 31) {{ returndatacopy(0, 0, 32) {result} := mload(0) }}",
        ]

    def _asm_log(self, result: str, a: str, b: str) -> Lines:
        count = self.choices.pick((1, 2, 0, 3, 4))
        return [
            f"mstore(0, {a})",
            f"log{count}(0, 32{''.join(f', {t}' for t in (b, a, b, a)[:count])})",
        ]

    def _asm_stop(self, result: str, a: str, b: str) -> Lines:
        ending = self.choices.pick(("revert(0, 32)", "return(0, 32)", "stop()", "invalid()"))
        return [f"if eq(and({a}, 7), 5) {{ mstore(0, {b}) {ending} }}"]
