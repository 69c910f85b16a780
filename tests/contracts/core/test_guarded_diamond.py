"""Child diamonds: owner and core routes survive whatever code their owner cuts in."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.calls import Bound, Interface, Reverted, reverts
from tests.contracts.economy import ADD, REMOVE, REPLACE, ZERO, Economy, cut_of, shared

RESERVED = {
    "diamondCut": "1f931c1c", "transferOwnership": "f2fde38b", "owner": "8da5cb5b",
    "facets": "7a0ed627", "facetFunctionSelectors": "adfca15e", "facetAddresses": "52ef6b2c",
    "facetAddress": "cdffacc6", "supportsInterface": "01ffc9a7",
}  # fmt: skip
RESERVED_SELECTORS = [bytes.fromhex(text) for text in RESERVED.values()]


class Child:
    """A guarded diamond of alice's, strict or not, made by the economy's diamond."""

    def __init__(self, economy: Economy, strict: bool) -> None:
        self.economy = economy
        self.alice = economy.address("alice")
        self.cut_facet = economy.create("GuardedDiamondCutFacet", economy.diamond, strict)
        self.ownership_facet = economy.create("OwnershipFacet")
        self.loupe_facet = economy.create("GuardedLoupeFacet", self.cut_facet, self.ownership_facet)
        self.address = economy.create(
            "GuardedDiamond", self.alice, self.cut_facet, self.loupe_facet, self.ownership_facet
        )
        self.loupe = economy.bound("GuardedLoupeFacet", self.address)
        self.ownership = economy.bound("OwnershipFacet", self.address)
        self.cutter = economy.bound("GuardedDiamondCutFacet", self.address)

    def cut(
        self, *cuts: tuple[bytes, int, list[bytes]], init: bytes = ZERO, data: bytes = b"",
        sender: bytes | None = None,
    ):  # fmt: skip
        sender = sender or self.alice
        return self.cutter.send("diamondCut", list(cuts), init, data, sender=sender)

    def add(self, name: str) -> Bound:
        facet = self.economy.create(name)
        self.cut(cut_of(facet, self.economy.artifacts[name]))
        own_errors = self.economy.artifacts["GuardedDiamond"].abi
        abi = self.economy.artifacts[name].abi + own_errors
        return Bound(self.economy.evm, self.address, abi)

    def core(self) -> tuple[bytes, ...]:
        """Owner, and who answers each reserved selector."""
        answers = (self.loupe.call("facetAddress", selector) for selector in RESERVED_SELECTORS)
        return (self.ownership.call("owner"), *answers)


@pytest.fixture
def child(economy: Economy) -> Child:
    return Child(economy, strict=False)


@pytest.fixture
def strict(economy: Economy) -> Child:
    return Child(economy, strict=True)


# -- what it does for its owner --------------------------------------------------------------------


def test_facets_answer_with_their_values_events_and_reasons(child: Child) -> None:
    tame = child.add("TameFacet")
    receipt = tame.send("tame", 4, sender=child.alice)
    assert receipt.value == 5
    assert receipt.only("Tamed") == {"number": 4}
    with reverts("Error", "unlucky"):
        tame.send("tame", 13, sender=child.alice)
    with reverts("FunctionNotFound", next(iter(tame.interface.selectors()))):
        tame_elsewhere = Bound(
            tame.evm, Child(child.economy, strict=False).address, tame.interface.abi
        )
        tame_elsewhere.send("tame", 4, sender=child.alice)


def test_the_loupe_shows_core_and_facets(child: Child) -> None:
    assert set(child.loupe.call("facetAddresses")) == {
        child.cut_facet, child.loupe_facet, child.ownership_facet,
    }  # fmt: skip
    child.add("TameFacet")
    routes = {s: facet for facet, group in child.loupe.call("facets") for s in group}
    assert set(RESERVED_SELECTORS) < set(routes) and len(routes) == len(RESERVED) + 1
    for selector, facet in routes.items():
        assert child.loupe.call("facetAddress", selector) == facet
        assert selector in child.loupe.call("facetFunctionSelectors", facet)
    for interface in ("01ffc9a7", "1f931c1c", "48e2b093", "7f5828d0"):
        assert child.loupe.call("supportsInterface", bytes.fromhex(interface)) is True
    assert child.loupe.call("supportsInterface", b"\xff" * 4) is False


def test_only_the_owner_cuts_and_hands_over(child: Child) -> None:
    bob = child.economy.address("bob")
    facet = child.economy.create("TameFacet")
    entry = cut_of(facet, child.economy.artifacts["TameFacet"])
    with reverts("NotOwner"):
        child.cut(entry, sender=bob)
    with reverts("NotOwner"):
        child.ownership.send("transferOwnership", bob, sender=bob)
    child.ownership.send("transferOwnership", bob, sender=child.alice)
    with reverts("NotOwner"):
        child.cut(entry)
    child.cut(entry, sender=bob)


def test_construction_needs_an_owner_and_code(economy: Economy) -> None:
    code, alice = economy.create("OwnershipFacet"), economy.address("alice")
    for arguments in (
        (ZERO, code, code, code),
        (alice, alice, code, code),
        (alice, code, alice, code),
        (alice, code, code, alice),
    ):
        with pytest.raises(AssertionError):
            economy.create("GuardedDiamond", *arguments)


# -- what a cut may hold ---------------------------------------------------------------------------


def test_gd_a3_no_initialiser(child: Child) -> None:
    thief = child.economy.create("ThiefFacet")
    steal = Interface(child.economy.artifacts["ThiefFacet"].abi).encode("stealOwner", ())
    with reverts("Error", "Guarded: init delegatecall forbidden"):
        child.cut(init=thief, data=steal)
    with reverts("Error", "Guarded: init calldata forbidden"):
        child.cut(data=b"\x01")


@pytest.mark.parametrize("name", RESERVED)
def test_gd_a4_gd_a5_reserved_selectors_in_no_action(child: Child, name: str) -> None:
    selector, facet = bytes.fromhex(RESERVED[name]), child.economy.create("TameFacet")
    for entry in (
        (facet, ADD, [selector]),
        (facet, REPLACE, [selector]),
        (ZERO, REMOVE, [selector]),
        (facet, ADD, [b"\xaa\xbb\xcc\xdd", selector]),
    ):
        with reverts("Error", "Guarded: reserved selector"):
            child.cut(entry)


def test_cuts_are_bounded_and_name_real_facets(child: Child) -> None:
    facet = child.economy.create("TameFacet")
    some = [n.to_bytes(4, "big") for n in range(1, 66)]
    with reverts("BatchTooLarge", 32):
        child.cut(*[(facet, ADD, [selector]) for selector in some[:33]])
    with reverts("BatchTooLarge", 64):
        child.cut((facet, ADD, some))
    with reverts("EmptySelectors"):
        child.cut((facet, ADD, []))
    with reverts("BadAction"):
        child.cut((facet, 3, some[:1]))
    with reverts("ZeroFacet"):
        child.cut((ZERO, ADD, some[:1]))
    with reverts("FacetHasNoCode"):
        child.cut((b"\x77" * 20, ADD, some[:1]))
    for own in (child.address, child.economy.diamond):  # itself, and the diamond it was made by
        with reverts("ImmutableSelector", some[0]):
            child.cut((own, ADD, some[:1]))
    child.cut((facet, ADD, some[:64]))
    child.cut((ZERO, REMOVE, some[:64]))
    assert len(child.loupe.call("facets")) == 3


def test_strict_mode_refuses_code_that_runs_other_code(strict: Child, child: Child) -> None:
    facet = strict.economy.create("DelegatingFacet")
    entry = cut_of(facet, strict.economy.artifacts["DelegatingFacet"])
    with reverts("UnsafeFacet", facet):
        strict.cut(entry)
    child.cut(entry)  # lenient
    strict.add("TameFacet")
    assert strict.economy.bound("GuardedDiamondCutFacet", strict.cut_facet).call("isStrict") is True
    parent = strict.economy.bound("GuardedDiamondCutFacet", strict.cut_facet).call("parentDiamond")
    assert parent == strict.economy.diamond


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        ("f4", True), ("f2", True), ("ff", True),  # at once
        ("5b00f4", False),  # behind a STOP: data
        ("005bf4", True),  # behind a JUMPDEST again
        ("60f4", False), ("61f4f2", False), ("7f" + "f4" * 32, False),  # inside push data
        ("60", False), ("605bf4", True),  # a JUMPDEST in push data is none, the f4 behind it runs
        ("565bff", True), ("56ff", False), ("57ff", True),  # JUMP ends a path, JUMPI does not
        ("f3f4", False), ("fdf4", False), ("fef4", False),
        ("ef0100" + "11" * 20, True), ("ef00", True),
        ("fef4a1605b60f200ff5b", False),  # a tail of data with a JUMPDEST and nothing behind it
        ("fef4a15bf2", True),  # a tail that reads like code is refused: better than missing it
    ],
)  # fmt: skip
def test_the_walk_over_code(strict: Child, code: str, refused: bool) -> None:
    facet = b"\x66" * 20
    strict.economy.evm.set_code(facet, bytes.fromhex(code))
    if refused:
        with reverts("UnsafeFacet", facet):
            strict.cut((facet, ADD, [b"\x01\x02\x03\x04"]))
    else:
        strict.cut((facet, ADD, [b"\x01\x02\x03\x04"]))


def reaches(code: bytes) -> bool:
    """The walk, written again from the yellow paper's definition of valid jump destinations."""
    position, live = 0, True
    while position < len(code):
        op = code[position]
        if op == 0x5B:
            live = True
        if live and op in (0xF2, 0xF4, 0xFF):
            return True
        if op in (0x00, 0x56, 0xF3, 0xFD, 0xFE):
            live = False
        position += op - 0x5E if 0x60 <= op <= 0x7F else 1
    return False


@settings(deadline=None, max_examples=60, derandomize=True)
@given(data=st.binary(min_size=1, max_size=300), seed=st.integers(0, 2**32))
def test_the_walk_agrees_with_a_second_one(data: bytes, seed: int) -> None:
    dice = random.Random(seed)
    interesting = bytes(
        dice.choice((0x5B, 0x60, 0x61, 0x7F, 0xF4, 0xFF, 0x00, 0x56, b)) for b in data
    )
    economy = shared()
    strict = Child(economy, strict=True)
    facet = b"\x66" * 20
    economy.evm.set_code(facet, b"\x01" + interesting)
    try:
        strict.cut((facet, ADD, [b"\x01\x02\x03\x04"]))
        refused = False
    except Reverted as reason:
        assert reason.error == "UnsafeFacet"
        refused = True
    assert refused == reaches(b"\x01" + interesting)


# -- hostile facets --------------------------------------------------------------------------------


def test_gd_a1_a_facet_that_writes_the_owner_slot(child: Child) -> None:
    before = child.core()
    thief = child.add("ThiefFacet")
    with reverts("CoreTampered"):
        thief.send("stealOwner", sender=child.economy.address("erin"))
    assert child.core() == before


def test_gd_a2_a_facet_that_overwrites_core_routes(child: Child) -> None:
    before = child.core()
    thief = child.add("ThiefFacet")
    eve = child.economy.address("erin")
    for selector in RESERVED_SELECTORS:
        thief.send("stealRoute", selector, thief.address, sender=eve)
    assert child.core() == before
    child.add("TameFacet")  # the owner still cuts
    with reverts("NotOwner"):
        child.ownership.send("transferOwnership", eve, sender=eve)


def test_an_owner_for_the_length_of_a_call_gains_nothing(child: Child) -> None:
    before = child.core()
    thief = child.add("ThiefFacet")
    eve = child.economy.address("erin")
    accomplice = child.economy.create("ThiefAccomplice")
    thief.send("lendOwner", accomplice, eve, sender=eve)
    assert child.core() == before


def test_a_facet_that_forgets_the_list_of_selectors_leaves_the_core(child: Child) -> None:
    thief = child.add("ThiefFacet")
    thief.send("forgetSelectors", sender=child.economy.address("erin"))
    assert len(child.loupe.call("facets")) == 3
    assert child.ownership.call("owner") == child.alice


@pytest.mark.parametrize("damage", ["none", "forgotten", "inflated", "misplaced"])
def test_the_owner_can_always_cut_a_facet_out(child: Child, damage: str) -> None:
    """Whatever it has written into the list of selectors and its own routes."""
    tame = child.add("TameFacet")
    thief, eve = child.add("ThiefFacet"), child.economy.address("erin")
    selectors = list(Interface(child.economy.artifacts["ThiefFacet"].abi).selectors())
    if damage == "forgotten":
        thief.send("forgetSelectors", sender=eve)
    elif damage == "inflated":
        thief.send("inflateSelectors", sender=eve)
    elif damage == "misplaced":  # each says that it stands where the other facet's selector does
        for selector in selectors:
            thief.send("stealRoute", selector, thief.address, sender=eve)
    child.cut((ZERO, REMOVE, selectors))
    for selector in selectors:
        assert child.loupe.call("facetAddress", selector) == ZERO
    with reverts("FunctionNotFound"):
        thief.send("forgetSelectors", sender=eve)
    assert tame.send("tame", 4, sender=child.alice).value == 5
    [own] = Interface(child.economy.artifacts["TameFacet"].abi).selectors()
    child.cut((ZERO, REMOVE, [own]))
    assert child.loupe.call("facetAddress", own) == ZERO


def test_a_selector_cut_out_of_a_spoilt_list_can_come_back(child: Child) -> None:
    tame, thief = child.add("TameFacet"), child.add("ThiefFacet")
    [own] = Interface(child.economy.artifacts["TameFacet"].abi).selectors()
    eve = child.economy.address("erin")
    facet = child.loupe.call("facetAddress", own)
    selectors = list(Interface(child.economy.artifacts["ThiefFacet"].abi).selectors())
    thief.send("stealRoute", selectors[-1], thief.address, sender=eve)
    child.cut((ZERO, REMOVE, [selectors[-1]]))  # stays in the list, as its last
    child.cut((ZERO, REMOVE, [own]))
    child.cut((facet, ADD, [own, selectors[-1]]))
    assert child.loupe.call("facetAddress", selectors[-1]) == facet
    assert tame.send("tame", 4, sender=child.alice).value == 5


@settings(deadline=None, max_examples=40, derandomize=True)
@given(steps=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 7), st.booleans()), max_size=12))
def test_gd_i1_no_sequence_of_facet_calls_changes_the_core(
    steps: list[tuple[int, int, bool]],
) -> None:
    economy = shared()
    child = Child(economy, strict=False)
    thief, eve = child.add("ThiefFacet"), economy.address("erin")
    accomplice = economy.create("ThiefAccomplice")
    before = child.core()
    for what, which, by_owner in steps:
        sender = child.alice if by_owner else eve
        call = (
            ("stealOwner",),
            ("stealRoute", RESERVED_SELECTORS[which], thief.address),
            ("lendOwner", accomplice, eve),
            ("forgetSelectors",),
        )[what]
        try:
            thief.send(*call, sender=sender)
        except Reverted as reason:
            assert what == 0, reason
        assert child.core() == before
