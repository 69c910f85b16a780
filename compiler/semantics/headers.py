"""What the header of a function, modifier or contract may state, and where it needs a body."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics.errors import Reporter
from compiler.semantics.advice import an
from compiler.semantics.symbols import ContractSymbol, FunctionSymbol, ModifierSymbol
from compiler.semantics.typenames import TypeNames
from compiler.syntax import ast


def check_contract_header(contract: ContractSymbol, reporter: Reporter) -> None:
    """`abstract` is for contracts that have a choice; a function is not named like its contract."""
    if contract.node.abstract and contract.kind in ("interface", "library"):
        why = "is abstract anyway" if contract.kind == "interface" else "has nothing to inherit"
        reporter.report(
            "SL0530", contract.span, f"{contract.kind} `{contract.name}` {why}", hint="delete `abstract`"
        )  # fmt: skip
    for function in contract.functions:
        if function.name == contract.name and function.getter_of is None:
            reporter.report(
                "SL0120", function.span, f"function `{function.name}` is named like its contract, as constructors once were",
                hint="write `constructor(…)`, or rename it",
            )  # fmt: skip


def check_specifiers(symbol: FunctionSymbol, checker: TypeNames) -> None:
    """`virtual`, `override` and modifiers only where there is inheritance and a body."""
    node: ast.Function = symbol.node
    for word, stated in (("virtual", node.virtual), ("override", node.override is not None)):
        if not stated:
            continue
        if node.kind == "constructor":
            checker.fail(
                "SL0530", node.name.span, f"a constructor cannot be `{word}`", hint="delete it"
            )
        if symbol.contract is None:
            checker.fail(
                "SL0530", node.name.span, f"a function at file level cannot be `{word}`", hint="delete it"
            )  # fmt: skip
        if word == "virtual" and symbol.contract.kind == "library":
            checker.fail(
                "SL0530", node.name.span, "a library function cannot be `virtual`", hint="delete it"
            )
    if node.virtual and node.visibility == "private":
        checker.fail(
            "SL0530", node.name.span, "a private function cannot be `virtual`", hint="make it `internal`"
        )  # fmt: skip
    if not node.modifiers:
        return
    span = node.modifiers[0].span
    if symbol.contract is None:
        checker.fail("SL0530", span, "a function at file level cannot have modifiers")
    if node.body is None:
        kind = (
            "an interface" if symbol.contract.kind == "interface" else "a function without a body"
        )
        checker.fail(
            "SL0530", span, f"{kind} cannot have modifiers", hint="put them on the function that implements it"
        )  # fmt: skip


def check_constructor(symbol: FunctionSymbol, checker: TypeNames) -> None:
    node: ast.Function = symbol.node
    contract = symbol.contract
    assert contract is not None
    if contract.kind in ("interface", "library"):
        checker.fail("SL0511", node.name.span, f"{an(contract.kind)} has no constructor")
    if node.visibility in ("private", "external"):
        checker.fail("SL0116", node.name.span, f"a constructor cannot be {node.visibility}")
    if node.visibility == "internal" and not contract.abstract:
        checker.fail(
            "SL0116", node.name.span, "a constructor cannot be internal",
            hint=f"mark the contract: `abstract contract {contract.name}`",
        )  # fmt: skip
    if node.visibility == "public" and contract.abstract:
        checker.fail(
            "SL0116", node.name.span, "the constructor of an abstract contract cannot be public",
            hint="delete `public`",
        )  # fmt: skip
    if node.mutability in ("view", "pure"):
        checker.fail(
            "SL0116", node.name.span, f"a constructor cannot be {node.mutability}", hint="delete it"
        )
    if node.returns:
        checker.fail("SL0511", node.returns[0].span, "a constructor has no results")


def check_modifier_header(symbol: ModifierSymbol, checker: TypeNames) -> None:
    node: ast.Modifier = symbol.node
    contract = symbol.contract
    assert contract is not None
    if contract.kind == "interface":
        checker.fail("SL0530", node.name.span, "an interface cannot have modifiers")
    if contract.kind == "library" and node.virtual:
        checker.fail(
            "SL0530",
            node.name.span,
            "a modifier of a library cannot be `virtual`",
            hint="delete it",
        )
    if node.body is None and not node.virtual:
        checker.fail(
            "SL0512", node.name.span, f"modifier `{symbol.name}` has no body",
            hint="add a body, or mark it `virtual` in an abstract contract",
        )  # fmt: skip


def check_type_names(node: ast.Function, checker: TypeNames) -> None:
    """Parameters are in scope for the types beside them, and a variable is no type."""
    parts = (*node.parameters, *node.returns)
    names = {p.name.name for p in parts if p.name is not None}
    for part in parts:
        for used in _user_types(part.type):
            if used.name in names:
                checker.fail(
                    "SL0314", used.span, f"`{used.name}` is a parameter here, not a type",
                    hint="rename the parameter",
                )  # fmt: skip


def _user_types(node: ast.TypeName) -> Iterator[ast.Identifier]:
    if isinstance(node, ast.UserTypeName):
        yield node.path[0]
    elif isinstance(node, ast.ArrayTypeName):
        yield from _user_types(node.element)
    elif isinstance(node, ast.MappingTypeName):
        yield from _user_types(node.key)
        yield from _user_types(node.value)
