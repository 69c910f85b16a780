"""The interfaces written in Python are those that the contracts were compiled to."""

from __future__ import annotations

import pytest

from harness.chain.abi import Interface
from harness.diamond import diamond as whole
from harness.diamond.client import ContractClient
from harness.diamond.economy import FACETS
from harness.diamond.vocabulary import INTERFACES, error_table
from tests.harness.contracts import everything


def outline(interface: Interface) -> dict[str, object]:
    """What matters on the wire: signatures, what comes back, which values are indexed."""
    functions = {
        f.signature: tuple(p.type for p in f.declaration.outputs) for f in interface.functions
    }
    events = {
        e.declaration.signature: tuple(p.indexed for p in e.declaration.inputs)
        for e in interface.events
    }
    return functions | events | {e.declaration.signature: () for e in interface.errors}


@pytest.mark.parametrize("name", INTERFACES)
def test_every_declaration_is_in_the_contract(name: str) -> None:
    compiled = outline(everything()[name].interface)
    for signature, shape in outline(INTERFACES[name]).items():
        assert compiled.get(signature) == shape, signature


@pytest.mark.parametrize("name", FACETS)
def test_every_function_of_a_facet_has_a_declaration(name: str) -> None:
    declared = {f.signature for f in INTERFACES[name].functions}
    assert {f.signature for f in everything()[name].interface.functions} == declared


@pytest.mark.parametrize("name", [*FACETS, "FwUSD", "FwCredits", "TokenBoundAccount", "Diamond"])
def test_every_error_of_a_contract_has_a_name_here(name: str) -> None:
    for error in everything()[name].interface.errors:
        values = [b"\0" * 32] * len(error.declaration.inputs)
        found = error_table().decode(error.selector + b"".join(values))
        assert found.name == error.name


def test_every_function_of_a_facet_has_a_method() -> None:
    """One method per Solidity name; overloads share one."""
    clients = [
        value
        for value in vars(whole).values()
        if isinstance(value, type) and issubclass(value, ContractClient)
    ]
    for client in clients:
        if not any(client.INTERFACE is INTERFACES[name] for name in FACETS):
            continue
        for function in client.INTERFACE.functions:
            assert hasattr(client, _snake(function.name)), (client.__name__, function.name)


def _snake(name: str) -> str:
    spelled = {
        "initERC721": "init_erc721",
        "tokenURI": "token_uri",
        "setAgentURI": "set_agent_uri",
        "settle3009": "settle_3009",
    }
    if name in spelled:
        return spelled[name]
    return "".join("_" + c.lower() if c.isupper() else c for c in name)
