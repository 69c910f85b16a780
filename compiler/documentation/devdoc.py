"""`devdoc`: what the other comments tell developers."""

from __future__ import annotations

from typing import Any

from compiler.documentation.comments import Comments, split_name, text_of
from compiler.documentation.interface import documented_errors, documented_events
from compiler.semantics.check_calls import results_of
from compiler.semantics.check_members import external_functions, function_signature
from compiler.semantics.natspec import Tag
from compiler.semantics.symbols import ContractSymbol, FunctionSymbol


def devdoc(contract: ContractSymbol, comments: Comments) -> dict[str, Any]:
    """In the shape of solc's output."""
    own = comments.of(contract)
    result: dict[str, Any] = _custom(own)
    for key, tag in (("author", "author"), ("title", "title"), ("details", "dev")):
        if text_of(own, tag):
            result[key] = text_of(own, tag)
    methods: dict[str, Any] = {}
    result |= {"kind": "dev", "methods": methods, "version": 1}
    if contract.constructor is not None:
        found = _entry(comments.of(contract.constructor))
        if found:
            methods["constructor"] = found
    for function in external_functions(contract):
        if function.getter_of is None:
            tags = comments.of(function)
            found = _entry(tags) | _returns(function, tags)
            if found:
                methods[function_signature(function)] = found
    variables = _variables(contract, comments)
    if variables:
        result["stateVariables"] = variables
    for signature, event in documented_events(contract).items():
        found = _entry(comments.of(event))
        if found:
            result.setdefault("events", {})[signature] = found
    for error in documented_errors(contract):
        found = _entry(comments.of(error))
        if found:
            result.setdefault("errors", {}).setdefault(error.signature, []).append(found)
    return result


def _variables(contract: ContractSymbol, comments: Comments) -> dict[str, Any]:
    """The contract's own variables; those with a getter document its results as well."""
    getters = {f.getter_of: f for f in contract.functions if f.getter_of is not None}
    entries: dict[str, Any] = {}
    for variable in contract.state_variables:
        getter = getters.get(variable)
        tags = comments.of(getter if getter is not None else variable)
        entry = _entry(tags)
        if sum(tag.name == "return" for tag in tags) == 1 and text_of(tags, "return"):
            entry["return"] = text_of(tags, "return")
        if getter is not None:
            entry |= _returns(getter, tags)
        if entry:
            entries[variable.name] = entry
    return entries


def _entry(tags: list[Tag]) -> dict[str, Any]:
    entry: dict[str, Any] = _custom(tags)
    for key, tag in (("details", "dev"), ("author", "author")):
        if text_of(tags, tag):
            entry[key] = text_of(tags, tag)
    parameters = {tag.parameter: tag.content for tag in tags if tag.name == "param"}
    if parameters:
        entry["params"] = parameters
    return entry


def _custom(tags: list[Tag]) -> dict[str, str]:
    names = dict.fromkeys(tag.name for tag in tags if tag.name.startswith("custom"))
    return {name: text_of(tags, name) for name in names}


def _returns(function: FunctionSymbol, tags: list[Tag]) -> dict[str, Any]:
    """The `@return` texts by the name of the result, `_0` and so on where it has none."""
    names = [name for name, _ in results_of(function)]
    found: dict[str, str] = {}
    for number, tag in enumerate(tag for tag in tags if tag.name == "return"):
        if number >= len(names):
            break
        if not names[number]:
            found[f"_{number}"] = tag.content
        else:
            first, rest = split_name(tag.content)
            found[names[number]] = first if rest is None else rest
    return {"returns": found} if found else {}
