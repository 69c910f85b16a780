"""Inline assembly: names bound to Solidity symbols, opcodes known, value counts right."""

from __future__ import annotations

from compiler.diagnostics.suggest import closest
from compiler.evm.opcodes import OPCODES, available
from compiler.semantics import typed
from compiler.semantics.advice import an
from compiler.semantics.check_calls import CallChecker
from compiler.semantics.check_names import is_literal
from compiler.semantics.reserved import reserved_in_assembly
from compiler.semantics.symbols import (
    BuiltinSymbol,
    ContractSymbol,
    FunctionSymbol,
    Symbol,
    VariableSymbol,
)
from compiler.semantics.types import BOOL, ArrayType, BytesType, FunctionType
from compiler.syntax import ast

# Opcodes a program may not write itself: they would break the compiler's control flow.
_FORBIDDEN = frozenset(("jump", "jumpi", "jumpdest", "pc", "push0"))
_NO_BUILTINS = _FORBIDDEN - {"pc"}  # a variable outside may be called so and named in assembly
_READS = frozenset(
    """sload tload balance selfbalance extcodesize extcodehash extcodecopy address origin caller
    callvalue gasprice blockhash coinbase timestamp number prevrandao difficulty gaslimit chainid
    basefee blobhash blobbasefee gas staticcall""".split()
)
_WRITES = frozenset(
    """sstore tstore create create2 call callcode delegatecall selfdestruct log0 log1 log2 log3
    log4""".split()
)


class YulScope:
    """Variables and functions of one assembly block."""

    def __init__(self, parent: YulScope | None, function_border: bool = False) -> None:
        self.parent = parent
        self.border = function_border
        self.variables: set[str] = set()
        self.functions: dict[str, ast.YulFunction] = {}

    def is_taken(self, name: str) -> bool:
        """Whether a name is declared here or around, on the far side of a function's border, too."""
        scope: YulScope | None = self
        while scope is not None:
            if name in scope.variables or name in scope.functions:
                return True
            scope = scope.parent
        return False

    def has_variable(self, name: str) -> bool:
        scope: YulScope | None = self
        while scope is not None:
            if name in scope.variables:
                return True
            scope = None if scope.border else scope.parent
        return False

    def function(self, name: str) -> ast.YulFunction | None:
        scope: YulScope | None = self
        while scope is not None:
            if name in scope.functions:
                return scope.functions[name]
            scope = scope.parent
        return None

    def in_function(self) -> bool:
        scope: YulScope | None = self
        while scope is not None:
            if scope.border:
                return True
            scope = scope.parent
        return False


class AssemblyChecker(CallChecker):
    """Checks `assembly { … }`."""

    def assembly(self, node: ast.Assembly) -> typed.Statement:
        if node.dialect not in (None, "evmasm"):
            self.fail(
                "SL0804",
                node.span,
                f'assembly dialect "{node.dialect}" is unknown',
                hint='the dialect is "evmasm"',
            )
        for flag in node.flags:
            if flag != "memory-safe":
                self.reporter.report(
                    "SL6022",
                    node.span,
                    f'assembly flag "{flag}" is unknown and has no effect',
                    hint='the flag is "memory-safe"',
                )
        if self.function is not None:
            self.function.uses_assembly = True
        self._bindings: dict[ast.YulName, VariableSymbol] = {}
        self._yul_block(node.body, YulScope(None), loop=False)
        return typed.Assembly(
            node.pos, node.end, node.body, self._bindings, "memory-safe" in node.flags
        )

    # -- statements --------------------------------------------------------------------------------

    def _yul_block(self, node: ast.YulBlock, scope: YulScope, loop: bool) -> None:
        for statement in node.statements:
            if isinstance(statement, ast.YulFunction):
                name = statement.name.name
                self._new_yul_name(statement.name, scope)
                scope.functions[name] = statement
        for statement in node.statements:
            self._yul_statement(statement, scope, loop)

    def _new_yul_name(self, name: ast.Identifier, scope: YulScope) -> None:
        why = reserved_in_assembly(name.name, self.evm_version)
        if why is not None:
            code = "SL0805" if name.name in OPCODES else "SL0220"
            self.fail(
                code, name.span, f"`{name.name}` cannot be a name here: {why}", hint="rename it"
            )
        if scope.is_taken(name.name):
            self.fail("SL0202", name.span, f"`{name.name}` is already declared in this assembly")

    def _yul_statement(self, node: ast.YulNode, scope: YulScope, loop: bool) -> None:
        if isinstance(node, ast.YulBlock):
            self._yul_block(node, YulScope(scope), loop)
        elif isinstance(node, ast.YulLet):
            if node.value is not None:
                self._yul_value(node.value, scope, len(node.names))
            for name in node.names:
                self._new_yul_name(name, scope)
                outside = [s for s in self.scope.find(name.name) if not _only_from_outside(s)]
                if outside and not (isinstance(outside[0], BuiltinSymbol) and name.name in OPCODES):
                    self.fail(
                        "SL0202",
                        name.span,
                        f"`{name.name}` already names something outside the assembly",
                    )
                scope.variables.add(name.name)
        elif isinstance(node, ast.YulAssign):
            self._yul_value(node.value, scope, len(node.targets))
            self._different_targets(node)
            for target in node.targets:
                self._yul_target_place(target, scope)
        elif isinstance(node, ast.YulExpression):
            self._yul_value(node.call, scope, 0)
        elif isinstance(node, ast.YulIf):
            self._yul_value(node.condition, scope, 1)
            self._yul_block(node.body, YulScope(scope), loop)
        elif isinstance(node, ast.YulSwitch):
            self._yul_switch_checks(node, scope, loop)
        elif isinstance(node, ast.YulFor):
            inner = YulScope(scope)
            for statement in node.init.statements:
                if isinstance(statement, ast.YulFunction):
                    self.fail(
                        "SL0801", statement.name.span, "a function cannot be declared where a loop starts",
                        hint="declare it in front of the loop",
                    )  # fmt: skip
            self._yul_block(node.init, inner, False)
            self._yul_value(node.condition, inner, 1)
            self._yul_block(node.body, YulScope(inner), True)
            self._yul_block(node.step, YulScope(inner), False)
        elif isinstance(node, ast.YulFunction):
            inner = YulScope(scope, function_border=True)
            for name in (*node.parameters, *node.returns):
                self._new_yul_name(name, inner)
                inner.variables.add(name.name)
            self._yul_block(node.body, inner, False)
        elif isinstance(node, ast.YulJump):
            if node.kind == "leave":
                if not scope.in_function():
                    self.fail("SL0806", node.span, "`leave` outside an assembly function")
            elif not loop:
                self.fail("SL0604", node.span, f"`{node.kind}` outside a loop")

    def _different_targets(self, node: ast.YulAssign) -> None:
        seen: set[tuple[str, str | None]] = set()
        for target in node.targets:
            if (target.name, target.suffix) in seen:
                text = self.reporter.quoted(target.span)
                self.fail("SL0801", target.span, f"`{text}` is assigned twice at once")
            seen.add((target.name, target.suffix))

    def _yul_switch_checks(self, node: ast.YulSwitch, scope: YulScope, loop: bool) -> None:
        self._yul_value(node.value, scope, 1)
        seen: set[int] = set()
        for case in node.cases:
            if case.value is not None:
                if case.value.value in seen:
                    self.fail("SL0802", case.value.span, "this case appears twice")
                seen.add(case.value.value)
            self._yul_block(case.body, YulScope(scope), loop)

    # -- expressions -------------------------------------------------------------------------------

    def _yul_value(self, node: ast.YulExpr, scope: YulScope, wanted: int) -> None:
        given = 1
        if isinstance(node, ast.YulCall):
            given = self._yul_call(node, scope)
        elif isinstance(node, ast.YulName):
            self._yul_read(node, scope)
        if given != wanted:
            self.fail("SL0807", node.span, f"{_values(wanted)} expected here, {given} given")

    def _yul_call(self, node: ast.YulCall, scope: YulScope) -> int:
        name = node.function.name
        for argument in node.arguments:
            self._yul_value(argument, scope, 1)
        function = scope.function(name)
        if function is not None:
            self._yul_count(node, len(function.parameters))
            return len(function.returns)
        opcode = OPCODES.get(name)
        if opcode is None:
            known = list(OPCODES)
            near = "prevrandao" if name == "difficulty" else closest(name, known)
            self.fail(
                "SL0808", node.function.span, f"unknown assembly function `{name}`",
                hint=f"did you mean `{near}`?" if near else None,
            )  # fmt: skip
        if name in _FORBIDDEN:
            self.fail("SL0808", node.function.span, f"`{name}` cannot be used in inline assembly")
        if not available(name, self.evm_version):
            self.fail(
                "SL0809", node.function.span, f"opcode `{name}` does not exist in {self.evm_version}",
                hint=f"compile with `--evm-version {opcode.since}`",
            )  # fmt: skip
        self._yul_count(node, opcode.pops)
        if name in _WRITES:
            self.require("nonpayable", node.span, f"`{name}`")
        elif name in _READS:
            self.require("view", node.span, f"`{name}`")
        return opcode.pushes

    def _yul_count(self, node: ast.YulCall, wanted: int) -> None:
        if len(node.arguments) != wanted:
            self.fail(
                "SL0807",
                node.span,
                f"`{node.function.name}` takes {_values(wanted)}, not {len(node.arguments)}",
            )

    def _no_opcode(self, node: ast.YulName) -> None:
        opcode = (
            node.name in OPCODES
            and node.name not in _NO_BUILTINS
            and available(node.name, self.evm_version)
        )
        if node.suffix is None and opcode:
            self.fail(
                "SL0805", node.span, f"`{node.name}` is an opcode here and no variable",
                hint="give the variable another name",
            )  # fmt: skip

    def _yul_read(self, node: ast.YulName, scope: YulScope) -> None:
        self._no_opcode(node)
        self._no_local_in_function(node, scope)
        if node.suffix is None and scope.has_variable(node.name):
            return
        symbol = self._yul_symbol(node)
        if node.suffix is None:
            self._plain_read(node, symbol)
        else:
            self._suffix_read(node, symbol, node.suffix)
        self._bindings[node] = symbol
        self.used_locals.add(symbol)

    def _no_local_in_function(self, node: ast.YulName, scope: YulScope) -> None:
        if scope.in_function():
            found = self.scope.find(node.name)
            if (
                found
                and isinstance(found[0], VariableSymbol)
                and found[0].role not in ("constant", "state")
            ):
                self.fail(
                    "SL0806",
                    node.span,
                    f"`{node.name}` cannot be reached from inside an assembly function",
                )

    def _yul_symbol(self, node: ast.YulName) -> VariableSymbol:
        symbol = self.lookup(node.name, node.span)[0]
        if not isinstance(symbol, VariableSymbol):
            self.fail(
                "SL0806", node.span, f"`{node.name}` is {an(symbol.kind)}, not a variable",
                hint=_address_hint(symbol),
            )  # fmt: skip
        return symbol

    def _plain_read(self, node: ast.YulName, symbol: VariableSymbol) -> None:
        type_ = symbol.type
        if symbol.role == "state":
            self.fail(
                "SL0806",
                node.span,
                f"`{node.name}` is in storage",
                hint=f"write `sload({node.name}.slot)`",
            )
        if symbol.role == "immutable":
            self.fail(
                "SL0806",
                node.span,
                "immutables cannot be read in assembly",
                hint="copy it into a local first",
            )
        if symbol.role == "constant":
            value = self._constant_variable(symbol, node.pos, node.end)
            if not isinstance(value, typed.Const) or not _is_written_out(symbol):
                self.fail(
                    "SL0806", node.span, f"the constant `{node.name}` is not a plain literal",
                    hint="give it as the number it comes to, or copy it into a local first",
                )  # fmt: skip
            return
        if type_.location == "storage":
            self.fail(
                "SL0806",
                node.span,
                f"`{node.name}` points to storage",
                hint=f"write `{node.name}.slot`",
            )
        if isinstance(type_, FunctionType) and type_.external:
            self.fail(
                "SL0806", node.span, f"`{node.name}` is an external function",
                hint=f"write `{node.name}.address` and `{node.name}.selector`",
            )  # fmt: skip
        if type_.words == 2:
            self.fail(
                "SL0806", node.span, f"`{node.name}` is in calldata",
                hint=f"write `{node.name}.offset` and `{node.name}.length`",
            )  # fmt: skip

    def _suffix_read(self, node: ast.YulName, symbol: VariableSymbol, suffix: str) -> None:
        type_ = symbol.type
        if suffix in ("slot", "offset") and symbol.role == "state":
            return
        if suffix == "slot" and type_.location == "storage":
            return
        if suffix == "offset" and type_.location == "storage":
            return
        pointer = isinstance(type_, FunctionType) and type_.external and symbol.role != "state"
        if suffix in ("address", "selector") and pointer:
            return
        in_calldata = isinstance(type_, (ArrayType, BytesType)) and type_.words == 2
        if suffix in ("offset", "length") and in_calldata:
            return
        self.fail("SL0806", node.span, f"`{node.name}` has no `.{suffix}`")

    def _yul_target_place(self, node: ast.YulName, scope: YulScope) -> None:
        self._no_opcode(node)
        self._no_local_in_function(node, scope)
        if node.suffix is None and scope.has_variable(node.name):
            return
        symbol = self._yul_symbol(node)
        if symbol.role in ("state", "constant", "immutable"):
            self.fail(
                "SL0806", node.span, f"{symbol.role} `{node.name}` cannot be assigned in assembly"
            )
        if node.suffix is None:
            self._plain_read(node, symbol)
        else:
            self._suffix_read(node, symbol, node.suffix)
            if node.suffix == "offset" and symbol.type.location == "storage":
                self.fail("SL0806", node.span, "only `.slot` of a storage pointer can be assigned")
        self._bindings[node] = symbol


def _is_written_out(symbol: VariableSymbol) -> bool:
    """Whether a constant is a literal, or names one that is: solc knows the value of no other in assembly."""
    value = symbol.node.value
    if isinstance(value, ast.Name):
        scope = symbol.contract.scope if symbol.contract is not None else symbol.unit.scope
        found = scope.find(value.name)[0]
        return isinstance(found, VariableSymbol) and found.is_constant and _is_written_out(found)
    if isinstance(value, (ast.String, ast.Bool)):
        return True
    return is_literal(value) and symbol.type is not BOOL


def _address_hint(symbol: Symbol) -> str | None:
    """Names that have an address outside the assembly."""
    if isinstance(symbol, ContractSymbol) and symbol.kind == "library":
        return f"take its address first, `address at = address({symbol.name});`, and write `at`"
    return "write `address()`" if symbol.name == "this" else None


def _only_from_outside(symbol: Symbol) -> bool:
    """An external function, whose name means nothing inside its contract."""
    return isinstance(symbol, FunctionSymbol) and symbol.visibility == "external"


def _values(count: int) -> str:
    return f"{count} value{'' if count == 1 else 's'}"
