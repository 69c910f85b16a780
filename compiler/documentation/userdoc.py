"""`userdoc`: what the `@notice` comments tell whoever is about to sign."""

from __future__ import annotations

from typing import Any

from compiler.documentation.comments import Comments, text_of
from compiler.documentation.interface import documented_errors, documented_events
from compiler.semantics.check_members import external_functions, function_signature
from compiler.semantics.symbols import ContractSymbol, Symbol


def userdoc(contract: ContractSymbol, comments: Comments) -> dict[str, Any]:
    """In the shape of solc's output."""

    def notice(symbol: Symbol) -> str:
        return text_of(comments.of(symbol), "notice")

    methods: dict[str, Any] = {}
    result: dict[str, Any] = {"kind": "user", "methods": methods, "version": 1}
    if contract.constructor is not None and notice(contract.constructor):
        methods["constructor"] = {"notice": notice(contract.constructor)}
    if notice(contract):
        result["notice"] = notice(contract)
    for function in external_functions(contract):
        if notice(function):
            methods[function_signature(function)] = {"notice": notice(function)}
    for signature, event in documented_events(contract).items():
        if notice(event):
            result.setdefault("events", {})[signature] = {"notice": notice(event)}
    for error in documented_errors(contract):
        if notice(error):
            entries = result.setdefault("errors", {}).setdefault(error.signature, [])
            entries.append({"notice": notice(error)})
    return result
