"""Inline assembly to FIR. Yul variables become SSA variables, Yul functions inner functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compiler.diagnostics.errors import InternalCompilerError
from compiler.ir.ops import ADDRESSED, COUNTED, HEAP, OPS, RAW, effects
from compiler.ir.values import Block, Module, Value
from compiler.lowering.function_pointers import FunctionPointers
from compiler.semantics import typed
from compiler.semantics.symbols import VariableSymbol
from compiler.semantics.types import BOOL, EnumType, FunctionType, base_of
from compiler.syntax import ast


class YulFrame:
    """Names of one assembly block: variables by key, functions by FIR name."""

    def __init__(self, parent: YulFrame | None, border: bool = False) -> None:
        self.parent = parent
        self.border = border
        self.variables: dict[str, Any] = {}
        self.functions: dict[str, tuple[str, ast.YulFunction]] = {}

    def variable(self, name: str) -> Any:
        frame: YulFrame | None = self
        while frame is not None:
            if name in frame.variables:
                return frame.variables[name]
            frame = None if frame.border else frame.parent
        return None

    def function(self, name: str) -> tuple[str, ast.YulFunction] | None:
        frame: YulFrame | None = self
        while frame is not None:
            if name in frame.functions:
                return frame.functions[name]
            frame = frame.parent
        return None


class AssemblyLowering(FunctionPointers):
    """`assembly { … }`"""

    yul_bindings: dict[ast.YulName, VariableSymbol]
    yul_loops: list[tuple[Block, Block]]
    yul_exit: Block | None = None
    yul_assigned: set[VariableSymbol]

    def assembly(self, node: typed.Assembly) -> None:
        self.yul_bindings = node.bindings
        self.yul_loops = []
        self.yul_assigned = set()
        if not node.memory_safe:
            reads, writes = memory_use(node.body)
            self.context.module.unsafe_memory |= reads or writes
            if writes:
                self.context.unsafe_memory = self.context.unsafe_memory or (node.pos, node.end)
        for symbol in dict.fromkeys(node.bindings.values()):
            self._split_pointer(symbol)
        self.yul_block(node.body, YulFrame(None))
        if self.builder.reachable():
            for symbol in self.yul_assigned:
                self._clean_assigned(symbol)

    def _clean_assigned(self, symbol: VariableSymbol) -> None:
        """A narrow variable that assembly wrote may hold stray bits; nothing after may see them."""
        if isinstance(symbol.type, FunctionType) and symbol.type.external:
            self._join_pointer(symbol)
            return
        type_ = base_of(symbol.type)
        if not type_.is_value or type_.words != 1:
            return
        word = self.read_variable(symbol)[0]
        if isinstance(type_, EnumType) or type_ is BOOL or type_.storage_bytes < 32:
            self.write_variable(symbol, [self.clean(word, type_)])

    def _split_pointer(self, symbol: VariableSymbol) -> None:
        """Assembly sees the parts of an external function pointer as variables of their own."""
        if not (isinstance(symbol.type, FunctionType) and symbol.type.external):
            return
        if symbol.role == "state":
            return
        key, word = self.variable_key(symbol), self.read_variable(symbol)[0]
        self.builder.write((key, "address"), self.emit("shr", self.const(96), word))
        selector = self.mask(self.emit("shr", self.const(64), word), 32)
        self.builder.write((key, "selector"), selector)

    def _join_pointer(self, symbol: VariableSymbol) -> None:
        key = self.variable_key(symbol)
        address = self.emit("shl", self.const(96), self.builder.read((key, "address")))
        selector = self.mask(self.builder.read((key, "selector")), 32)
        word = self.emit("or", address, self.emit("shl", self.const(64), selector))
        self.write_variable(symbol, [word])

    # -- statements --------------------------------------------------------------------------------

    def yul_block(self, node: ast.YulBlock, frame: YulFrame) -> None:
        for statement in node.statements:
            if isinstance(statement, ast.YulFunction):
                name = self.context.yul_function_name(statement)
                frame.functions[statement.name.name] = (name, statement)
        for statement in node.statements:
            if isinstance(statement, ast.YulFunction):
                self._yul_function(statement, frame)
        for statement in node.statements:
            if not self.builder.reachable():
                return
            if not isinstance(statement, ast.YulFunction):
                self.builder.pos, self.builder.end = statement.pos, statement.end
                _YUL[type(statement)](self, statement, frame)

    def _yul_nested(self, node: ast.YulBlock, frame: YulFrame) -> None:
        self.yul_block(node, YulFrame(frame))

    def _yul_let(self, node: ast.YulLet, frame: YulFrame) -> None:
        if node.value is None:
            words = [self.const(0)] * len(node.names)
        else:
            words = self.yul_words(node.value, frame)
        for name, word in zip(node.names, words, strict=True):
            key = ("yul", name)
            frame.variables[name.name] = key
            self.builder.write(key, word)

    def _yul_assign(self, node: ast.YulAssign, frame: YulFrame) -> None:
        words = self.yul_words(node.value, frame)
        for target, word in zip(node.targets, words, strict=True):
            key = frame.variable(target.name) if target.suffix is None else None
            if key is not None:
                self.builder.write(key, word)
            else:
                self._yul_assign_symbol(target, word)

    def _yul_assign_symbol(self, target: ast.YulName, word: Value) -> None:
        symbol = self.yul_bindings[target]
        part: int | str = 1 if target.suffix == "length" else 0
        if target.suffix in ("address", "selector"):
            part = target.suffix
        key = self.variable_key(symbol)
        self.builder.write((key, part), word)
        self.yul_assigned.add(symbol)

    def _yul_expression(self, node: ast.YulExpression, frame: YulFrame) -> None:
        self.yul_words(node.call, frame)

    def _yul_if(self, node: ast.YulIf, frame: YulFrame) -> None:
        builder = self.builder
        then, done = builder.new_block(), builder.new_block()
        builder.branch(self.yul_word(node.condition, frame), then, done)
        builder.resume(then)
        self._yul_nested(node.body, frame)
        builder.jump(done)
        builder.resume(done)

    def _yul_switch(self, node: ast.YulSwitch, frame: YulFrame) -> None:
        builder = self.builder
        value = self.yul_word(node.value, frame)
        done = builder.new_block()
        default = done
        cases: list[tuple[int, Block]] = []
        bodies: list[tuple[Block, ast.YulBlock]] = []
        for case in node.cases:
            block = builder.new_block()
            bodies.append((block, case.body))
            if case.value is None:
                default = block
            else:
                cases.append((case.value.value, block))
        builder.switch(value, cases, default)
        for block, body in bodies:
            builder.resume(block)
            if builder.reachable():
                self._yul_nested(body, frame)
                builder.jump(done)
        builder.resume(done)

    def _yul_for(self, node: ast.YulFor, frame: YulFrame) -> None:
        builder = self.builder
        inner = YulFrame(frame)
        self.yul_block(node.init, inner)
        head, inside, step, done = (builder.new_block() for _ in range(4))
        builder.jump(head)
        builder.start(head)
        builder.branch(self.yul_word(node.condition, inner), inside, done)
        builder.resume(inside)
        self.yul_loops.append((done, step))
        self._yul_nested(node.body, inner)
        self.yul_loops.pop()
        builder.jump(step)
        builder.resume(step)
        self._yul_nested(node.step, inner)
        builder.jump(head)
        builder.seal(head)
        builder.resume(done)

    def _yul_jump(self, node: ast.YulJump, frame: YulFrame) -> None:
        if node.kind == "leave":
            assert self.yul_exit is not None
            self.builder.jump(self.yul_exit)
        else:
            self.builder.jump(self.yul_loops[-1][0 if node.kind == "break" else 1])

    def _yul_function(self, node: ast.YulFunction, frame: YulFrame) -> None:
        name = frame.functions[node.name.name][0]
        bindings = self.yul_bindings

        def build(inner: AssemblyLowering, params: list[Value]) -> None:
            inner.yul_bindings = bindings
            inner.yul_loops = []
            inner.yul_assigned = set()
            scope = YulFrame(frame, border=True)
            for parameter, word in zip(node.parameters, params, strict=True):
                scope.variables[parameter.name] = ("yul", parameter)
                inner.builder.write(("yul", parameter), word)
            for result in node.returns:
                scope.variables[result.name] = ("yul", result)
                inner.builder.write(("yul", result), inner.const(0))
            inner.yul_exit = inner.builder.new_block()
            inner.yul_block(node.body, scope)
            inner.builder.jump(inner.yul_exit)
            inner.builder.resume(inner.yul_exit)
            inner.ret(*(inner.builder.read(("yul", r)) for r in node.returns))

        self.context.need_routine(name, len(node.parameters), len(node.returns), build)

    # -- expressions -------------------------------------------------------------------------------

    def yul_word(self, node: ast.YulExpr, frame: YulFrame) -> Value:
        return self.yul_words(node, frame)[0]

    def yul_words(self, node: ast.YulExpr, frame: YulFrame) -> list[Value]:
        if isinstance(node, ast.YulLiteral):
            return [self.const(node.value)]
        if isinstance(node, ast.YulName):
            return [self._yul_name(node, frame)]
        assert isinstance(node, ast.YulCall)
        return self._yul_call(node, frame)

    def _yul_name(self, node: ast.YulName, frame: YulFrame) -> Value:
        key = frame.variable(node.name) if node.suffix is None else None
        if key is not None:
            return self.builder.read(key)
        symbol = self.yul_bindings[node]
        if symbol.role == "constant":
            assert isinstance(symbol.constant_value, typed.Const)
            return self.const(symbol.constant_value.word)
        if symbol.role == "state":
            slot, offset = self.context.places[symbol]
            return self.const(slot if node.suffix == "slot" else offset)
        if node.suffix == "offset" and symbol.type.location == "storage":
            return self.const(0)
        if node.suffix in ("address", "selector"):
            return self.builder.read((self.variable_key(symbol), node.suffix))
        return self.read_variable(symbol)[1 if node.suffix == "length" else 0]

    def _yul_call(self, node: ast.YulCall, frame: YulFrame) -> list[Value]:
        name = node.function.name
        # Yul evaluates arguments from the last to the first.
        words = [self.yul_word(a, frame) for a in reversed(node.arguments)][::-1]
        function = frame.function(name)
        if function is not None:
            return self.builder.call(function[0], words, len(function[1].returns))
        if name == "pop":
            return []
        if name in ("return", "revert", "stop", "invalid", "selfdestruct"):
            self.builder.finish(name, *words, imm=RAW if name in ADDRESSED else None)
            return []
        if name not in OPS:
            raise InternalCompilerError(f"assembly opcode {name} has no FIR operation")
        value = self.emit(name, *words, imm=RAW if name in ADDRESSED else None)
        return [value] * OPS[name].results


_YUL: dict[type[ast.YulNode], Callable[[Any, Any, YulFrame], None]] = {
    ast.YulBlock: AssemblyLowering._yul_nested,
    ast.YulLet: AssemblyLowering._yul_let,
    ast.YulAssign: AssemblyLowering._yul_assign,
    ast.YulExpression: AssemblyLowering._yul_expression,
    ast.YulIf: AssemblyLowering._yul_if,
    ast.YulSwitch: AssemblyLowering._yul_switch,
    ast.YulFor: AssemblyLowering._yul_for,
    ast.YulJump: AssemblyLowering._yul_jump,
}


def memory_use(node: object) -> tuple[bool, bool]:
    """Whether an assembly block reads memory anywhere, and whether it writes there."""
    if isinstance(node, list):
        parts = [memory_use(item) for item in node]
    elif isinstance(node, ast.Node):
        parts = [memory_use(getattr(node, name)) for name in node.__slots__]
        if isinstance(node, ast.YulCall) and node.function.name in OPS:
            reads, writes = effects(node.function.name, RAW)
            parts.append((bool(reads & HEAP), bool(writes & HEAP)))
    else:
        return False, False
    return any(reads for reads, _ in parts), any(writes for _, writes in parts)


def count_memory(module: Module) -> None:
    """Where assembly asks how far memory was touched, reading there is an effect."""
    every = [inst for f in module.functions.values() for inst in f.instructions()]
    if any(inst.op == "msize" for inst in every):
        for inst in every:
            if inst.imm == RAW and inst.op in ("mload", "keccak256"):
                inst.imm = COUNTED
