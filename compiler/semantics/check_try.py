"""`try` and its clauses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compiler.diagnostics.errors import StageStop
from compiler.semantics import typed
from compiler.semantics.advice import did_you_mean
from compiler.semantics.symbols import Scope, VariableSymbol
from compiler.semantics.types import BYTES, EMPTY_TUPLE, STRINGS, UINT256, TupleType, Type
from compiler.syntax import ast

if TYPE_CHECKING:
    from compiler.semantics.check_statements import BodyChecker

# What each clause may declare. The clause without a name may declare nothing, too.
_CAUGHT: dict[str, Type] = {
    "Error": STRINGS["memory"],
    "Panic": UINT256,
    "": BYTES["memory"],
}


def check_try(checker: BodyChecker, node: ast.Try) -> typed.Statement:
    """`try call returns (…) { … } catch …`"""
    call = checker.expression(node.call) if isinstance(node.call, ast.Call) else None
    if not isinstance(call, (typed.ExternalCall, typed.LibraryCall, typed.ContractNew)):
        checker.fail(
            "SL0606", node.call.span, "`try` needs a call of another contract, or `new` of one",
            hint="what runs inside this contract cannot be caught",
        )  # fmt: skip
    outer = checker.scope
    checker.scope = Scope(outer)
    returns = _returns(checker, node, call.type)
    body = checker.statements(node.body.statements)
    checker.scope = outer
    catches: list[typed.Catch] = []
    sound = True
    for clause in node.catches:
        checker.scope = Scope(outer)
        try:
            catches.append(_catch(checker, clause, [c.kind for c in catches]))
        except StageStop:
            sound = False
        checker.scope = outer
    if not sound:
        raise StageStop
    return typed.Try(node.pos, node.end, call, returns, body, catches)


def _returns(checker: BodyChecker, node: ast.Try, type_: Type) -> list[VariableSymbol | None]:
    """The variables of `returns`, whose types must be those of the results exactly."""
    if not node.returns:
        return []
    results = type_.items if isinstance(type_, TupleType) else (type_,)
    if len(results) != len(node.returns):
        checker.fail(
            "SL0305", (node.returns[0].pos, node.returns[-1].end),
            f"{len(results)} results for {len(node.returns)} variables",
        )  # fmt: skip
    variables: list[VariableSymbol | None] = []
    for parameter, result in zip(node.returns, results, strict=True):
        found = checker.located_type(parameter, False, False)
        if found is not result:
            shown = result.name if result is not None else EMPTY_TUPLE.name
            checker.fail("SL0301", parameter.span, f"the call gives {shown}, not {found.name}")
        variables.append(_declared(checker, parameter, found))
    return variables


def _declared(checker: BodyChecker, parameter: ast.Parameter, type_: Type) -> VariableSymbol | None:
    if parameter.name is None:
        return None
    variable = checker.local(parameter, type_)
    checker.declare_local(variable)
    return variable


def _catch(checker: BodyChecker, clause: ast.Catch, before: list[str]) -> typed.Catch:
    kind = clause.name.name if clause.name is not None else ""
    head = (clause.pos, clause.body.pos)
    wanted = _CAUGHT.get(kind)
    if wanted is None:
        checker.fail(
            "SL0607", head, f"`catch {kind}` is no clause",
            hint=did_you_mean(kind, ("Error", "Panic"))
            or "errors of your own arrive in `catch (bytes memory data)`",
        )  # fmt: skip
    if kind in before:
        checker.fail("SL0607", head, f"a second `{f'catch {kind}'.strip()}`")
    variable = None
    if clause.parameters or kind:
        types = [checker.located_type(p, False, False) for p in clause.parameters]
        if types != [wanted]:
            shown = (
                f"catch {kind}({wanted.name} …)"
                if kind
                else f"`catch` or `catch ({wanted.name} …)`"
            )
            checker.fail(
                "SL0607", head, "this clause declares something else than what is caught",
                hint=f"write {shown if not kind else f'`{shown}`'}",
            )  # fmt: skip
        variable = _declared(checker, clause.parameters[0], wanted)
    body = checker.statements(clause.body.statements)
    return typed.Catch(clause.pos, clause.end, kind, variable, body)
