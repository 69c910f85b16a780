"""Adding, replacing and removing functions; who may; what a failure leaves behind."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Interface, Reverted, reverts
from tests.contracts.economy import ADD, REMOVE, REPLACE, ZERO, Economy, cut_of

NUMBER = bytes.fromhex("8381f58a")  # number()
OTHER = bytes.fromhex("8d0c5bec")  # otherNumber()


@pytest.fixture
def one(economy: Economy) -> bytes:
    return economy.create("OneFacet")


@pytest.fixture
def two(economy: Economy) -> bytes:
    return economy.create("TwoFacet")


def selectors(economy: Economy, name: str) -> list[bytes]:
    return list(Interface(economy.artifacts[name].abi).selectors())


def routes(economy: Economy) -> dict[bytes, bytes]:
    return {selector: facet for facet, group in economy.loupe.call("facets") for selector in group}


def cut(
    economy: Economy, *cuts: tuple[bytes, int, list[bytes]], init: bytes = ZERO, data: bytes = b""
):
    return economy.diamond_cut.send(
        "diamondCut", list(cuts), init, data, sender=economy.owner.address
    )


def test_added_functions_answer_and_are_logged(economy: Economy, one: bytes) -> None:
    entry = cut_of(one, economy.artifacts["OneFacet"])
    receipt = cut(economy, entry)
    assert economy.bound("OneFacet", economy.diamond).call("number") == 1
    event = receipt.only("DiamondCut")
    assert event["_diamondCut"] == ((one, ADD, tuple(entry[2])),)
    assert (event["_init"], event["_calldata"]) == (ZERO, b"")


def test_replaced_functions_answer_anew_and_others_stay(
    economy: Economy, one: bytes, two: bytes
) -> None:
    cut(economy, cut_of(one, economy.artifacts["OneFacet"]))
    number = Interface(economy.artifacts["OneFacet"].abi).encode("number", ())
    cut(economy, (two, REPLACE, [number]))
    handle = economy.bound("OneFacet", economy.diamond)
    assert (handle.call("number"), handle.call("otherNumber")) == (2, 1)


def test_removed_functions_are_gone_and_may_come_back(economy: Economy, one: bytes) -> None:
    before = routes(economy)
    entry = cut_of(one, economy.artifacts["OneFacet"])
    cut(economy, entry)
    cut(economy, (ZERO, REMOVE, entry[2]))
    assert routes(economy) == before
    with pytest.raises(Reverted) as failure:
        economy.bound("OneFacet", economy.diamond).call("number")
    diamond = Interface(economy.artifacts["Diamond"].abi)
    assert diamond.error(failure.value.raw) == ("FunctionNotFound", (entry[2][0],))
    cut(economy, entry)
    assert economy.bound("OneFacet", economy.diamond).call("number") == 1


def test_selectors_leave_one_by_one_in_any_order_di_i1(economy: Economy, one: bytes) -> None:
    """The last of the list takes the place that becomes free, and has to be found there."""
    before = routes(economy)
    some = [bytes([n]) * 4 for n in range(1, 6)]
    cut(economy, (one, ADD, some))
    left = list(some)
    for gone in (some[0], some[4], some[1], some[3], some[2]):
        cut(economy, (ZERO, REMOVE, [gone]))
        left.remove(gone)
        assert routes(economy) == {**before, **dict.fromkeys(left, one)}
    assert economy.loupe.call("facetAddress", some[0]) == ZERO


def test_add_replace_and_remove_in_one_cut(economy: Economy, one: bytes, two: bytes) -> None:
    chosen = selectors(economy, "OneFacet")
    cut(
        economy,
        (one, ADD, chosen),
        (two, REPLACE, chosen[:1]),
        (ZERO, REMOVE, chosen[1:]),
    )
    assert routes(economy)[chosen[0]] == two
    assert chosen[1] not in routes(economy)


def test_only_the_owner_cuts_di_i3(economy: Economy, one: bytes) -> None:
    entry = cut_of(one, economy.artifacts["OneFacet"])
    for sender in (economy.address("alice"), economy.diamond, one):
        with reverts("NotOwner"):
            economy.diamond_cut.send("diamondCut", [entry], ZERO, b"", sender=sender)


def test_every_refused_cut_has_its_name_and_changes_nothing_di_i2(
    economy: Economy, one: bytes, two: bytes
) -> None:
    chosen = selectors(economy, "OneFacet")
    cut(economy, (one, ADD, chosen[:1]))
    eoa = economy.address("alice")
    free, taken = chosen[1], chosen[0]
    cases: list[tuple[str, tuple, tuple[bytes, int, list[bytes]]]] = [
        ("EmptySelectors", (), (one, ADD, [])),
        ("BadAction", (), (one, 3, [free])),
        ("ZeroFacet", (), (ZERO, ADD, [free])),
        ("FacetHasNoCode", (), (eoa, ADD, [free])),
        ("SelectorExists", (taken,), (two, ADD, [taken])),
        ("SelectorExists", (free,), (two, ADD, [free, free])),
        ("ImmutableSelector", (free,), (economy.diamond, ADD, [free])),
        ("ZeroFacet", (), (ZERO, REPLACE, [taken])),
        ("FacetHasNoCode", (), (eoa, REPLACE, [taken])),
        ("SelectorMissing", (free,), (two, REPLACE, [free])),
        ("ImmutableSelector", (taken,), (economy.diamond, REPLACE, [taken])),
        ("SameFacet", (taken,), (one, REPLACE, [taken])),
        ("RemoveFacetMustBeZero", (), (one, REMOVE, [taken])),
        ("SelectorMissing", (free,), (ZERO, REMOVE, [free])),
        ("SelectorMissing", (taken,), (ZERO, REMOVE, [taken, taken])),
    ]
    before = economy.evm.storage(economy.diamond)
    for error, values, entry in cases:
        # A good entry in front, so that there is something to undo.
        with reverts(error, *values):
            cut(economy, (two, ADD, [b"\x01\x02\x03\x04"]), entry)
        assert economy.evm.storage(economy.diamond) == before, error


def test_initialiser_runs_in_the_diamond(economy: Economy) -> None:
    probe = economy.create("InitProbe")
    mark = Interface(economy.artifacts["InitProbe"].abi).encode("mark", (b"\xca\xfe\xca\xfe",))
    assert not economy.loupe.call("supportsInterface", b"\xca\xfe\xca\xfe")
    receipt = cut(economy, init=probe, data=mark)
    assert economy.loupe.call("supportsInterface", b"\xca\xfe\xca\xfe")
    assert receipt.only("DiamondCut")["_init"] == probe


def test_initialiser_failures_undo_the_cut_di_i2(economy: Economy, one: bytes) -> None:
    probe = economy.create("InitProbe")
    codec = Interface(economy.artifacts["InitProbe"].abi)
    entry = cut_of(one, economy.artifacts["OneFacet"])
    before = routes(economy)
    with reverts("InitFailed"):
        cut(economy, entry, init=probe, data=codec.encode("failEmpty", ()))
    with reverts("InitFailed"):
        cut(economy, entry, init=economy.address("alice"), data=b"")
    with reverts("InitFailed"):
        cut(economy, entry, data=b"\x01")
    with pytest.raises(Reverted) as failure:
        cut(economy, entry, init=probe, data=codec.encode("failWith", (42,)))
    assert codec.error(failure.value.raw) == ("InitProbeFailed", (42,))
    assert routes(economy) == before


def test_the_diamond_refuses_native_value_and_unknown_calls(economy: Economy) -> None:
    sender = economy.address("alice")
    economy.evm.fund(sender, 10**18)
    diamond = Interface(economy.artifacts["Diamond"].abi)
    unknown = economy.evm.call(economy.diamond, b"\xde\xad\xbe\xef", sender=sender)
    assert diamond.error(unknown.output) == ("FunctionNotFound", (b"\xde\xad\xbe\xef",))
    short = economy.evm.call(economy.diamond, b"\xde\xad", sender=sender)
    assert diamond.error(short.output) == ("FunctionNotFound", (b"\xde\xad\x00\x00",))
    assert not economy.evm.call(economy.diamond, b"", sender=sender, value=1).success
    owner = Interface(economy.artifacts["OwnershipFacet"].abi).encode("owner", ())
    assert not economy.evm.call(economy.diamond, owner, sender=sender, value=1).success
    assert economy.evm.balance(economy.diamond) == 0


def test_construction_refuses_what_would_be_unusable(economy: Economy) -> None:
    artifact = economy.artifacts["Diamond"]
    codec = Interface(artifact.abi)
    facet = economy.code["DiamondCutFacet"]
    owner = economy.owner.address
    from tests.contracts.calls import encode

    cases = [
        ("ZeroAddress", (ZERO, facet, b"")),
        ("ZeroAddress", (owner, ZERO, b"")),
        ("InitFailed", (owner, economy.address("alice"), b"")),
        ("InitFailed", (owner, facet, b"")),
    ]
    for error, args in cases:
        data = artifact.init_code + encode(["address", "address", "bytes"], list(args))
        outcome = economy.evm.deploy(data)
        assert codec.error(outcome.output)[0] == error
    # A cut that fails with a reason says so: removing what is not there.
    bad = economy.diamond_cut.data("diamondCut", [(ZERO, REMOVE, [b"\x01\x02\x03\x04"])], ZERO, b"")
    data = artifact.init_code + encode(["address", "address", "bytes"], [owner, facet, bad])
    outcome = economy.evm.deploy(data)
    assert economy.diamond_cut.interface.error(outcome.output)[0] == "SelectorMissing"
