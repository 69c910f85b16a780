"""`gasEstimates`: the most gas that creation and each function can take, in the shape of solc's output.

External functions count from the first instruction of the call on, the search for the function included, without
what a transaction pays before; internal ones from their first instruction to their return. An internal function that
was inlined everywhere has no code of its own and no bound. A call that fails exceptionally, by a write in a static
call for instance, takes all the gas it was given, whatever stands here.
"""

from __future__ import annotations

from compiler.backend.assembler import Assembled
from compiler.backend.gas_bounds import OTHER_SELECTOR, RETURN, Code, State, gas_bound
from compiler.backend.generate import Generated
from compiler.ir.values import Module
from compiler.semantics.abi import method_identifiers, special_function
from compiler.semantics.symbols import ContractSymbol, FunctionSymbol

BYTE_DEPOSIT = 200  # gas per byte of code that creation leaves on chain
START = State(0, (), 0, 0)


def creation_estimate(created: Assembled, size: int) -> dict[str, str]:
    """Running the constructor, and leaving `size` bytes of code."""
    spent = gas_bound(_code(created), START)
    deposit = BYTE_DEPOSIT * size
    return {
        "codeDepositCost": str(deposit),
        "executionCost": _shown(spent),
        "totalCost": _shown(None if spent is None else spent + deposit),
    }


def runtime_estimates(
    contract: ContractSymbol,
    module: Module,
    generated: Generated,
    assembled: Assembled,
    names: dict[FunctionSymbol, str],
) -> dict[str, dict[str, str]]:
    """`external` and `internal`; `names` are those of the internal functions in the module."""
    code = _code(assembled, module)
    external = {
        signature: _shown(gas_bound(code, START, int(selector, 16)))
        for signature, selector in method_identifiers(contract).items()
    }
    if special_function(contract, "fallback") is not None:
        external[""] = _shown(gas_bound(code, START, OTHER_SELECTOR))
    internal: dict[str, str] = {}
    for function in contract.functions:
        if function.is_external or function.getter_of is not None:
            continue
        types = ",".join(p.type.name for p in function.parameters)
        label = generated.functions.get(names.get(function, ""))
        place = assembled.labels.get(label)
        bound = None if place is None else gas_bound(code, _inside(function, place))
        internal[f"{function.name}({types})"] = _shown(bound)
    found = {"external": external, "internal": internal}
    return {kind: estimates for kind, estimates in found.items() if estimates}


def _inside(function: FunctionSymbol, place: int) -> State:
    """At a function's first instruction: its arguments over the place it returns to."""
    words = sum(p.type.words for p in function.parameters)
    return State(place, (RETURN, *(None,) * words), None, 0)


def _code(assembled: Assembled, module: Module | None = None) -> Code:
    holes = frozenset(
        at - 1
        for places in (*assembled.immutables.values(), *assembled.links.values())
        for at in places
    )
    selectors = frozenset(module.dispatch) if module is not None else frozenset()
    return Code(assembled.code[: assembled.data_start], assembled.tables, holes, selectors)


def _shown(bound: int | None) -> str:
    return "infinite" if bound is None else str(bound)
