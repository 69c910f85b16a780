"""Names: what may be registered, by whom, at what cost; metadata; commit mode."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from tests.contracts.calls import encode, reverts
from tests.contracts.economy import ETHER, TREASURY, ZERO, Economy, bare
from tests.contracts.signing import nonce

PRICE = keccak(text="localharness.x402_price")


def commitment(name: str, account: bytes, salt: bytes) -> bytes:
    return keccak(encode(["string", "address", "bytes32"], [name, account, salt]))


def test_register_mints_and_is_readable(economy: Economy) -> None:
    alice, registry = economy.address("alice"), economy.registry
    assert registry.call("nextId") == 1
    receipt = registry.send("register", "worker-1", sender=alice)
    assert receipt.value == 1
    assert receipt.only("Registered") == {"id": 1, "owner": alice, "name": "worker-1"}
    assert receipt.only("Transfer") == {"from": ZERO, "to": alice, "tokenId": 1}
    assert receipt.only("MainRegistered") == {"account": alice, "id": 1}
    assert registry.call("ownerOfName", "worker-1") == alice
    assert registry.call("idOfName", "worker-1") == 1
    assert registry.call("nameOfId", 1) == "worker-1"
    assert registry.call("ownerOfId", 1) == alice
    assert registry.call("idOf", alice) == 1
    assert registry.call("isTaken", "worker-1")
    assert registry.call("nextId") == 2
    second = registry.send("register", "worker-2", sender=alice)
    assert second.names() == ["Registered", "Transfer"]  # a main identity exists already
    assert registry.call("idOf", alice) == 2


def test_unknown_names_and_ids_read_as_nothing(economy: Economy) -> None:
    registry = economy.registry
    assert registry.call("ownerOfName", "nobody") == ZERO
    assert (registry.call("idOfName", "nobody"), registry.call("isTaken", "nobody")) == (0, False)
    assert (registry.call("nameOfId", 9), registry.call("ownerOfId", 9)) == ("", ZERO)
    assert registry.call("metadata", 9, PRICE) == b""
    assert registry.call("agentCard", 9) == (ZERO, ZERO, "", 0)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a" * 64,
        "Upper",
        "sp ace",
        "-edge",
        "edge-",
        "-",
        "dot.ted",
        "under_score",
        "é",
        "a\x00",
        "ａ",
    ],
)
def test_bad_names_write_nothing_rg_a2(economy: Economy, name: str) -> None:
    alice = economy.address("alice")
    before = economy.evm.root()
    with reverts("InvalidName"):
        economy.registry.send("register", name, sender=alice)
    with reverts("InvalidName"):
        economy.registry.send("registerCommitted", name, nonce(1), sender=alice)
    assert economy.evm.root() == before


@pytest.mark.parametrize("name", ["a", "0", "a-b", "a--b", "x" * 63, "0123456789"])
def test_good_names(economy: Economy, name: str) -> None:
    assert economy.register("alice", name) == 1
    assert economy.registry.call("nameOfId", 1) == name


def test_a_name_is_taken_once(economy: Economy) -> None:
    economy.register("alice", "mine")
    for sender in ("alice", "bob"):
        with reverts("NameTaken"):
            economy.registry.send("register", "mine", sender=economy.address(sender))


def test_names_do_not_run_into_each_other_rg_a5(economy: Economy) -> None:
    ids = [economy.register("alice", name) for name in ("a", "b", "ab", "aab", "ba")]
    names = [economy.registry.call("nameOfId", id_) for id_ in ids]
    assert names == ["a", "b", "ab", "aab", "ba"]
    for salt_first, salt_second in ((b"b", b""), (b"", b"b")):
        first = commitment("a", economy.address("alice"), salt_first.ljust(32, b"\0"))
        second = commitment("ab", economy.address("alice"), salt_second.ljust(32, b"\0"))
        assert first != second


def test_registration_cost_goes_to_the_treasury(economy: Economy) -> None:
    owner, alice, registry = economy.owner.address, economy.address("alice"), economy.registry
    with reverts("NotOwner"):
        registry.send("setRegistrationCost", 1, sender=alice)
    receipt = registry.send("setRegistrationCost", ETHER, sender=owner)
    assert receipt.only("RegistrationCostUpdated") == {"oldCost": 0, "newCost": ETHER}
    assert registry.call("registrationCost") == ETHER
    before = economy.balance(alice)
    economy.register("alice", "paid")
    assert before - economy.balance(alice) == ETHER == economy.held(TREASURY)
    with reverts("CastOverflow"):
        registry.send("setRegistrationCost", 2**128, sender=owner)


def test_the_cost_cannot_be_dodged_rg_a4(economy: Economy) -> None:
    economy.registry.send("setRegistrationCost", ETHER, sender=economy.owner.address)
    alice, token = economy.address("alice"), economy.credits.address
    economy.credits.send("approve", economy.diamond, ETHER - 1, sender=alice)
    with reverts("TokenCallFailed", token):
        economy.registry.send("register", "cheap", sender=alice)
    pauper = b"\x77" * 20
    economy.credits.send("approve", economy.diamond, ETHER, sender=pauper)
    with reverts("TokenCallFailed", token):
        economy.registry.send("register", "cheap", sender=pauper)
    assert not economy.registry.call("isTaken", "cheap")
    assert economy.registry.call("nextId") == 1


def test_a_cost_without_a_token_is_not_configured() -> None:
    economy = bare()
    alice = economy.address("alice")
    assert economy.registry.send("register", "free", sender=alice).value == 1
    economy.registry.send("setRegistrationCost", 1, sender=economy.owner.address)
    with reverts("NotConfigured"):
        economy.registry.send("register", "charged", sender=alice)


def test_commit_mode_beats_the_squatter_rg_a1(economy: Economy) -> None:
    owner, alice, bob = economy.owner.address, economy.address("alice"), economy.address("bob")
    registry = economy.registry
    with reverts("NotOwner"):
        registry.send("setNameCommitRequired", True, sender=alice)
    receipt = registry.send("setNameCommitRequired", True, sender=owner)
    assert receipt.only("NameCommitRequiredSet") == {"required": True}
    assert registry.call("nameCommitRequired")
    with reverts("CommitRequired"):
        registry.send("register", "wanted", sender=alice)
    secret = commitment("wanted", alice, nonce(7))
    receipt = registry.send("commitName", secret, sender=alice)
    assert receipt.only("NameCommitted") == {"commitment": secret, "account": alice}
    assert registry.call("commitmentOf", secret) == economy.now
    economy.later(60)
    # Bob sees name and salt in the pool; neither they nor copying the commitment help him.
    for salt in (nonce(7), nonce(8)):
        with reverts("CommitRequired"):
            registry.send("registerCommitted", "wanted", salt, sender=bob)
    with reverts("CommitPending"):
        registry.send("commitName", secret, sender=bob)
    assert registry.send("registerCommitted", "wanted", nonce(7), sender=alice).value == 1
    assert registry.call("commitmentOf", secret) == 0
    with reverts("NameTaken"):
        registry.send("registerCommitted", "wanted", nonce(7), sender=alice)


@pytest.mark.parametrize(
    ("age", "works"),
    [(59, False), (60, True), (61, True), (86_399, True), (86_400, True), (86_401, False)],
)
def test_commitment_age(economy: Economy, age: int, works: bool) -> None:
    alice, registry = economy.address("alice"), economy.registry
    registry.send("commitName", commitment("timed", alice, nonce(1)), sender=alice)
    economy.later(age)
    if works:
        registry.send("registerCommitted", "timed", nonce(1), sender=alice)
    else:
        with reverts("CommitRequired"):
            registry.send("registerCommitted", "timed", nonce(1), sender=alice)


@pytest.mark.parametrize(("age", "free"), [(86_399, False), (86_400, False), (86_401, True)])
def test_an_expired_commitment_can_be_made_again(economy: Economy, age: int, free: bool) -> None:
    alice, registry = economy.address("alice"), economy.registry
    secret = commitment("again", alice, nonce(1))
    registry.send("commitName", secret, sender=alice)
    economy.later(age)
    if free:
        registry.send("commitName", secret, sender=alice)
    else:
        with reverts("CommitPending"):
            registry.send("commitName", secret, sender=alice)


def test_metadata_is_the_holders_alone_rg_a3(economy: Economy) -> None:
    alice, bob, carol = (economy.address(name) for name in ("alice", "bob", "carol"))
    registry = economy.registry
    id_ = economy.register("alice", "agent")
    economy.erc721.send("approve", bob, id_, sender=alice)
    economy.erc721.send("setApprovalForAll", carol, True, sender=alice)
    for sender in (bob, carol, economy.owner.address, economy.account_of(id_)):
        with reverts("NotOwner"):
            registry.send("setMetadata", id_, PRICE, b"x", sender=sender)
        with reverts("NotOwner"):
            registry.send("setMetadataMany", id_, [PRICE], [b"x"], sender=sender)
    with reverts("NotOwner"):
        registry.send("setMetadata", 99, PRICE, b"x", sender=alice)
    receipt = registry.send("setMetadata", id_, PRICE, b"x", sender=alice)
    assert receipt.only("MetadataSet") == {"id": id_, "key": PRICE, "value": b"x"}
    assert registry.call("metadata", id_, PRICE) == b"x"
    registry.send("setMetadata", id_, PRICE, b"", sender=alice)
    assert registry.call("metadata", id_, PRICE) == b""


def test_metadata_limits(economy: Economy) -> None:
    alice, registry = economy.address("alice"), economy.registry
    id_ = economy.register("alice", "agent")
    registry.send("setMetadata", id_, nonce(1), b"v" * 16_384, sender=alice)
    assert registry.call("metadata", id_, nonce(1)) == b"v" * 16_384
    with reverts("ValueTooLarge"):
        registry.send("setMetadata", id_, nonce(1), b"v" * 16_385, sender=alice)
    keys = [nonce(n) for n in range(9)]
    receipt = registry.send("setMetadataMany", id_, keys[:8], [b"a"] * 8, sender=alice)
    assert receipt.names() == ["MetadataSet"] * 8
    with reverts("BatchTooLarge", 8):
        registry.send("setMetadataMany", id_, keys, [b"a"] * 9, sender=alice)
    with reverts("LengthMismatch"):
        registry.send("setMetadataMany", id_, keys[:2], [b"a"], sender=alice)
    with reverts("ValueTooLarge"):
        registry.send("setMetadataMany", id_, keys[:2], [b"a", b"v" * 16_385], sender=alice)


def test_agent_card(economy: Economy) -> None:
    alice, registry = economy.address("alice"), economy.registry
    id_ = economy.register("alice", "agent")
    account = economy.account_of(id_)
    assert registry.call("agentCard", id_) == (alice, account, "agent", 10**16)
    registry.send("setMetadata", id_, PRICE, nonce(123), sender=alice)
    assert registry.call("agentCard", id_)[3] == 123
    for malformed in (b"\x01", nonce(1) + b"\x00"):
        registry.send("setMetadata", id_, PRICE, malformed, sender=alice)
        assert registry.call("agentCard", id_)[3] == 10**16
    bare_economy = bare()
    bare_economy.registry.send("register", "lonely", sender=alice)
    assert bare_economy.registry.call("agentCard", 1)[1] == ZERO


def test_burning_frees_the_name_but_never_the_id_rg_i3_rg_i4(economy: Economy) -> None:
    burn = economy.add_facet("BurnFacet")
    alice, bob, registry = economy.address("alice"), economy.address("bob"), economy.registry
    first = economy.register("alice", "phoenix")
    registry.send("setMetadata", first, PRICE, nonce(5), sender=alice)
    receipt = burn.send("burn", first, sender=bob)
    assert receipt.only("Transfer") == {"from": alice, "to": ZERO, "tokenId": first}
    assert receipt.only("MainCleared") == {"account": alice, "id": first}
    assert registry.call("ownerOfId", first) == ZERO
    assert registry.call("metadata", first, PRICE) == b""
    second = economy.register("bob", "phoenix")
    assert second == first + 1
    assert registry.call("idOfName", "phoenix") == second
    assert registry.call("metadata", second, PRICE) == b""
    assert registry.call("agentCard", first) == (ZERO, ZERO, "", 0)
    with reverts("NotOwner"):
        registry.send("setMetadata", first, PRICE, b"x", sender=alice)
