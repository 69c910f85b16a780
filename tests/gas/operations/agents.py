"""Agents: registering, reviewing, validating."""

from __future__ import annotations

from tests.contracts.economy import Economy
from tests.contracts.identity.agents import REGISTER, Bureau
from tests.contracts.signing import nonce
from tests.gas.measure import Call
from tests.gas.operations.catalogue import FOUR, of, operation

FILE = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"


@operation("AgentIdentityFacet")
def register_nameless(economy: Economy) -> list[Call]:
    return [of(economy.agents, economy.address("alice"), "register()") for _ in FOUR]


@operation("AgentIdentityFacet")
def register_with_file(economy: Economy) -> list[Call]:
    alice = economy.address("alice")
    return [of(economy.agents, alice, REGISTER, FILE, [("model", b"small")]) for _ in FOUR]


@operation("AgentIdentityFacet")
def set_agent_uri(economy: Economy) -> list[Call]:
    bureau = Bureau(economy)
    return [
        of(economy.agents, bureau.alice, "setAgentURI", bureau.agent, f"ipfs://file-{n}")
        for n in FOUR
    ]


@operation("AgentIdentityFacet")
def set_agent_wallet(economy: Economy) -> list[Call]:
    bureau, deadline = Bureau(economy), economy.now + 60
    keys = [economy.keys[name] for name in ("carol", "dave", "erin", "frank")]
    return [
        of(economy.agents, bureau.alice, "setAgentWallet", bureau.agent, key.address, deadline,
           bureau.consent(key, deadline))
        for key in keys
    ]  # fmt: skip


@operation("AgentReputationFacet")
def give_feedback(economy: Economy) -> list[Call]:
    bureau = Bureau(economy)
    args = (bureau.agent, 87, 0, "starred", "", "https://a.example", FILE, nonce(1))
    return [of(economy.agent_reputation, bureau.dave, "giveFeedback", *args) for _ in FOUR]


@operation("AgentReputationFacet")
def revoke_feedback(economy: Economy) -> list[Call]:
    bureau = Bureau(economy)
    for _ in FOUR:
        bureau.give(87, 0, "starred")
    return [
        of(economy.agent_reputation, bureau.dave, "revokeFeedback", bureau.agent, n + 1)
        for n in FOUR
    ]


@operation("AgentReputationFacet")
def append_response(economy: Economy) -> list[Call]:
    bureau = Bureau(economy)
    bureau.give(87, 0, "starred")
    args = (bureau.agent, bureau.dave, 1, FILE, nonce(1))
    return [of(economy.agent_reputation, bureau.alice, "appendResponse", *args) for _ in FOUR]


@operation("AgentValidationFacet")
def request_validation(economy: Economy) -> list[Call]:
    bureau = Bureau(economy)
    return [
        of(economy.agent_validation, bureau.alice, "validationRequest", bureau.dave, bureau.agent,
           FILE, nonce(n + 1))
        for n in FOUR
    ]  # fmt: skip


@operation("AgentValidationFacet")
def respond_to_validation(economy: Economy) -> list[Call]:
    bureau = Bureau(economy)
    for n in FOUR:
        bureau.ask(nonce(n + 1))
    return [
        of(economy.agent_validation, bureau.dave, "validationResponse", nonce(n + 1), 100, FILE,
           nonce(7), "hard")
        for n in FOUR
    ]  # fmt: skip
