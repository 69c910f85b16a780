"""From what facets declare to the smallest cut that makes the Diamond route that way.

    declared functions, deployed addresses, present routes -> clashes, or adds / replaces / removes

Nothing here talks to a chain; `harness.diamond.upgrade` does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.chain.abi import Function
from harness.diamond.core import Action, FacetCut
from harness.errors import PlanRefused
from harness.protocol.addresses import ZERO_ADDRESS, Address

Routes = Mapping[bytes, Address]
Declared = Mapping[str, Sequence[Function]]

# Without these an owner can neither see nor repair the Diamond (ERC-2535, EIP-173).
VITAL = frozenset(
    bytes.fromhex(selector)
    for selector in ("1f931c1c", "7a0ed627", "cdffacc6", "8da5cb5b", "f2fde38b")
)


@dataclass(frozen=True)
class Clash:
    """One selector that several facets want."""

    selector: bytes
    wanted_by: tuple[tuple[str, str], ...]  # (facet, signature)

    def __str__(self) -> str:
        who = ", ".join(f"{facet}.{signature}" for facet, signature in self.wanted_by)
        return f"0x{self.selector.hex()}: {who}"


@dataclass(frozen=True)
class CutPlan:
    """What to change. Empty when the Diamond routes as declared already."""

    cuts: tuple[FacetCut, ...]
    routes: Routes  # as they will be afterwards
    facet_names: Mapping[Address, str]
    signatures: Mapping[bytes, str]

    def __bool__(self) -> bool:
        return bool(self.cuts)

    def lines(self) -> list[str]:
        """For people: one line per selector that changes."""
        found = []
        for cut in self.cuts:
            facet = self.facet_names.get(cut.facet, cut.facet)
            target = "" if cut.action is Action.REMOVE else f"  ->  {facet} {cut.facet}"
            found += [
                f"{cut.action.name.lower():8}0x{selector.hex()}  "
                f"{self.signatures.get(selector, 'unknown function')}{target}"
                for selector in cut.selectors
            ]
        return found


def find_clashes(declared: Declared) -> list[Clash]:
    """Selectors that more than one facet declares, or one facet for two signatures."""
    wanted: dict[bytes, list[tuple[str, str]]] = defaultdict(list)
    for facet, functions in declared.items():
        for function in functions:
            wanted[function.selector].append((facet, function.signature))
    return [
        Clash(selector, tuple(claims)) for selector, claims in wanted.items() if len(claims) > 1
    ]


def plan_cut(
    declared: Declared,
    addresses: Mapping[str, Address],
    present: Routes,
    *,
    prune: bool = True,
) -> CutPlan:
    """The smallest cut from the present routes to the declared ones.

    With `prune`, selectors that nobody declares are removed. Raises PlanRefused with all clashes, or
    when a function that the owner needs would be lost.
    """
    clashes = find_clashes(declared)
    if clashes:
        raise PlanRefused("selectors clash:\n" + "\n".join(f"  {clash}" for clash in clashes))
    wanted = {
        function.selector: addresses[facet]
        for facet, functions in declared.items()
        for function in functions
    }
    kept = {} if prune else {s: a for s, a in present.items() if s not in wanted}
    target = {**kept, **wanted}
    lost = (VITAL & present.keys()) - target.keys()
    if lost:
        raise PlanRefused(
            "the cut would remove what the owner needs to repair it: "
            + ", ".join(sorted("0x" + selector.hex() for selector in lost))
        )
    added = [s for s in target if s not in present]
    replaced = [s for s in target if s in present and present[s] != target[s]]
    removed = [s for s in present if s not in target]
    cuts = (
        *_grouped(Action.ADD, added, target),
        *_grouped(Action.REPLACE, replaced, target),
        *([FacetCut(ZERO_ADDRESS, Action.REMOVE, tuple(sorted(removed)))] if removed else []),
    )
    return CutPlan(
        cuts,
        target,
        {address: facet for facet, address in addresses.items()},
        {f.selector: f.signature for functions in declared.values() for f in functions},
    )


def _grouped(action: Action, selectors: Iterable[bytes], target: Routes) -> list[FacetCut]:
    """One entry per facet, in the order in which facets were declared."""
    by_facet: dict[Address, list[bytes]] = defaultdict(list)
    for selector in selectors:
        by_facet[target[selector]].append(selector)
    return [FacetCut(facet, action, tuple(sorted(found))) for facet, found in by_facet.items()]
