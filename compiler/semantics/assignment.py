"""Storage and calldata pointers are assigned before they are used or returned, on every path.

Such a pointer has no zero value that means a place. Each function that has one is followed once
along its paths, modifiers around it included. The state is the set of pointers that may still be
unassigned, with the early uses met on the way; it is None where no path leads. Early uses count
where a path reaches the end of the function, so what always reverts may do anything first. Loops
need no second round: a path back to the head of a loop has only assigned more than the path into it.
"""

from __future__ import annotations

from typing import Any

from compiler.diagnostics.errors import Reporter
from compiler.semantics import typed
from compiler.semantics.symbols import (
    ContractSymbol,
    FunctionSymbol,
    Invocation,
    ModifierSymbol,
    VariableSymbol,
)
from compiler.syntax import ast

Use = tuple[VariableSymbol, int, int]
State = frozenset[VariableSymbol | Use] | None
_ENDS = frozenset(("return", "revert", "stop", "invalid", "selfdestruct"))


def is_pointer(variable: VariableSymbol) -> bool:
    """Whether an unassigned variable of its type would point nowhere."""
    return variable.type.location in ("storage", "calldata")


def check_assignment(function: FunctionSymbol, reporter: Reporter) -> None:
    """Report every pointer of a function that is used or returned before it is assigned."""
    if function.has_body:
        _Paths(function, reporter).check()


def _join(a: State, b: State) -> State:
    if a is None:
        return b
    return a if b is None else a | b


class _Paths:
    """The walk through one function. `layers` are the modifiers still to be entered."""

    def __init__(self, function: FunctionSymbol, reporter: Reporter) -> None:
        self.function = function
        self.reporter = reporter
        self.layers: list[Invocation] = []
        self.left: State = None  # joined states of `return` in the body being walked
        self.broken: list[State] = []
        self.continued: list[State] = []
        self.asking: set[FunctionSymbol] = set()

    def check(self) -> None:
        state = self.run()
        if state is None:
            return
        for variable, pos, end in sorted(
            (item for item in state if isinstance(item, tuple)), key=lambda use: use[1:]
        ):
            labels = ((variable.span, "declared here without a value"),) if variable.span else ()
            self.reporter.report(
                "SL0602", (pos, end),
                f"the {variable.type.location} pointer `{variable.name}` is used here before it is assigned on every path",
                labels=labels, hint="give it a value where it is declared",
            )  # fmt: skip
        for variable in self.function.returns:
            if variable in state:
                self.reporter.report(
                    "SL0602", variable.node.span,
                    f"this {variable.type.location} pointer can be returned before it is assigned",
                    hint="assign or `return` it on every path, or end the others with `revert`",
                )  # fmt: skip

    def run(self) -> State:
        """The state in which the function comes to its end."""
        self.layers = list(self.function.invocations)
        return self.layer(frozenset(r for r in self.function.returns if is_pointer(r)), 0)

    def layer(self, state: State, depth: int) -> State:
        """The modifier at `depth`, or the body inside all of them."""
        outer = self.left, self.broken, self.continued
        self.left, self.broken, self.continued = None, [], []
        if depth == len(self.layers):
            after = self.statements(self.function.body, state, depth)
        else:
            for argument in self.layers[depth].arguments:
                state = self.expression(argument, state)
            modifier = _in_force(self.function.contract, self.layers[depth])
            if modifier.has_body:
                after = self.statements(modifier.body, state, depth)
            else:
                after = self.layer(state, depth + 1)
        after = _join(after, self.left)
        self.left, self.broken, self.continued = outer
        return after

    # -- statements --------------------------------------------------------------------------------

    def statements(self, nodes: list[typed.Statement], state: State, depth: int) -> State:
        for node in nodes:
            if state is None:
                return None
            state = self.statement(node, state, depth)
        return state

    def statement(self, node: typed.Statement, state: State, depth: int) -> State:
        if isinstance(node, typed.Block):
            return self.statements(node.statements, state, depth)
        if isinstance(node, typed.Evaluate):
            return self.expression(node.expression, state)
        if isinstance(node, typed.Declare):
            return self.declare(node, state)
        if isinstance(node, typed.If):
            state = self.expression(node.condition, state)
            then = self.statements(node.then, state, depth)
            return _join(then, self.statements(node.otherwise, state, depth))
        if isinstance(node, typed.Loop):
            return self.loop(node, state, depth)
        if isinstance(node, typed.Break):
            self.broken[-1] = _join(self.broken[-1], state)
            return None
        if isinstance(node, typed.Continue):
            self.continued[-1] = _join(self.continued[-1], state)
            return None
        if isinstance(node, typed.Return):
            if node.value is not None:
                state = self.expression(node.value, state)
                if state is not None and self.function.returns:
                    state = state.difference(self.function.returns)
            self.left = _join(self.left, state)
            return None
        if isinstance(node, typed.Revert):
            self.expressions(node.arguments, state)
            return None
        if isinstance(node, typed.Placeholder):
            return self.layer(state, depth + 1)
        if isinstance(node, typed.Assembly):
            return _YulPaths(self, node).block(node.body, state)
        return self.other(node, state, depth)

    def declare(self, node: typed.Declare, state: State) -> State:
        if node.value is not None:
            return self.expression(node.value, state)
        fresh = frozenset(v for v in node.variables if v is not None and is_pointer(v))
        return state | fresh if state is not None and fresh else state

    def loop(self, node: typed.Loop, state: State, depth: int) -> State:
        self.broken.append(None)
        self.continued.append(None)
        before = state
        if node.test_first and node.condition is not None:
            state = before = self.expression(node.condition, state)
        state = _join(self.statements(node.body, state, depth), self.continued.pop())
        if not node.test_first and node.condition is not None:
            before = state = self.expression(node.condition, state)
        self.statements(node.step, state, depth)
        return _join(before, self.broken.pop())

    def other(self, node: Any, state: State, depth: int) -> State:
        """A statement with clauses: what it evaluates first, then one of its bodies."""
        bodies: list[list[typed.Statement]] = []

        def collect(value: Any) -> None:
            nonlocal state
            if isinstance(value, typed.Expr):
                state = self.expression(value, state)
            elif isinstance(value, list) and value and isinstance(value[0], typed.Statement):
                bodies.append(value)
            elif isinstance(value, (list, tuple)):
                for item in value:
                    collect(item)
            elif hasattr(type(value), "__slots__") and type(value).__module__ == typed.__name__:
                for name in value.__slots__:
                    collect(getattr(value, name))

        for name in node.__slots__:
            collect(getattr(node, name))
        after = state if not bodies else None
        for body in bodies:
            after = _join(after, self.statements(body, state, depth))
        return after

    # -- expressions -------------------------------------------------------------------------------

    def expressions(self, nodes: Any, state: State) -> State:
        for node in nodes:
            if isinstance(node, typed.Expr):
                state = self.expression(node, state)
            elif isinstance(node, (list, tuple)):
                state = self.expressions(node, state)
        return state

    def expression(self, node: typed.Expr, state: State) -> State:
        if state is None:
            return None
        if isinstance(node, typed.Local):
            return self.use(node.symbol, node.pos, node.end, state)
        if isinstance(node, typed.Assign):
            return self.assigned(node.target, self.expression(node.value, state))
        if isinstance(node, typed.Binary):
            return self.binary(node, state)
        if isinstance(node, typed.Conditional):
            state = self.expression(node.condition, state)
            then = self.expression(node.then, state)
            return _join(then, self.expression(node.otherwise, state))
        state = self.expressions([getattr(node, name) for name in node.__slots__], state)
        if isinstance(node, typed.Require) and node.condition is None:
            return None
        if isinstance(node, typed.Call) and self.never_returns(node):
            return None
        return state

    def binary(self, node: typed.Binary, state: State) -> State:
        """A chain that leans to the left, walked in a loop."""
        chain = [node]
        while isinstance(chain[-1].left, typed.Binary):
            chain.append(chain[-1].left)
        state = self.expression(chain[-1].left, state)
        for link in reversed(chain):
            after = self.expression(link.right, state)
            state = _join(state, after) if link.op in ("&&", "||") else after
        return state

    def assigned(self, target: typed.Expr | None, state: State) -> State:
        if isinstance(target, typed.Tuple):
            for item in target.items:
                state = self.assigned(item, state)
            return state
        if isinstance(target, typed.Local):
            return state - {target.symbol} if state is not None else None
        return self.expression(target, state) if target is not None else state

    def use(self, variable: VariableSymbol, pos: int, end: int, state: State) -> State:
        early = state is not None and variable in state
        return state | {(variable, pos, end)} if early and state is not None else state

    def never_returns(self, node: typed.Call) -> bool:
        """Whether a function that no contract can override fails on every path."""
        function = node.function
        fixed = node.dispatch == "exact" or not function.is_virtual
        if not fixed or not function.body or function in self.asking:
            return False
        inner = _Paths(function, self.reporter)
        inner.asking = self.asking | {function}
        return inner.run() is None


class _YulPaths:
    """The same walk inside one assembly statement."""

    def __init__(self, paths: _Paths, node: typed.Assembly) -> None:
        self.paths = paths
        self.bindings = node.bindings
        self.broken: list[State] = []
        self.continued: list[State] = []

    def block(self, node: ast.YulBlock, state: State) -> State:
        for statement in node.statements:
            if state is None:
                return None
            state = self.statement(statement, state)
        return state

    def statement(self, node: ast.YulNode, state: State) -> State:
        if isinstance(node, ast.YulBlock):
            return self.block(node, state)
        if isinstance(node, ast.YulLet):
            return self.value(node.value, state) if node.value is not None else state
        if isinstance(node, ast.YulAssign):
            state = self.value(node.value, state)
            found = [self.bindings[t] for t in node.targets if t in self.bindings]
            return state.difference(found) if state is not None else None
        if isinstance(node, ast.YulExpression):
            return self.value(node.call, state)
        if isinstance(node, ast.YulIf):
            state = self.value(node.condition, state)
            return _join(state, self.block(node.body, state))
        if isinstance(node, ast.YulSwitch):
            state = self.value(node.value, state)
            after = None if any(c.value is None for c in node.cases) else state
            for case in node.cases:
                after = _join(after, self.block(case.body, state))
            return after
        if isinstance(node, ast.YulFor):
            return self.loop(node, state)
        if isinstance(node, ast.YulJump) and node.kind != "leave":
            held = self.broken if node.kind == "break" else self.continued
            held[-1] = _join(held[-1], state)
            return None
        return state  # a function: it reaches no variable outside assembly

    def loop(self, node: ast.YulFor, state: State) -> State:
        before = self.value(node.condition, self.block(node.init, state))
        self.broken.append(None)
        self.continued.append(None)
        after = _join(self.block(node.body, before), self.continued.pop())
        self.block(node.step, after)
        return _join(before, self.broken.pop())

    def value(self, node: ast.YulExpr, state: State) -> State:
        if isinstance(node, ast.YulName) and node in self.bindings:
            return self.paths.use(self.bindings[node], node.pos, node.end, state)
        elif isinstance(node, ast.YulCall):
            for argument in node.arguments:
                state = self.value(argument, state)
            if node.function.name in _ENDS:
                return None
        return state


def _in_force(contract: ContractSymbol | None, invocation: Invocation) -> ModifierSymbol:
    """The modifier that runs in the contract that has the function."""
    modifier = invocation.modifier
    if invocation.exact or contract is None:
        return modifier
    named = (m for c in contract.linearized for m in c.modifiers if m.name == modifier.name)
    return next(named, modifier)
