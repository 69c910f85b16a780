"""The identity an account speaks as."""

from __future__ import annotations

from tests.contracts.calls import reverts
from tests.contracts.economy import ETHER, TREASURY, Economy, bare


def test_first_registration_chooses_and_later_ones_do_not(economy: Economy) -> None:
    alice, main = economy.address("alice"), economy.main
    first, second = economy.register("alice", "first"), economy.register("alice", "second")
    assert main.call("mainOf", alice) == first
    assert main.call("mainNameOf", alice) == "first"
    assert (main.call("isMain", first), main.call("isMain", second)) == (True, False)
    assert not main.call("isMain", 99)
    receipt = main.send("registerMain", second, sender=alice)
    assert receipt.only("MainRegistered") == {"account": alice, "id": second}
    assert main.call("mainNameOf", alice) == "second"
    # Choosing it again is free and silent.
    assert main.send("registerMain", second, sender=alice).events == []


def test_only_ones_own_identity(economy: Economy) -> None:
    bob, main = economy.address("bob"), economy.main
    theirs = economy.register("alice", "theirs")
    with reverts("UnknownToken"):
        main.send("registerMain", 99, sender=bob)
    with reverts("NotOwner"):
        main.send("registerMain", theirs, sender=bob)


def test_clearing(economy: Economy) -> None:
    alice, main = economy.address("alice"), economy.main
    assert main.send("clearMain", sender=alice).events == []
    id_ = economy.register("alice", "first")
    assert main.send("clearMain", sender=alice).only("MainCleared") == {"account": alice, "id": id_}
    assert (main.call("mainOf", alice), main.call("mainNameOf", alice)) == (0, "")
    # With none set, the next registration is the main one again.
    assert main.call("mainOf", alice) == 0
    assert economy.register("alice", "second") == main.call("mainOf", alice)


def test_a_main_identity_is_never_stale_e_i1(economy: Economy) -> None:
    alice, bob, main = economy.address("alice"), economy.address("bob"), economy.main
    id_ = economy.register("alice", "first")
    economy.erc721.send("transferFrom", alice, bob, id_, sender=alice)
    assert main.call("mainOf", alice) == 0
    assert not main.call("isMain", id_)
    main.send("registerMain", id_, sender=bob)
    economy.add_facet("BurnFacet").send("burn", id_, sender=alice)
    assert main.call("mainOf", bob) == 0


def test_cost_goes_to_the_treasury(economy: Economy) -> None:
    owner, alice, main = economy.owner.address, economy.address("alice"), economy.main
    with reverts("NotOwner"):
        main.send("setMainCost", 1, sender=alice)
    receipt = main.send("setMainCost", ETHER, sender=owner)
    assert receipt.only("MainCostUpdated") == {"oldCost": 0, "newCost": ETHER}
    assert main.call("mainCost") == ETHER
    economy.register("alice", "first")  # the automatic choice is part of the registration
    second = economy.register("alice", "second")
    assert economy.held(TREASURY) == 0
    main.send("registerMain", second, sender=alice)
    assert economy.held(TREASURY) == ETHER


def test_cost_without_a_token_is_not_configured() -> None:
    economy = bare()
    alice = economy.address("alice")
    for name in ("first", "second"):
        economy.registry.send("register", name, sender=alice)
    economy.main.send("setMainCost", 1, sender=economy.owner.address)
    with reverts("NotConfigured"):
        economy.main.send("registerMain", 2, sender=alice)
