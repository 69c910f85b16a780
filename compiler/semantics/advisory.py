"""Warnings: what compiles and is probably not what was meant.

Like solc's, they point at names nobody uses, names that hide others, code nothing reaches, and results
nobody looks at. None of them changes the code that is made.
"""

from __future__ import annotations

from collections.abc import Iterable

from compiler.diagnostics.errors import Reporter
from compiler.semantics import typed
from compiler.semantics.symbols import FunctionSymbol, Scope, VariableSymbol
from compiler.syntax import ast

_COMPARISONS = frozenset(("==", "!=", "<", ">", "<=", ">="))


def warn_unused(
    declared: Iterable[VariableSymbol], used: set[VariableSymbol], reporter: Reporter
) -> None:
    """Locals and parameters that no expression names."""
    for variable in declared:
        if variable in used or variable.broken or variable.role == "return":
            continue
        what = "parameter" if variable.role == "parameter" else "variable"
        hint = (
            "delete its name, or the parameter" if what == "parameter"
            else "delete it; a value that is not wanted needs no name"
        )  # fmt: skip
        reporter.report("SL6014", variable.span, f"{what} `{variable.name}` is never used", hint)


def warn_hidden(variable: VariableSymbol, scope: Scope, reporter: Reporter) -> None:
    """A local name that hides a variable or function of the contract, or of a block around it."""
    for hidden in scope.find(variable.name)[:1]:
        mine = isinstance(hidden, VariableSymbol) and hidden.role != "constant"
        of_contract = isinstance(hidden, FunctionSymbol) and hidden.contract is not None
        if variable.role == "return" and of_contract:
            continue  # results are named for documentation
        if (mine or of_contract) and hidden.span is not None:
            reporter.report(
                "SL6010", variable.span, f"`{variable.name}` hides {_article(hidden)} of the same name",
                labels=((hidden.span, "this one"),), hint="rename one of them",
            )  # fmt: skip


def _article(hidden: object) -> str:
    if isinstance(hidden, VariableSymbol):
        known = {
            "state": "a state variable",
            "immutable": "an immutable",
            "parameter": "a parameter",
        }
        return known.get(hidden.role, "a variable")
    return "a function"


def warn_unreachable(before: typed.Statement, after: ast.Statement, reporter: Reporter) -> bool:
    """Whether `before` never lets `after` run, which is then reported."""
    if not leaves(before):
        return False
    reporter.report(
        "SL6015", after.span, "this is never reached", hint="delete it, or what ends in front of it",
        labels=(((before.pos, before.end), "this always leaves"),),
    )  # fmt: skip
    return True


def leaves(statement: typed.Statement) -> bool:
    """Whether what stands behind a statement is never reached from it."""
    if isinstance(statement, (typed.Return, typed.Revert, typed.Break, typed.Continue)):
        return True
    if isinstance(statement, typed.Evaluate):
        expression = statement.expression
        return isinstance(expression, typed.Require) and expression.condition is None
    if isinstance(statement, typed.Block):
        return any(leaves(s) for s in statement.statements)
    if isinstance(statement, typed.If):
        return any(map(leaves, statement.then)) and any(map(leaves, statement.otherwise))
    return False


def warn_no_effect(node: ast.Expr, expression: typed.Expr, reporter: Reporter) -> None:
    """A calculation whose result goes nowhere."""
    if not isinstance(expression, typed.Binary) or expression.op in ("&&", "||"):
        return
    equals = expression.op == "==" and isinstance(expression.left, (typed.State, typed.Local))
    what = "comparison" if expression.op in _COMPARISONS else "calculation"
    reporter.report(
        "SL6016", node.span, f"the result of this {what} is not used",
        hint="to assign write `=`" if equals else "use it or delete it",
    )  # fmt: skip


def warn_type_alone(name: typed.Named, reporter: Reporter) -> None:
    """A type, or the name of a whole file, where a statement is meant."""
    if name.what in ("type", "type query", "module"):
        of_a_type = name.what != "module"
        reporter.report(
            "SL6016", (name.pos, name.end), f"a {'type' if of_a_type else 'module'} alone does nothing",
            hint="to declare a variable write its name behind the type, or delete this"
            if of_a_type else "delete it, or name something in it",
        )  # fmt: skip
