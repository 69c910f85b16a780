"""Statements and whole bodies."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from compiler.diagnostics.errors import StageStop
from compiler.evm.opcodes import available
from compiler.semantics import typed
from compiler.semantics.advice import an, count_of
from compiler.semantics.advisory import (
    warn_no_effect,
    warn_type_alone,
    warn_unreachable,
    warn_unused,
)
from compiler.semantics.assignment import is_pointer
from compiler.semantics.check_declarations import DeclarationChecker
from compiler.semantics.check_try import check_try
from compiler.semantics.constants import whole
from compiler.semantics.conversions import implicit, mobile
from compiler.semantics.event_overloads import fits
from compiler.semantics.symbols import (
    ContractSymbol,
    ErrorSymbol,
    EventSymbol,
    FunctionSymbol,
    Invocation,
    ModifierSymbol,
    Scope,
    VariableSymbol,
)
from compiler.semantics.types import (
    ADDRESS_PAYABLE,
    MappingType,
    RationalType,
    TupleType,
    Type,
)
from compiler.semantics.walk import nodes
from compiler.syntax import ast


class BodyChecker(DeclarationChecker):
    """Checks functions, modifiers and initial values; makes their typed bodies."""

    # -- bodies ------------------------------------------------------------------------------------

    def check_function(self, symbol: FunctionSymbol) -> None:
        """Check a function's header calls and body."""
        node: ast.Function = symbol.node
        if not isinstance(node, ast.Function):
            return
        errors, self.left_out = self.reporter.error_count, False
        self.function = symbol
        self.uses = symbol.uses
        self.mutability = None if symbol.function_kind == "constructor" else symbol.mutability
        symbol.has_pointers = any(is_pointer(r) for r in symbol.returns)
        outer = self.scope
        self.scope = Scope(outer)
        for variable in (*symbol.parameters, *symbol.returns):
            if variable.name:
                self.declare_local(variable)
        for invocation in node.modifiers:
            try:
                self._invocation(symbol, invocation)
            except StageStop:
                self.reporter.must_have_errors()
                self.left_out = True
        if node.body is not None:
            symbol.body = self._body(node.body)
            if self.reporter.error_count == errors and not self.left_out:  # that may have used them
                warn_unused(self.declared_locals, self.used_locals, self.reporter)
        self.scope = outer
        symbol.is_checked = True

    def check_modifier(self, symbol: ModifierSymbol) -> None:
        if symbol.node.body is None:
            return
        self.in_modifier = True
        self.modifier = symbol
        self.uses = symbol.uses
        outer = self.scope
        self.scope = Scope(outer)
        for variable in symbol.parameters:
            if variable.name:
                self.declare_local(variable)
        self.has_placeholder = False
        symbol.body = self._body(symbol.node.body)
        if not self.has_placeholder:
            self.reporter.report(
                "SL0531", symbol.span, f"modifier `{symbol.name}` has no `_`: the function would never run",
                hint="write `_;` where the function goes",
            )  # fmt: skip
        self.scope = outer
        self.in_modifier = False

    def check_initial_value(self, symbol: VariableSymbol) -> None:
        """The value a state variable or immutable starts with."""
        node: ast.Variable = symbol.node
        if node.value is None:
            return
        if symbol.is_constant:
            self._constant_variable(symbol, node.pos, node.end)
            return
        if isinstance(symbol.type, MappingType):
            self.fail("SL0310", node.value.span, "a mapping cannot have an initial value")
        value = self.value(node.value)
        symbol.initial = self.convert(value, symbol.type, into_state=not symbol.immutable)

    def _invocation(self, function: FunctionSymbol, node: ast.Invocation) -> None:
        found = self.resolve_path(node.path)
        if isinstance(found, ModifierSymbol):
            owner = found.contract
            if self.contract is None or owner is None or not self.contract.derives_from(owner):
                self.fail(
                    "SL0515",
                    node.span,
                    f"modifier `{found.name}` belongs to a contract this one does not inherit",
                )
            arguments = node.arguments or []
            if len(arguments) != len(found.parameters):
                self.fail(
                    "SL0404",
                    node.span,
                    f"modifier `{found.name}` takes {count_of(len(found.parameters), 'argument')}, not {len(arguments)}",
                    labels=((found.span, "declared here"),) if found.span else (),
                )
            converted = [
                self.convert(self.value(a), p.type)
                for a, p in zip(arguments, found.parameters, strict=True)
            ]
            exact = len(node.path) > 1
            owner = function.contract
            if owner is None or found.contract not in owner.linearized:
                self.fail(
                    "SL0515", node.span, f"modifier `{found.name}` belongs to a contract that this one does not inherit"
                )  # fmt: skip
            if exact and not found.has_body:
                self.fail(
                    "SL0515", node.span, f"modifier `{found.name}` has no body in `{found.contract.name}`",
                    hint=f"write `{found.name}` alone for the one in force",
                )  # fmt: skip
            function.invocations.append(Invocation(found, converted, exact))
        elif isinstance(found, ContractSymbol) and function.function_kind == "constructor":
            assert function.contract is not None
            if node.arguments is None:
                self.fail(
                    "SL0515", node.span, f"the base constructor of `{found.name}` is named without arguments",
                    hint=f"write `{found.name}()`, or delete it",
                )  # fmt: skip
            self.base_arguments(function.contract, found, node.arguments or [], node)
        else:
            self.fail(
                "SL0515", node.span, f"`{found.name}` is {an(found.kind)}, not a modifier",
                hint="a function is called in the body" if isinstance(found, FunctionSymbol) else None,
            )  # fmt: skip

    def base_arguments(
        self,
        contract: ContractSymbol,
        base: ContractSymbol,
        arguments: list[ast.Expr],
        node: ast.Node,
    ) -> None:
        """Arguments for a base constructor, from an inheritance list or a constructor header."""
        if base not in contract.linearized[1:]:
            self.fail("SL0515", node.span, f"`{base.name}` is not a base of `{contract.name}`")
        parameters = base.constructor.parameters if base.constructor else []
        if len(arguments) != len(parameters):
            self.fail(
                "SL0404",
                node.span,
                f"the constructor of `{base.name}` takes {count_of(len(parameters), 'argument')}, not {len(arguments)}",
                labels=((base.constructor.span, "declared here"),)
                if base.constructor and base.constructor.span
                else (),
            )
        if arguments and contract.base_arguments.get(base, ([],))[0]:
            self.fail("SL0515", node.span, f"arguments for `{base.name}` are given twice")
        values = [
            self.convert(self.value(a), p.type) for a, p in zip(arguments, parameters, strict=True)
        ]
        contract.base_arguments[base] = (values, node)

    # -- statements --------------------------------------------------------------------------------

    def _body(self, node: ast.Block) -> list[typed.Statement]:
        """A body is a scope inside that of its parameters; the lite dialect has one for both."""
        return self.statements(node.statements, own_scope=self.unit.dialect == "lite")

    def statements(
        self, nodes: list[ast.Statement], own_scope: bool = False
    ) -> list[typed.Statement]:
        """A list of statements; a mistake in one does not hide mistakes in the next."""
        outer = self.scope
        if not own_scope:
            self.scope = Scope(outer)
        result: list[typed.Statement] = []
        reached = True
        for node in nodes:
            if reached and result:
                reached = not warn_unreachable(result[-1], node, self.reporter)
            try:
                result.append(self.statement(node))
            except StageStop:
                self.reporter.must_have_errors()
                self.left_out = True
                if isinstance(node, ast.VariableStatement):
                    self.declare_despite_error(node)
        if not own_scope:
            self.scope = outer
        return result

    def statement(self, node: ast.Statement) -> typed.Statement:
        check: Callable[[Any, ast.Statement], typed.Statement] = _CHECKS[type(node)]
        return check(self, node)

    def _nested(self, node: ast.Statement) -> list[typed.Statement]:
        """The body of an `if` or loop."""
        if isinstance(node, ast.Block) and not node.unchecked:
            return self.statements(node.statements)
        if isinstance(node, ast.VariableStatement):
            self.fail(
                "SL0601",
                node.span,
                "a declaration cannot be the whole body",
                hint="put it in braces",
            )
        return self.statements([node])

    def _block(self, node: ast.Block) -> typed.Statement:
        before = self.unchecked
        if node.unchecked:
            if before:
                self.fail("SL0603", (node.pos, node.pos + 9), "`unchecked` blocks cannot be nested")
            self.unchecked = True
        statements = self.statements(node.statements)
        self.unchecked = before
        return typed.Block(node.pos, node.end, statements)

    def _expression_statement(self, node: ast.ExpressionStatement) -> typed.Statement:
        expression = node.expression
        if isinstance(expression, ast.Name) and expression.name == "_" and self.in_modifier:
            self.has_placeholder = True
            if self.unchecked:
                self.fail("SL0531", node.span, "`_` cannot stand in an `unchecked` block")
            return typed.Placeholder(node.pos, node.end)
        return self._discarded(self.expression(expression), node)

    def _discarded(self, checked: typed.Expr, node: ast.ExpressionStatement) -> typed.Statement:
        """What nobody wants the value of, if it has one."""
        expression = node.expression
        if isinstance(checked, typed.Tuple) and any(
            isinstance(n, typed.Named) for n in nodes(checked)
        ):
            parts = [self._discarded(item, node) for item in checked.items if item is not None]
            return typed.Block(node.pos, node.end, parts)
        if isinstance(checked, typed.Named):
            if checked.what != "functions" or checked.bound is not None or _is_mentioned(checked):
                return self._named_statement(checked)
            checked = self.as_value(checked)
        if isinstance(checked.type, RationalType):
            checked = self._settled(checked)
        if isinstance(checked, typed.Tuple):
            for item in checked.items:
                if item is not None and isinstance(item.type, RationalType):
                    self._settled(item)
        if isinstance(checked, typed.LowLevelCall):
            self.reporter.report(
                "SL6021", expression.span, f"result of `{checked.kind}` is not checked",
                hint="take the first result and handle `false`",
            )  # fmt: skip
        warn_no_effect(expression, checked, self.reporter)
        return typed.Evaluate(node.pos, node.end, checked)

    def _settled(self, number: typed.Expr) -> typed.Expr:
        """A number that nobody wants, which may be a fraction and must not be too large."""
        assert isinstance(number.type, RationalType)
        return self.settle(number) if whole(number.type.value) else number

    def _named_statement(self, name: typed.Named) -> typed.Statement:
        """A name that is no value, as a statement: only what it was reached through is evaluated."""
        overloaded = name.meaning in ("push", "require", "revert")
        if name.meaning == "blobhash":
            overloaded = not available("blobhash", self.evm_version)
        payable = name.meaning is ADDRESS_PAYABLE
        if name.what not in _STATEMENTS or overloaded or payable:
            self.need_value(name)
        if name.what == "new" and getattr(name.meaning, "length", None) is not None:
            self.fail(
                "SL0323", (name.pos, name.end), "the length of a new array stands in parentheses"
            )
        warn_type_alone(name, self.reporter)
        parts = [name.bound] if name.bound is not None else []
        parts += [value for value in name.options.values() if not isinstance(value, typed.Literal)]
        done: list[typed.Statement] = [typed.Evaluate(p.pos, p.end, self.settle(p)) for p in parts]
        return typed.Block(name.pos, name.end, done)

    def _tested(self, node: ast.Expr) -> typed.Expr | None:
        """A condition, None where it is wrong: what it controls is checked all the same."""
        with suppress(StageStop):
            return self.condition(node)
        return None

    def _if(self, node: ast.If) -> typed.Statement:
        condition = self._tested(node.condition)
        then = self._nested(node.then)
        otherwise = self._nested(node.otherwise) if node.otherwise is not None else []
        if condition is None:
            raise StageStop
        return typed.If(node.pos, node.end, condition, then, otherwise)

    def _while(self, node: ast.While) -> typed.Statement:
        condition = self._tested(node.condition)
        body = self._loop_body(node.body)
        if condition is None:
            raise StageStop
        return typed.Loop(node.pos, node.end, condition, body, [], True)

    def _do(self, node: ast.DoWhile) -> typed.Statement:
        body = self._loop_body(node.body)
        condition = self.condition(node.condition)
        return typed.Loop(node.pos, node.end, condition, body, [], False)

    def _for(self, node: ast.For) -> typed.Statement:
        outer = self.scope
        self.scope = Scope(outer)
        statements: list[typed.Statement] = []
        sound = True
        if node.init is not None:
            statements += self.statements([node.init], own_scope=True)
            sound = len(statements) == 1
        condition = self._tested(node.condition) if node.condition is not None else None
        step: list[typed.Statement] = []
        body = self._loop_body(node.body)
        if node.step is not None:
            wrapped = ast.ExpressionStatement(node.step.pos, node.step.end, node.step)
            step += self.statements([wrapped], own_scope=True)
        self.scope = outer
        if not sound or (condition is None and node.condition is not None):
            raise StageStop
        statements.append(typed.Loop(node.pos, node.end, condition, body, step, True))
        return typed.Block(node.pos, node.end, statements)

    def _loop_body(self, node: ast.Statement) -> list[typed.Statement]:
        self.loop_depth += 1
        try:
            return self._nested(node)
        finally:
            self.loop_depth -= 1

    def _jump(self, node: ast.Break | ast.Continue) -> typed.Statement:
        word = "break" if isinstance(node, ast.Break) else "continue"
        if not self.loop_depth:
            self.fail("SL0604", node.span, f"`{word}` outside a loop")
        return (typed.Break if word == "break" else typed.Continue)(node.pos, node.end)

    def _return(self, node: ast.Return) -> typed.Statement:
        if self.in_modifier:
            if node.value is not None:
                self.fail("SL0605", node.span, "a modifier returns nothing")
            return typed.Return(node.pos, node.end, None)
        assert self.function is not None
        if self.function.broken and any(r.broken for r in self.function.returns):
            if node.value is not None:
                self.value(node.value)
            raise StageStop
        wanted = [r.type for r in self.function.returns]
        if node.value is None:
            if wanted:
                self.fail(
                    "SL0605", node.span, f"`{self.function.name}` must return {_listed(wanted)}",
                    hint="write the value after `return`",
                )  # fmt: skip
            return typed.Return(node.pos, node.end, None)
        if not wanted:
            value = self.value(node.value)
            if value.type.words == 0 and isinstance(value.type, TupleType):
                return typed.Return(node.pos, node.end, value)
            self.fail(
                "SL0605",
                node.span,
                f"`{self.function.name or 'this function'}` returns nothing",
                hint=f"declare `returns ({settled.name})`"
                if (settled := mobile(value.type)) is not None and settled.words
                else "declare `returns (…)`",
            )
        value = self.value(node.value)
        if len(wanted) == 1:
            return typed.Return(node.pos, node.end, self.convert(value, wanted[0]))
        return typed.Return(node.pos, node.end, self._returned_tuple(node, value, wanted))

    def _returned_tuple(
        self, node: ast.Return, value: typed.Expr, wanted: list[Type]
    ) -> typed.Expr:
        types = value.type.items if isinstance(value.type, TupleType) else (value.type,)
        if len(types) != len(wanted):
            self.fail(
                "SL0605", node.span, f"{count_of(len(types), 'value')} returned, {len(wanted)} declared",
                hint=f"`{self.function.name}` returns {_listed(wanted)}" if self.function is not None else None,
            )  # fmt: skip
        if isinstance(value, typed.Tuple):
            items = [
                self.convert(i, t)
                for i, t in zip(value.items, wanted, strict=True)
                if i is not None
            ]
            return typed.Tuple(value.pos, value.end, TupleType(tuple(wanted)), items)
        for have, want in zip(types, wanted, strict=True):
            reason = implicit(have, want) if have is not None else ""
            if reason is not None:
                self.fail("SL0301", node.span, f"cannot convert {have} to {want.name}")
        return value

    def _emit(self, node: ast.Emit) -> typed.Statement:
        self.require("nonpayable", node.span, "emitting an event")
        callee = self.expression(node.call.function)
        if not (isinstance(callee, typed.Named) and callee.what == "event"):
            self.fail(
                "SL0407",
                node.call.function.span,
                "`emit` needs an event",
                hint="an error is raised with `revert`"
                if isinstance(callee, typed.Named) and callee.what == "error"
                else "declare one with `event Name(…);`",
            )
        events: list[EventSymbol] = callee.meaning
        event = events[0]
        if len(events) > 1:
            event = self._overloaded_event(node, events)
        arguments = self.event_arguments(node.call, event)
        self.uses.events[event] = None
        return typed.Emit(node.pos, node.end, event, arguments)

    def _overloaded_event(self, node: ast.Emit, events: list[EventSymbol]) -> EventSymbol:
        values = [self.value(a) for a in node.call.arguments]
        names = [n.name for n in node.call.names] if node.call.names is not None else None
        fitting = [e for e in events if fits(e, values, names)]
        if len(fitting) > 1:
            self.fail(
                "SL0402", node.span, f"the arguments fit more than one event `{events[0].name}`",
                notes=tuple(e.signature for e in fitting),
            )  # fmt: skip
        if not fitting:
            self.fail(
                "SL0403",
                node.span,
                f"no overload of event `{events[0].name}` takes exactly these arguments",
            )
        return fitting[0]

    def _revert(self, node: ast.Revert) -> typed.Statement:
        callee = self.expression(node.call.function)
        if not (isinstance(callee, typed.Named) and callee.what == "error"):
            self.fail(
                "SL0407",
                node.call.function.span,
                "`revert` needs an error",
                hint="an event is logged with `emit`"
                if isinstance(callee, typed.Named) and callee.what == "event"
                else "declare one with `error Name(…);`",
            )
        error: ErrorSymbol = callee.meaning
        return typed.Revert(node.pos, node.end, error, self.event_arguments(node.call, error))

    def _assembly_statement(self, node: ast.Assembly) -> typed.Statement:
        return self.assembly(node)


def _listed(types: list[Type]) -> str:
    return "(" + ", ".join(t.name for t in types) + ")"


# Names without a value that may stand alone as a statement.
def _is_mentioned(name: typed.Named) -> bool:
    """`C.f` of a function in the ABI: no value, but it may stand where none is wanted."""
    by_contract = "foreign" in name.options or "exact" in name.options
    return by_contract and len(name.meaning) == 1 and name.meaning[0].is_external


_STATEMENTS = frozenset(
    (
        "abi function", "address function", "array function", "built-in function",
        "built-in object", "conversion function", "error", "event", "functions", "module", "new", "super",
        "type", "type query",
    )
)  # fmt: skip

_CHECKS: dict[type[ast.Statement], Callable[[Any, Any], typed.Statement]] = {
    ast.Block: BodyChecker._block,
    ast.VariableStatement: BodyChecker.variable_statement,
    ast.ExpressionStatement: BodyChecker._expression_statement,
    ast.If: BodyChecker._if,
    ast.While: BodyChecker._while,
    ast.DoWhile: BodyChecker._do,
    ast.For: BodyChecker._for,
    ast.Break: BodyChecker._jump,
    ast.Continue: BodyChecker._jump,
    ast.Return: BodyChecker._return,
    ast.Emit: BodyChecker._emit,
    ast.Revert: BodyChecker._revert,
    ast.Try: check_try,
    ast.Assembly: BodyChecker._assembly_statement,
}
