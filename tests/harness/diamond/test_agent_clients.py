"""The clients of the agent registries, and profiles, against the real contracts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from eth_utils.crypto import keccak

from harness.chain.embedded import EmbeddedChain
from harness.chain.errors import ContractError
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.diamond.agent_reputation import GivenFeedback
from harness.diamond.diamond import Diamond
from harness.diamond.economy import Economy
from harness.protocol.addresses import ZERO_ADDRESS

Join = Callable[[str], Outbox]
URI = "https://ada.example/agent.json"


@pytest.fixture
def hers(economy: Economy, join: Join) -> Diamond:
    return economy.diamond.by(join("alice"))


@pytest.fixture
def his(economy: Economy, join: Join) -> Diamond:
    return economy.diamond.by(join("bob"))


def me(diamond: Diamond) -> str:
    assert diamond.sender is not None
    return diamond.sender.address


def test_an_agent_has_a_uri_metadata_and_a_wallet(
    hers: Diamond, his: Diamond, chain: EmbeddedChain
) -> None:
    agent = hers.agents.register(URI, {"version": b"1"})
    nameless, by_uri = hers.agents.register(), hers.registry.register("ipfs://x")
    assert (nameless, by_uri) == (agent + 1, agent + 2)
    assert hers.registry.name_of_id(agent) == f"id-{agent}"
    assert [hers.names.token_uri(i) for i in (agent, nameless, by_uri)] == [URI, "", "ipfs://x"]
    hers.agents.set_agent_uri(agent, "ipfs://y")
    hers.agents.set_metadata(agent, "version", b"2")
    assert hers.names.token_uri(agent) == "ipfs://y"
    assert hers.agents.get_metadata(agent, "version") == b"2"
    assert hers.agents.get_agent_wallet(agent) == me(hers)
    wallet, deadline = LocalSigner.from_phrase("wallet"), chain.block().timestamp + 100
    consent = hers.agents.consent_of(wallet, agent, me(hers), deadline)
    hers.agents.set_agent_wallet(agent, wallet.address, deadline, consent)
    assert hers.agents.get_agent_wallet(agent) == wallet.address
    hers.agents.unset_agent_wallet(agent)
    assert hers.agents.get_agent_wallet(agent) == ZERO_ADDRESS
    assert hers.agents.is_authorized_or_owner(me(hers), agent)
    assert not hers.agents.is_authorized_or_owner(me(his), agent)
    with pytest.raises(ContractError) as caught:
        his.agents.set_agent_uri(agent, "")
    assert caught.value.name == "NotAgentOperator"
    with pytest.raises(ContractError) as caught:
        hers.registry.register("id-9")
    assert caught.value.name == "NameReserved"


def test_feedback_is_given_read_and_answered(hers: Diamond, his: Diamond) -> None:
    agent, reputation = hers.agents.register(), his.agent_reputation
    assert reputation.give_feedback(agent, 87, tag1="starred") == 1
    assert reputation.give_feedback(agent, -32, 1, "yield", "week", "https://x", "ipfs://y") == 2
    first = GivenFeedback(me(his), 1, 87, 0, "starred", "", False)
    second = GivenFeedback(me(his), 2, -32, 1, "yield", "week", False)
    assert reputation.read_feedback(agent, me(his), 2) == second
    assert reputation.read_all_feedback(agent) == (first, second)
    assert reputation.read_all_feedback(agent, [me(his)], tag1="yield") == (second,)
    assert reputation.read_feedback_page(agent, me(his), 1, 10) == ((second,), 2)
    assert reputation.get_summary(agent, [me(his)]) == (2, 41, 0)
    reputation.revoke_feedback(agent, 2)
    assert reputation.get_summary(agent, [me(his)], tag1="starred") == (1, 87, 0)
    assert reputation.read_all_feedback(agent, include_revoked=True)[1].revoked
    hers.agent_reputation.append_response(agent, me(his), 1, "ipfs://thanks")
    assert reputation.get_response_count(agent, me(his), 1, [me(hers)]) == 1
    assert reputation.get_response_count(agent, ZERO_ADDRESS, 0) == 1
    assert reputation.get_clients(agent) == (me(his),)
    assert reputation.get_clients_page(agent, 0, 5) == ((me(his),), 1)
    assert reputation.get_last_index(agent, me(his)) == 2
    assert reputation.get_identity_registry() == hers.address
    for call, name in (
        (lambda: reputation.initialize(hers.address), "AlreadyInitialised"),
        (lambda: hers.agent_reputation.give_feedback(agent, 100), "SelfFeedback"),
        (lambda: reputation.get_summary(agent, []), "NoClients"),
    ):
        with pytest.raises(ContractError) as caught:
            call()
        assert caught.value.name == name


def test_work_is_validated(hers: Diamond, his: Diamond, chain: EmbeddedChain) -> None:
    agent, request = hers.agents.register(), keccak(b"request and salt")
    hers.agent_validation.validation_request(me(his), agent, "ipfs://request", request)
    his.agent_validation.validation_response(request, 90, "ipfs://a", keccak(b"a"), "hard")
    status = hers.agent_validation.get_validation_status(request)
    assert status == (me(his), agent, 90, keccak(b"a"), "hard", chain.block().timestamp)
    validation = hers.agent_validation
    assert validation.get_summary(agent) == validation.get_summary(agent, [me(his)]) == (1, 90)
    assert validation.get_summary(agent, tag="soft") == (0, 0)
    assert validation.get_agent_validations(agent) == (request,)
    assert validation.get_validator_requests(me(his)) == (request,)
    assert validation.get_agent_validations_page(agent, 0, 9) == ((request,), 1)
    assert validation.get_validator_requests_page(me(his), 1, 9) == ((), 1)


def test_a_profile_is_published_and_read(hers: Diamond, his: Diamond) -> None:
    ada, profiles = hers.registry.register("ada"), hers.profiles
    read = his.profiles
    assert (read.persona(ada), read.price(ada), read.advertised_price(ada)) == ("", 10**16, None)
    assert (read.public_face(ada), read.lessons(ada)) == ("directory", ())
    profiles.publish(ada, persona="You are Ada.", price=0, public_face="app", lessons=["one"])
    assert (read.persona(ada), read.price(ada)) == ("You are Ada.", 0)
    assert (read.public_face(ada), read.lessons(ada)) == ("app", ("one",))
    assert hers.registry.agent_card(ada)[3] == 0  # the contract reads the same price
    profiles.set_price(ada, 3 * 10**16)
    assert hers.registry.agent_card(ada)[3] == read.price(ada) == 3 * 10**16
    profiles.set_price(ada, None)
    assert hers.registry.agent_card(ada)[3] == read.price(ada) == 10**16
    profiles.set_persona(ada, "")
    profiles.set_public_face(ada, "html")
    profiles.record_lesson(ada, "two")
    assert (read.persona(ada), read.public_face(ada)) == ("", "html")
    assert read.lessons(ada) == ("one", "two")
    profiles.set_lessons(ada, ["three"])
    profiles.set_public_face(ada, None)
    assert (read.lessons(ada), read.public_face(ada)) == (("three",), "directory")


def test_what_breaks_a_rule_is_never_sent(
    hers: Diamond, his: Diamond, chain: EmbeddedChain
) -> None:
    ada = hers.registry.register("ada")
    hers.profiles.set_lessons(ada, [str(n) for n in range(10)])
    before = chain.nonce(me(hers))
    for refused in (
        lambda: hers.profiles.record_lesson(ada, "one too many"),
        lambda: hers.profiles.record_lesson(ada, "1"),
        lambda: hers.profiles.set_lessons(ada, ["x" * 241]),
        lambda: hers.profiles.set_public_face(ada, "page"),
        lambda: hers.profiles.set_price(ada, -1),
        lambda: hers.profiles.set_persona(ada, "x" * 16_385),
        lambda: hers.profiles.publish(ada),
        lambda: hers.profiles.publish(ada, persona="fine", public_face="page"),
    ):
        with pytest.raises(ValueError):
            refused()
    assert chain.nonce(me(hers)) == before and hers.profiles.persona(ada) == ""
    with pytest.raises(ContractError) as caught:
        his.profiles.set_price(ada, 1)
    assert caught.value.name == "NotOwner"
