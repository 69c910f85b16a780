"""A guarded diamond through its client."""

from __future__ import annotations

import pytest

from harness.chain.abi import Interface
from harness.chain.errors import ContractError
from harness.chain.records import Call
from harness.diamond.client import ContractClient
from harness.diamond.economy import Economy
from harness.diamond.guarded import deploy_guarded
from tests.harness.contracts import built, everything
from tests.harness.diamond.conftest import member

HOSTILE = built("contracts/mocks/HostileFacets.sol")


class Thief(ContractClient):
    INTERFACE = Interface.of(
        """
function stealOwner()
"""
    )


def test_a_hostile_facet_is_cut_in_and_the_diamond_stays_its_owners(economy: Economy) -> None:
    chain = economy.diamond.chain
    ada = member(chain, "ada")  # type: ignore[arg-type]
    child = deploy_guarded(chain, ada, everything(), economy.diamond.address)
    assert child.ownership.owner() == ada.address
    facet = ada.execute(Call(None, HOSTILE["ThiefFacet"].creation())).created
    assert facet is not None
    child.add_facet(facet, HOSTILE["ThiefFacet"])
    assert facet in child.loupe.facets()
    with pytest.raises(ContractError) as caught:
        Thief(chain, child.address, member(chain, "eve")).write("stealOwner")  # type: ignore[arg-type]
    assert caught.value.name == "CoreTampered"
    assert child.ownership.owner() == ada.address


def test_strict_by_default(economy: Economy) -> None:
    chain = economy.diamond.chain
    bo = member(chain, "bo")  # type: ignore[arg-type]
    facet = bo.execute(Call(None, HOSTILE["DelegatingFacet"].creation())).created
    assert facet is not None
    strict = deploy_guarded(chain, bo, everything(), economy.diamond.address)
    with pytest.raises(ContractError) as caught:
        strict.add_facet(facet, HOSTILE["DelegatingFacet"])
    assert (caught.value.name, caught.value.args) == ("UnsafeFacet", {"facet": facet})
    lenient = deploy_guarded(chain, bo, everything(), economy.diamond.address, strict=False)
    lenient.add_facet(facet, HOSTILE["DelegatingFacet"])
