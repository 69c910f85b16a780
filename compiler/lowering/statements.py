"""Statements, modifiers and whole function bodies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compiler.ir.ops import SCRATCH_WORD
from compiler.ir.values import Block, Value
from compiler.lowering.abi_encode import Item
from compiler.lowering.expressions import literal_text, written_order
from compiler.lowering.frame import VariablePlace
from compiler.lowering.try_catch import TryCatch
from compiler.semantics import typed
from compiler.semantics.symbols import (
    EventSymbol,
    FunctionSymbol,
    ModifierSymbol,
    VariableSymbol,
)
from compiler.semantics.types import TupleType, Type

MAX_VALUES = 1 << 16  # of one contract; the largest there are have some thousands


class TooManyOperations(Exception):
    """Lowering makes more than can be worked with; `span` is the statement it was at."""

    def __init__(self, span: tuple[int, int]) -> None:
        super().__init__(f"more than {MAX_VALUES} operations")
        self.span = span


class Statements(TryCatch):
    """The control flow of one function.

    `return` stores the results and jumps to the end of the body, where the modifiers around it go
    on. Each application of a modifier has variables of its own."""

    def __init__(self, context: Any, function: Any) -> None:
        super().__init__(context, function)
        self.symbol: FunctionSymbol | None = None
        self.exits: list[Block] = []
        self.loops: list[tuple[Block, Block]] = []  # (break, continue)
        self.inner: list[Callable[[], None]] = []
        self.instances: list[tuple[int, frozenset[VariableSymbol]]] = []
        self.instance_count = 0

    # -- bodies ------------------------------------------------------------------------------------

    def body(self, symbol: FunctionSymbol) -> None:
        """The function with its modifiers; afterwards the results are in their variables."""
        self.symbol = symbol
        self.wrapping_division = symbol.unit.wrapping
        for variable in symbol.returns:  # a modifier may leave the body out
            if variable.name or variable.type.location == "storage" or symbol.invocations:
                self.write_variable(variable, self.zero_value(variable.type))
        self._apply(symbol, 0)

    def _apply(self, symbol: FunctionSymbol, depth: int) -> None:
        """The `depth`-th modifier with everything inside it, or the body itself.

        A modifier may run what is inside it more than once. What one run leaves in parameters and results
        is nothing to the next; this is how solc's newer pipeline does it."""
        end = self.builder.new_block()
        self.exits.append(end)
        if depth == len(symbol.invocations):
            loops, self.loops = self.loops, []
            self.statements(symbol.body)
            self._default_returns(symbol)
            self.loops = loops
        else:
            invocation = symbol.invocations[depth]
            modifier = self.context.resolve_modifier(invocation)
            self._modifier(symbol, modifier, invocation.arguments, depth)
        self.exits.pop()
        self.builder.jump(end)
        self.builder.resume(end)

    def _default_returns(self, symbol: FunctionSymbol) -> None:
        """Unnamed results keep their zero value where the body ends without `return`."""
        if self.builder.reachable() and not symbol.invocations:
            for variable in symbol.returns:
                if not variable.name and variable.type.location != "storage":
                    self.write_variable(variable, self.zero_value(variable.type))

    def _modifier(
        self,
        symbol: FunctionSymbol,
        modifier: ModifierSymbol,
        arguments: list[typed.Expr],
        depth: int,
    ) -> None:
        values = [self.words(a) for a in arguments]
        handed = [(v, self.read_variable(v)) for v in (*symbol.parameters, *symbol.returns)]
        self.instance_count += 1
        instance = (self.instance_count, frozenset(modifier.parameters))
        self.instances.append(instance)
        for parameter, words in zip(modifier.parameters, values, strict=True):
            self.write_variable(parameter, words)
        outer_division, self.wrapping_division = self.wrapping_division, modifier.unit.wrapping

        def placeholder() -> None:
            self.instances.pop()
            self.inner.pop()
            self.wrapping_division = outer_division
            for variable, words in handed:
                self.write_variable(variable, words)
            self._apply(symbol, depth + 1)
            self.wrapping_division = modifier.unit.wrapping
            self.inner.append(placeholder)
            self.instances.append(instance)

        self.inner.append(placeholder)
        loops, self.loops = self.loops, []
        self.statements(modifier.body)
        self.loops = loops
        self.inner.pop()
        self.instances.pop()
        self.wrapping_division = outer_division

    def variable_key(self, symbol: VariableSymbol) -> Any:
        if self.instances and symbol.function is None and symbol.role in ("local", "parameter"):
            return (self.instances[-1][0], symbol)
        return symbol

    # -- statements --------------------------------------------------------------------------------

    def statements(self, nodes: list[typed.Statement]) -> None:
        for node in nodes:
            if not self.builder.reachable():
                return
            if self.function.next_value > MAX_VALUES:
                raise TooManyOperations((node.pos, node.end))
            self.builder.pos, self.builder.end = node.pos, node.end
            lower: Callable[[Any, typed.Statement], None] = _LOWER[type(node)]
            lower(self, node)

    def _block(self, node: typed.Block) -> None:
        self.statements(node.statements)

    def _declare(self, node: typed.Declare) -> None:
        variables, value = node.variables, node.value
        if value is None:
            for variable in variables:
                if variable is not None:
                    self.write_variable(variable, self.zero_value(variable.type))
            return
        if isinstance(value, typed.LowLevelCall):
            words = self.low_level_call(value, want_data=variables[1] is not None)
        elif isinstance(value, typed.Tuple):
            parts = [self.uncopied(i) for i in value.items if i is not None]
            for variable, (type_, words) in zip(variables, parts, strict=True):
                if variable is not None:
                    self.write_variable(variable, self.convert(words, type_, variable.type))
            return
        else:
            words = self.words(value)
        types = value.type.items if isinstance(value.type, TupleType) else (value.type,)
        if len(variables) == 1 and variables[0] is not None:
            self.write_variable(variables[0], words)
            return
        self._spread(variables, types, words)

    def _spread(
        self,
        variables: list[VariableSymbol | None],
        types: tuple[Type | None, ...],
        words: list[Value],
    ) -> None:
        converted: list[tuple[VariableSymbol, list[Value]]] = []
        for variable, type_ in zip(variables, types, strict=True):
            assert type_ is not None
            part, words = words[: type_.words], words[type_.words :]
            if variable is not None:
                converted.append((variable, self.convert(part, type_, variable.type)))
        for variable, part in converted:
            self.write_variable(variable, part)

    def _evaluate(self, node: typed.Evaluate) -> None:
        if isinstance(node.expression, typed.LowLevelCall):
            self.low_level_call(node.expression, want_data=False)
        elif isinstance(node.expression, typed.Assign) and self._call_without_data(node.expression):
            return
        else:
            self.effects(node.expression)

    def _call_without_data(self, node: typed.Assign) -> bool:
        """`(ok, ) = a.call(…)`: the returned bytes are not wanted."""
        target, value = node.target, node.value
        if not (isinstance(target, typed.Tuple) and isinstance(value, typed.LowLevelCall)):
            return False
        first, second = target.items
        if first is None or second is not None:
            return False
        words = self.low_level_call(value, want_data=False)
        place = self.place(first)
        if isinstance(place, VariablePlace):
            self.write_variable(place.symbol, words[:1])
        else:
            self.write(place, words[:1], place.type)
        return True

    def _if(self, node: typed.If) -> None:
        builder = self.builder
        condition = self.word(node.condition)
        then, done = builder.new_block(), builder.new_block()
        otherwise = builder.new_block() if node.otherwise else done
        builder.branch(condition, then, otherwise)
        builder.resume(then)
        self.statements(node.then)
        builder.jump(done)
        if node.otherwise:
            builder.resume(otherwise)
            self.statements(node.otherwise)
            builder.jump(done)
        builder.resume(done)

    def _loop(self, node: typed.Loop) -> None:
        builder = self.builder
        head, step, done = builder.new_block(), builder.new_block(), builder.new_block()
        builder.jump(head)
        builder.start(head)
        if node.test_first and node.condition is not None:
            inside = builder.new_block()
            builder.branch(self.word(node.condition), inside, done)
            builder.resume(inside)
        self.loops.append((done, step))
        self.statements(node.body)
        self.loops.pop()
        builder.jump(step)
        builder.resume(step)
        self.statements(node.step)
        if builder.reachable():
            if node.test_first or node.condition is None:
                builder.jump(head)
            else:
                builder.branch(self.word(node.condition), head, done)
        builder.seal(head)
        builder.resume(done)

    def _break(self, node: typed.Break) -> None:
        self.builder.jump(self.loops[-1][0])

    def _continue(self, node: typed.Continue) -> None:
        self.builder.jump(self.loops[-1][1])

    def _return(self, node: typed.Return) -> None:
        symbol = self.symbol
        assert symbol is not None
        if node.value is not None:
            self._store_returns(symbol, node.value)
        self.builder.jump(self.exits[-1])

    def _store_returns(self, symbol: FunctionSymbol, value: typed.Expr) -> None:
        types = value.type.items if isinstance(value.type, TupleType) else (value.type,)
        if not symbol.returns:
            self.effects(value)
            return
        if isinstance(value, typed.Tuple):
            parts = [self.uncopied(i) for i in value.items if i is not None]
            for variable, (type_, words) in zip(symbol.returns, parts, strict=True):
                self.write_variable(variable, self.convert(words, type_, variable.type))
            return
        words = self.words(value)
        if len(symbol.returns) == 1:
            self.write_variable(symbol.returns[0], words)
            return
        self._spread(list(symbol.returns), types, words)

    def _placeholder(self, node: typed.Placeholder) -> None:
        self.inner[-1]()

    def _revert(self, node: typed.Revert) -> None:
        self.revert_error(node.error, node.arguments)

    def _emit(self, node: typed.Emit) -> None:
        self.emit_event(node.event, node.arguments)

    def emit_event(self, event: EventSymbol, arguments: list[typed.Expr]) -> None:
        """LOG with the signature's topic, the indexed values and the rest encoded as data.

        Indexed reference values are hashed in place of being stored: bytes packed, arrays and structs with padded
        contents and no lengths. That is done when all arguments are known, and what they refer to is complete."""
        topics: list[Value] = [] if event.anonymous else [self.const(event.topic)]
        indexed: dict[int, Value] = {}  # by parameter, as the next two
        unhashed: dict[int, Item] = {}
        plain: dict[int, Item] = {}
        order = written_order(arguments)
        last = max((n for n, at in enumerate(order) if not _rests(arguments[at])), default=-1)
        for number, at in enumerate(order):
            parameter, argument = event.parameters[at], arguments[at]
            if not parameter.indexed:
                plain[at] = self.words(argument), argument.type
            elif parameter.type.is_value:
                indexed[at] = self.word(argument)
            elif (number < last or unhashed) and literal_text(argument) is None:
                unhashed[at] = self.words(argument), argument.type
            else:
                indexed[at] = self.keccak(argument)
        for at, (words, type_) in unhashed.items():
            indexed[at] = self.hash_of(words, type_)
        topics += [indexed[at] for at in sorted(indexed)]
        data = [plain[at] for at in sorted(plain)]
        if not data:
            self.emit(f"log{len(topics)}", self.const(0), self.const(0), *topics)
            return
        small = len(data) <= 2 and all(type_.is_value for _, type_ in data)
        if small and not self.context.keeps_scratch:
            self.context.used_scratch = True
            for number, (words, _) in enumerate(data):
                self.scratch_store(32 * number, words[0])
            end = self.const(32 * len(data))
            self.emit(f"log{len(topics)}", self.const(0), end, *topics, imm=SCRATCH_WORD)
            return
        start = self.emit("fmp")
        size = self.emit("sub", self.encode_tuple(start, data), start)
        self.emit(f"log{len(topics)}", start, size, *topics)


def _rests(argument: typed.Expr) -> bool:
    """Whether it can be read at any time: nothing happens by it."""
    return isinstance(argument, _AT_REST) or literal_text(argument) is not None


_AT_REST = (typed.Const, typed.Literal, typed.Local, typed.State, typed.Immutable)

_LOWER: dict[type[typed.Statement], Callable[[Any, Any], None]] = {
    typed.Block: Statements._block,
    typed.Declare: Statements._declare,
    typed.Evaluate: Statements._evaluate,
    typed.If: Statements._if,
    typed.Loop: Statements._loop,
    typed.Break: Statements._break,
    typed.Continue: Statements._continue,
    typed.Return: Statements._return,
    typed.Placeholder: Statements._placeholder,
    typed.Revert: Statements._revert,
    typed.Emit: Statements._emit,
    typed.Try: Statements.try_statement,
    typed.Assembly: lambda self, node: self.assembly(node),
}
