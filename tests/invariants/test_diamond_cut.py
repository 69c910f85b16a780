"""DI-I1 to DI-I3: after any sequence of cuts the loupe is the routing table, and nothing else."""

from __future__ import annotations

from random import Random

from hypothesis.stateful import rule

from tests.contracts.calls import Interface
from tests.contracts.economy import ADD, CORE, REMOVE, REPLACE, ZERO, Economy, cut_of
from tests.invariants.chain import shared
from tests.invariants.machine import DICE, ChainMachine, run

SELECTORS = [bytes([0xF0, 0, 0, n]) for n in range(14)]


class CutMachine(ChainMachine):
    """Random cuts of a few selectors over a few facets, some of them impossible."""

    def __init__(self) -> None:
        super().__init__()
        self.economy: Economy = shared()
        self.facets = [self.economy.create("OneFacet") for _ in range(3)]
        self.diamond = self.core_diamond()
        self.cutter = self.economy.bound("DiamondCutFacet", self.diamond)
        self.loupe = self.economy.bound("DiamondLoupeFacet", self.diamond)
        self.core = self.read()
        self.routes: dict[bytes, bytes] = {}

    def core_diamond(self) -> bytes:
        """A diamond that can cut, tell and be owned, and nothing else."""
        economy = self.economy
        core = [cut_of(economy.code[name], economy.artifacts[name]) for name in CORE]
        codec = Interface(economy.artifacts["DiamondCutFacet"].abi)
        first_cut = codec.encode("diamondCut", (core, ZERO, b""))
        facet = economy.code["DiamondCutFacet"]
        return economy.create("Diamond", economy.owner.address, facet, first_cut)

    def read(self) -> dict[bytes, bytes]:
        facets = self.loupe.call("facets")
        return {selector: facet for facet, group in facets for selector in group}

    @rule(dice=DICE)
    def step(self, dice: Random) -> None:
        """One cut of one to three entries; the first impossible one decides and nothing happens."""
        routes = dict(self.routes)
        cuts: list[tuple[bytes, int, list[bytes]]] = []
        error: str | None = None
        for _ in range(dice.randint(1, 3)):
            entry = self.entry(dice, routes)
            cuts.append(entry)
            if error is None:
                error = self.apply(entry, routes)
        sender = self.economy.owner.address
        if dice.random() < 0.05:
            sender, error = self.economy.address("alice"), "NotOwner"  # DI-I3
        args = (cuts, ZERO, b"")
        receipt = self.attempt(self.cutter, "diamondCut", *args, sender=sender, expect=error)
        if receipt is not None:
            self.routes = routes
            logged = tuple((facet, action, tuple(group)) for facet, action, group in cuts)
            assert receipt.only("DiamondCut")["_diamondCut"] == logged

    def entry(self, dice: Random, routes: dict[bytes, bytes]) -> tuple[bytes, int, list[bytes]]:
        free = [s for s in SELECTORS if s not in routes]
        taken = sorted(routes)
        kinds = ([ADD] if free else []) + ([REPLACE, REMOVE] if taken else [])
        action = dice.choice(kinds)
        pool = free if action == ADD else taken
        chosen = dice.sample(pool, min(len(pool), dice.randint(1, 4)))
        facet = ZERO if action == REMOVE else dice.choice(self.facets)
        if action == REPLACE:
            facet = next(f for f in self.facets if f != routes[chosen[0]])
            chosen = [s for s in chosen if routes[s] != facet]
        if dice.random() < 0.05:
            chosen = dice.choice(([], [dice.choice(SELECTORS)], chosen * 2))
        if dice.random() < 0.03:
            facet = dice.choice((ZERO, self.diamond, self.economy.address("bob")))
        return facet, action, chosen

    def apply(
        self, entry: tuple[bytes, int, list[bytes]], routes: dict[bytes, bytes]
    ) -> str | None:
        facet, action, chosen = entry
        if not chosen:
            return "EmptySelectors"
        if action == REMOVE:
            if facet != ZERO:
                return "RemoveFacetMustBeZero"
        elif facet == ZERO:
            return "ZeroFacet"
        elif facet == self.economy.address("bob"):
            return "FacetHasNoCode"
        for selector in chosen:
            if action == ADD:
                if facet == self.diamond:
                    return "ImmutableSelector"
                if selector in routes:
                    return "SelectorExists"
            elif selector not in routes:
                return "SelectorMissing"
            elif action == REPLACE and facet == self.diamond:
                return "ImmutableSelector"
            elif action == REPLACE and routes[selector] == facet:
                return "SameFacet"
            if action == REMOVE:
                del routes[selector]
            else:
                routes[selector] = facet
        return None

    def check(self) -> None:
        super().check()
        assert self.read() == {**self.core, **self.routes}  # DI-I1, DI-I2
        for selector in SELECTORS:
            expected = self.routes.get(selector, ZERO)
            assert self.loupe.call("facetAddress", selector) == expected
        assert set(self.loupe.call("facetAddresses")) == set(self.read().values())


def test_diamond_cuts() -> None:
    run(CutMachine, examples=16, steps=40)
