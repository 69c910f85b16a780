"""Identities as ERC-8004 agents: registering without a name, URI and metadata."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from tests.contracts.calls import encode, reverts
from tests.contracts.economy import ETHER, TREASURY, ZERO, Economy
from tests.contracts.identity.agents import REGISTER, URI, Bureau
from tests.contracts.signing import nonce

NAMELESS = "register()"


def wallet_event(agent: int, wallet: bytes) -> dict[str, object]:
    return {
        "agentId": agent,
        "indexedMetadataKey": keccak(text="agentWallet"),
        "metadataKey": "agentWallet",
        "metadataValue": wallet,
    }


def test_registering_without_a_name(economy: Economy) -> None:
    alice = economy.address("alice")
    receipt = economy.agents.send(NAMELESS, sender=alice)
    assert receipt.value == 1
    names = ["Registered", "Transfer", "MainRegistered", "Registered", "MetadataSet"]
    assert receipt.names() == names
    ours, _, _, standard, wallet = (event.args for event in receipt.events)
    assert ours == {"id": 1, "owner": alice, "name": "id-1"}
    assert standard == {"agentId": 1, "agentURI": "", "owner": alice}
    assert wallet == wallet_event(1, alice)
    assert economy.erc721.call("ownerOf", 1) == economy.agents.call("getAgentWallet", 1) == alice
    assert economy.erc721.call("tokenURI", 1) == ""
    assert economy.main.call("mainNameOf", alice) == "id-1"
    assert economy.agents.send(NAMELESS, sender=alice).value == 2
    assert economy.owned.call("tokensOfOwner", alice) == (1, 2)


def test_registering_with_a_uri_and_metadata(economy: Economy) -> None:
    alice = economy.address("alice")
    entries = [("model", b"small"), ("", b"x" * 100), ("model", b"large")]
    receipt = economy.agents.send(REGISTER, URI, entries, sender=alice)
    standard = [event for event in receipt.events if "agentURI" in event.args]
    assert [event.args for event in standard] == [{"agentId": 1, "agentURI": URI, "owner": alice}]
    told = [event.args for event in receipt.events if event.name == "MetadataSet"]
    assert [(e["metadataKey"], e["metadataValue"]) for e in told] == [
        ("agentWallet", alice),
        *entries,
    ]
    assert economy.erc721.call("tokenURI", 1) == URI
    assert economy.agents.call("getMetadata", 1, "model") == b"large"  # the last one counts
    assert economy.agents.call("getMetadata", 1, "") == b"x" * 100
    assert economy.agents.call("getMetadata", 1, "other") == b""
    assert economy.agents.call("getMetadata", 1, "agentWallet") == alice


@pytest.mark.parametrize("uri", ["a:", "ipfs://cid", "HTTPS://x", "data:,{}", "urn:x-1.y+z:w", URI])
def test_a_uri_in_place_of_a_name_registers_an_agent(economy: Economy, uri: str) -> None:
    bob = economy.address("bob")
    receipt = economy.registry.send("register", uri, sender=bob)
    assert receipt.value == 1
    standard = [e.args for e in receipt.events if "agentURI" in e.args]
    assert standard == [{"agentId": 1, "agentURI": uri, "owner": bob}]
    assert economy.erc721.call("tokenURI", 1) == uri
    assert economy.registry.call("nameOfId", 1) == "id-1"


@pytest.mark.parametrize(
    "text", ["", ":", ":x", "1a:x", "-a:", "Not A Name", "a b:c", "é:x", "no-uri/", "a" * 64 + ":"]
)
def test_neither_name_nor_uri(economy: Economy, text: str) -> None:
    with reverts("InvalidName"):
        economy.registry.send("register", text, sender=economy.address("bob"))
    assert economy.registry.call("nextId") == 1


def test_the_longest_scheme(economy: Economy) -> None:
    economy.registry.send("register", "a" * 63 + ":", sender=economy.address("bob"))


def test_every_way_in_costs_the_same(economy: Economy) -> None:
    alice = economy.address("alice")
    economy.registry.send("setRegistrationCost", ETHER, sender=economy.owner.address)
    economy.agents.send(NAMELESS, sender=alice)
    economy.agents.send(REGISTER, URI, [], sender=alice)
    economy.registry.send("register", URI, sender=alice)
    economy.registry.send("register", "alice", sender=alice)
    assert economy.held(TREASURY) == 4 * ETHER
    economy.credits.send("approve", economy.diamond, 0, sender=alice)
    for send in (
        lambda: economy.agents.send(NAMELESS, sender=alice),
        lambda: economy.agents.send(REGISTER, URI, [], sender=alice),
        lambda: economy.registry.send("register", URI, sender=alice),
    ):
        with reverts("TokenCallFailed", economy.credits.address):
            send()
    assert economy.registry.call("nextId") == 5


def test_a_generated_name_needs_no_commitment(economy: Economy) -> None:
    alice = economy.address("alice")
    economy.registry.send("setNameCommitRequired", True, sender=economy.owner.address)
    with reverts("CommitRequired"):
        economy.registry.send("register", "alice", sender=alice)
    economy.agents.send(NAMELESS, sender=alice)
    economy.agents.send(REGISTER, "", [], sender=alice)
    assert economy.registry.send("register", URI, sender=alice).value == 3


RESERVED = ("id-0", "id-1", "id-007", "id-4294967296", "id-" + "9" * 60)


@pytest.mark.parametrize("name", RESERVED)
def test_generated_names_are_nobodys_to_take(economy: Economy, name: str) -> None:
    alice = economy.address("alice")
    with reverts("NameReserved"):
        economy.registry.send("register", name, sender=alice)
    commitment = keccak(encode(["string", "address", "bytes32"], [name, alice, nonce(1)]))
    economy.registry.send("commitName", commitment, sender=alice)
    economy.later(60)
    with reverts("NameReserved"):
        economy.registry.send("registerCommitted", name, nonce(1), sender=alice)
    with reverts("NameReserved"):
        economy.guild.send("createGuild", name, sender=alice)


@pytest.mark.parametrize("name", ["id", "id-a", "id-1a", "id1", "xid-1", "id-1-1", "ide-1", "1d-1"])
def test_names_that_only_look_like_generated_ones(economy: Economy, name: str) -> None:
    assert economy.register("alice", name) == economy.registry.call("idOfName", name) == 1


def test_a_generated_name_answers_like_any_other(economy: Economy) -> None:
    alice, registry = economy.address("alice"), economy.registry
    economy.register("bob", "bob")
    for expected in (2, 3):
        assert economy.agents.send(NAMELESS, sender=alice).value == expected
    assert registry.call("nameOfId", 3) == "id-3"
    assert registry.call("idOfName", "id-3") == 3
    assert registry.call("ownerOfName", "id-3") == alice and registry.call("isTaken", "id-3")
    assert economy.tba.call("tokenBoundAccountByName", "id-3") == economy.account_of(3)
    assert registry.call("agentCard", 3) == (alice, economy.account_of(3), "id-3", 10**16)
    for name in ("id-1", "id-4", "id-03", "id-0", "id-", "id-3x", "Id-3", "id-4294967299", ""):
        assert registry.call("idOfName", name) == 0, name  # the first is named, the others are not
        assert not registry.call("isTaken", name)
    receipt = economy.release.send("releaseName", 3, sender=alice)
    assert receipt.only("NameReleased") == {"id": 3, "name": "id-3", "owner": alice}
    assert (registry.call("idOfName", "id-3"), registry.call("nameOfId", 3)) == (0, "")


def test_ids_of_many_digits_have_names(economy: Economy) -> None:
    alice = economy.address("alice")
    for _ in range(12):
        economy.agents.send(NAMELESS, sender=alice)
    for id_ in range(1, 13):
        assert economy.registry.call("nameOfId", id_) == f"id-{id_}"
        assert economy.registry.call("idOfName", f"id-{id_}") == id_


def test_refused_registrations(economy: Economy) -> None:
    alice = economy.address("alice")
    over = [("k", b"")] * 33
    with reverts("BatchTooLarge", 32):
        economy.agents.send(REGISTER, "x" * 65_537, over, sender=alice)
    with reverts("URITooLarge"):
        economy.agents.send(REGISTER, "x" * 65_537, [("agentWallet", b"")], sender=alice)
    with reverts("URITooLarge"):
        economy.registry.send("register", "data:" + "x" * 65_532, sender=alice)
    with reverts("ReservedKey"):
        entries = [("a", b"b"), ("agentWallet", b"x" * 16_385)]
        economy.agents.send(REGISTER, URI, entries, sender=alice)
    with reverts("ValueTooLarge"):
        economy.agents.send(REGISTER, URI, [("a", b"x" * 16_385)], sender=alice)
    assert economy.registry.call("nextId") == 1
    economy.agents.send(REGISTER, URI, over[:32], sender=alice)


def test_setting_the_uri(bureau: Bureau) -> None:
    agent, erc721 = bureau.agent, bureau.economy.erc721
    for who in (bureau.alice, bureau.bob, bureau.carol):
        uri = f"ipfs://{who.hex()}"
        receipt = bureau.send("setAgentURI", agent, uri, sender=who)
        assert receipt.names() == ["URIUpdated"]
        assert receipt.only("URIUpdated") == {"agentId": agent, "newURI": uri, "updatedBy": who}
        assert erc721.call("tokenURI", agent) == uri
    bureau.send("setAgentURI", agent, "")
    assert erc721.call("tokenURI", agent) == ""
    with reverts("UnknownAgent"):
        bureau.send("setAgentURI", 99, "x" * 65_537, sender=bureau.dave)
    with reverts("NotAgentOperator"):
        bureau.send("setAgentURI", agent, "x" * 65_537, sender=bureau.dave)
    with reverts("URITooLarge"):
        bureau.send("setAgentURI", agent, "x" * 65_537)


def test_setting_metadata(bureau: Bureau) -> None:
    agent, identity = bureau.agent, bureau.identity
    for who in (bureau.alice, bureau.bob, bureau.carol):
        receipt = bureau.send("setMetadata", agent, "who", who, sender=who)
        assert receipt.only("MetadataSet") == {
            "agentId": agent,
            "indexedMetadataKey": keccak(text="who"),
            "metadataKey": "who",
            "metadataValue": who,
        }
        assert identity.call("getMetadata", agent, "who") == who
    bureau.send("setMetadata", agent, "who", b"x" * 16_384)
    bureau.send("setMetadata", agent, "who", b"")
    assert identity.call("getMetadata", agent, "who") == b""
    long = b"x" * 16_385
    with reverts("UnknownAgent"):
        bureau.send("setMetadata", 99, "agentWallet", long, sender=bureau.dave)
    with reverts("NotAgentOperator"):
        bureau.send("setMetadata", agent, "agentWallet", long, sender=bureau.dave)
    with reverts("ReservedKey"):
        bureau.send("setMetadata", agent, "agentWallet", long)
    with reverts("ValueTooLarge"):
        bureau.send("setMetadata", agent, "who", long)


def test_metadata_stays_with_the_agent_and_goes_with_it(bureau: Bureau) -> None:
    economy, agent = bureau.economy, bureau.agent
    bureau.send("setMetadata", agent, "model", b"small")
    bureau.transfer(bureau.dave)
    assert bureau.identity.call("getMetadata", agent, "model") == b"small"
    assert economy.erc721.call("tokenURI", agent) == URI
    economy.release.send("releaseName", agent, sender=bureau.dave)
    for key in ("model", "agentWallet"):
        assert bureau.identity.call("getMetadata", agent, key) == b""
    assert bureau.wallet() == ZERO
    with reverts("UnknownAgent"):
        bureau.send("setMetadata", agent, "model", b"", sender=bureau.dave)
    with reverts("NonexistentToken"):
        economy.erc721.call("tokenURI", agent)


def test_the_registrys_metadata_is_another(bureau: Bureau) -> None:
    """An operator writes here, never there, whatever the key."""
    registry, field = bureau.economy.registry, "localharness.persona"
    bureau.send("setMetadata", bureau.agent, field, b"mine", sender=bureau.bob)
    assert registry.call("metadata", bureau.agent, keccak(text=field)) == b""
    with reverts("NotOwner"):
        registry.send("setMetadata", bureau.agent, keccak(text=field), b"x", sender=bureau.bob)
    registry.send(
        "setMetadata", bureau.agent, keccak(text="agentWallet"), b"x", sender=bureau.alice
    )
    assert bureau.identity.call("getMetadata", bureau.agent, "agentWallet") == bureau.alice


def test_an_identity_with_a_name_is_announced_once(bureau: Bureau) -> None:
    economy, alice = bureau.economy, bureau.alice
    named = economy.register("alice", "alice")
    assert economy.erc721.call("tokenURI", named) == "https://alice.localharness.xyz/"
    receipt = bureau.send("setAgentURI", named, URI)
    assert receipt.names() == ["Registered", "MetadataSet", "URIUpdated"]
    assert receipt.only("Registered") == {"agentId": named, "agentURI": URI, "owner": alice}
    assert receipt.only("MetadataSet") == wallet_event(named, alice)
    assert economy.erc721.call("tokenURI", named) == URI
    assert bureau.send("setAgentURI", named, "").names() == ["URIUpdated"]
    assert economy.erc721.call("tokenURI", named) == "https://alice.localharness.xyz/"
    assert bureau.send("setMetadata", named, "k", b"").names() == ["MetadataSet"]
    other = economy.register("alice", "other")
    receipt = bureau.send("setMetadata", other, "k", b"v")
    assert receipt.names() == ["Registered", "MetadataSet", "MetadataSet"]
    third = economy.register("alice", "third")
    bureau.transfer(bureau.dave, third)  # no wallet, and so it is told
    receipt = bureau.send("unsetAgentWallet", third, sender=bureau.dave)
    assert receipt.names() == ["Registered", "MetadataSet", "MetadataSet"]
    assert receipt.events[1].args == wallet_event(third, b"")


def test_who_may_act_for_an_agent(bureau: Bureau) -> None:
    ask = bureau.identity.call
    for who, may in ((bureau.alice, True), (bureau.bob, True), (bureau.carol, True)):
        assert ask("isAuthorizedOrOwner", who, bureau.agent) is may
    for stranger in (bureau.dave, ZERO, bureau.economy.account_of(bureau.agent)):
        assert not ask("isAuthorizedOrOwner", stranger, bureau.agent)
    with reverts("UnknownAgent"):
        ask("isAuthorizedOrOwner", bureau.alice, 99)
    bureau.transfer(bureau.dave)
    for who in (bureau.alice, bureau.bob, bureau.carol, ZERO):
        assert not ask("isAuthorizedOrOwner", who, bureau.agent)
    assert ask("isAuthorizedOrOwner", bureau.dave, bureau.agent)
