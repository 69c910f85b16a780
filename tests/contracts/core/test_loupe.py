"""The loupe tells the routing table, and the event history adds up to it."""

from __future__ import annotations

from tests.contracts.calls import Interface
from tests.contracts.economy import CORE, FACETS, ZERO, Economy


def test_loupe_equals_what_was_cut_di_i1(economy: Economy) -> None:
    expected = {
        economy.code[name]: set(Interface(economy.artifacts[name].abi).selectors())
        for name in CORE + FACETS
    }
    facets = economy.loupe.call("facets")
    assert {facet: set(group) for facet, group in facets} == expected
    assert sum(len(group) for _, group in facets) == sum(map(len, expected.values()))
    assert set(economy.loupe.call("facetAddresses")) == set(expected)
    for facet, group in expected.items():
        assert set(economy.loupe.call("facetFunctionSelectors", facet)) == group
        for selector in group:
            assert economy.loupe.call("facetAddress", selector) == facet


def test_unknown_selectors_and_facets_are_empty(economy: Economy) -> None:
    assert economy.loupe.call("facetAddress", b"\xff\xff\xff\xff") == ZERO
    assert economy.loupe.call("facetFunctionSelectors", economy.address("alice")) == ()


def test_interfaces_are_detectable(economy: Economy) -> None:
    for known in ("01ffc9a7", "80ac58cd", "5b5e139f", "7f5828d0", "48e2b093", "1f931c1c"):
        assert economy.loupe.call("supportsInterface", bytes.fromhex(known)), known
    for unknown in ("ffffffff", "00000000", "36372b07"):
        assert not economy.loupe.call("supportsInterface", bytes.fromhex(unknown)), unknown
    data = economy.loupe.data("supportsInterface", bytes.fromhex("01ffc9a7"))
    assert economy.evm.view(economy.diamond, data).gas_used < 30_000  # ERC-165
