"""The cut planner: smallest cut, clashes, what must not be lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.chain.abi import Function, Interface
from harness.diamond.core import Action, FacetCut
from harness.diamond.cuts import VITAL, find_clashes, plan_cut
from harness.diamond.economy import FACETS, declared_functions
from harness.errors import PlanRefused
from harness.protocol.addresses import ZERO_ADDRESS, checksum
from tests.harness.contracts import everything


def function(number: int) -> Function:
    return Interface.of(f"function f{number}()").functions[0]


FUNCTIONS = [function(n) for n in range(12)]
ADDRESSES = [checksum(bytes([n]) * 20) for n in range(1, 6)]


def apply(cuts: tuple[FacetCut, ...], present: dict[bytes, str]) -> dict[bytes, str]:
    """What DiamondCutFacet does, with its own refusals."""
    routes = dict(present)
    for cut in cuts:
        assert cut.selectors, "EmptySelectors"
        for selector in cut.selectors:
            if cut.action is Action.ADD:
                assert selector not in routes, "SelectorExists"
                routes[selector] = cut.facet
            elif cut.action is Action.REPLACE:
                assert routes[selector] != cut.facet, "SameFacet"
                routes[selector] = cut.facet
            else:
                assert cut.facet == ZERO_ADDRESS, "RemoveFacetMustBeZero"
                del routes[selector]
    return routes


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.sampled_from(FUNCTIONS), st.sampled_from(ADDRESSES), max_size=12),
    st.dictionaries(st.sampled_from(FUNCTIONS), st.integers(0, 3), max_size=12),
    st.booleans(),
)
def test_a_plan_leads_from_any_routes_to_the_declared_ones(
    before: dict[Function, str], wanted: dict[Function, int], prune: bool
) -> None:
    present = {f.selector: address for f, address in before.items()}
    declared = {
        f"Facet{n}": tuple(f for f, facet in wanted.items() if facet == n) for n in range(4)
    }
    addresses = {f"Facet{n}": ADDRESSES[n] for n in range(4)}
    plan = plan_cut(declared, addresses, present, prune=prune)
    after = apply(plan.cuts, present)
    expected = {f.selector: ADDRESSES[n] for f, n in wanted.items()}
    if not prune:
        expected = {**present, **expected}
    assert after == expected == dict(plan.routes)
    touched = [s for cut in plan.cuts for s in cut.selectors]
    changed = {s for s in present.keys() | after.keys() if present.get(s) != after.get(s)}
    assert sorted(touched) == sorted(changed)  # smallest: each changed selector once, no other
    pairs = [(cut.facet, cut.action) for cut in plan.cuts]
    assert len(pairs) == len(set(pairs))
    assert not plan_cut(declared, addresses, after, prune=prune)


def test_clashes_are_named_with_both_signatures() -> None:
    """Two different functions can share four bytes; these two do."""
    declared = {
        "Left": Interface.of("function collate_propagate_storage(bytes16 x)").functions,
        "Right": Interface.of("function burn(uint256 amount)", "function fine()").functions,
    }
    (clash,) = find_clashes(declared)
    assert str(clash) == (
        "0x42966c68: Left.collate_propagate_storage(bytes16), Right.burn(uint256)"
    )
    with pytest.raises(PlanRefused, match=r"Left\.collate_propagate_storage"):
        plan_cut(declared, {"Left": ADDRESSES[0], "Right": ADDRESSES[1]}, {})


def test_the_owners_tools_cannot_be_cut_away() -> None:
    present = dict.fromkeys(VITAL, ADDRESSES[0])
    with pytest.raises(PlanRefused, match="0x1f931c1c"):
        plan_cut({"A": [function(1)]}, {"A": ADDRESSES[1]}, present)
    plan = plan_cut({"A": [function(1)]}, {"A": ADDRESSES[1]}, present, prune=False)
    assert [cut.action for cut in plan.cuts] == [Action.ADD]


def test_the_facets_of_this_build_do_not_clash() -> None:
    declared = declared_functions(everything())
    assert list(declared) == list(FACETS)
    assert find_clashes(declared) == []
    vital = {f.selector for functions in declared.values() for f in functions}
    assert vital >= VITAL


def test_a_plan_reads_well() -> None:
    plan = plan_cut(
        {"New": [function(1)], "Same": [function(2)]},
        {"New": ADDRESSES[0], "Same": ADDRESSES[1]},
        {function(2).selector: ADDRESSES[1], function(3).selector: ADDRESSES[2]},
    )
    assert plan.lines() == [
        f"add     0x{function(1).selector.hex()}  f1()  ->  New {ADDRESSES[0]}",
        f"remove  0x{function(3).selector.hex()}  unknown function",
    ]
