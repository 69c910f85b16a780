"""Agents, what is said about them, and who checked their work."""

from __future__ import annotations

from typing import Any

from tests.contracts.calls import Receipt
from tests.contracts.signing import nonce, separator, wallet_digest
from tests.contracts.tour.walk import Walk

REGISTER = "register(string,(string,bytes)[])"


class Agents(Walk):
    def agents(self) -> None:
        e = self.economy
        alice = e.address("alice")
        carol, dave = e.address("carol"), e.address("dave")  # bob is an operator of hers

        def identity(name: str, *args: Any, sender: bytes = alice) -> Receipt:
            return self.send("AgentIdentityFacet", e.agents, name, *args, sender=sender)

        # Whoever registers pays; the first of an account becomes its main identity.
        newcomer = b"\x0a" * 20
        e.credits.send("transfer", newcomer, 100, sender=alice)
        e.credits.send("approve", e.diamond, 100, sender=newcomer)
        identity("register()", sender=newcomer)
        entries = [("model", b"small"), ("terms", b"x" * 70)]
        agent = identity(REGISTER, "ipfs://an-agent-file-with-a-long-name", entries).value
        self.send("RegistryFacet", e.registry, "register", "ipfs://another", sender=alice)
        identity("setAgentURI", agent, "data:application/json;base64,e30=")
        identity("setAgentURI", 1, "ipfs://for-a-name")
        identity("setMetadata", agent, "model", b"")
        domain = separator("ERC8004IdentityRegistry", "1", e.evm.chain_id, e.diamond)
        wallet, deadline = e.keys["frank"], e.now + 300
        consent = wallet.sign(wallet_digest(domain, agent, wallet.address, alice, deadline))
        identity("setAgentWallet", agent, wallet.address, deadline, consent)
        identity("unsetAgentWallet", agent)
        self.reviews(agent, carol, dave)
        self.validations(agent, carol)

    def reviews(self, agent: int, client: bytes, other: bytes) -> None:
        e = self.economy

        def reputation(name: str, *args: Any, sender: bytes = client) -> Receipt:
            facet = e.agent_reputation
            return self.send("AgentReputationFacet", facet, name, *args, sender=sender)

        for value, decimals, tag in ((87, 0, "starred"), (-9_977, 2, ""), (5, 18, "t" * 40)):
            args = (agent, value, decimals, tag, "day", "https://x", "ipfs://y", nonce(value % 7))
            reputation("giveFeedback", *args)
            reputation("giveFeedback", *args, sender=other)
        reputation("revokeFeedback", agent, 2)
        for index in (1, 1, 2):
            args = (agent, client, index, "ipfs://answer", nonce(9))
            reputation("appendResponse", *args, sender=other)

    def validations(self, agent: int, validator: bytes) -> None:
        e, alice = self.economy, self.economy.address("alice")
        facet = e.agent_validation
        for number in range(1, 4):
            args = (validator, agent, "ipfs://request", nonce(number))
            self.send("AgentValidationFacet", facet, "validationRequest", *args, sender=alice)
        for number, tag in ((1, "soft"), (1, ""), (2, "x" * 50)):
            args = (nonce(number), 90 + number, "ipfs://answer", nonce(number), tag)
            self.send("AgentValidationFacet", facet, "validationResponse", *args, sender=validator)
