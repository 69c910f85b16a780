"""A registry of agents with people around it, as the tests of ERC-8004 use it."""

from __future__ import annotations

from typing import Any

from tests.contracts.calls import Receipt
from tests.contracts.economy import Economy
from tests.contracts.signing import Key, separator, wallet_digest

NONE = b"\0" * 32
REGISTER = "register(string,(string,bytes)[])"
URI = "https://alice.example/agent.json"


class Bureau:
    """Alice holds the agent; bob is her operator, carol approved for it; dave, erin and frank are clients."""

    def __init__(self, economy: Economy) -> None:
        self.economy = economy
        self.identity, self.reputation = economy.agents, economy.agent_reputation
        self.validation = economy.agent_validation
        self.alice, self.bob, self.carol = (economy.address(n) for n in ("alice", "bob", "carol"))
        self.dave, self.erin, self.frank = (economy.address(n) for n in ("dave", "erin", "frank"))
        self.agent = self.register(URI)
        economy.erc721.send("setApprovalForAll", self.bob, True, sender=self.alice)
        economy.erc721.send("approve", self.carol, self.agent, sender=self.alice)

    # -- identity -----------------------------------------------------------------------------

    def register(self, uri: str = "", *entries: tuple[str, bytes], who: bytes | None = None) -> int:
        receipt = self.identity.send(REGISTER, uri, list(entries), sender=who or self.alice)
        return int(receipt.value)

    def send(self, name: str, *args: Any, sender: bytes | None = None) -> Receipt:
        return self.identity.send(name, *args, sender=sender or self.alice)

    def transfer(self, to: bytes, agent: int | None = None) -> None:
        agent = agent or self.agent
        owner = self.economy.erc721.call("ownerOf", agent)
        self.economy.erc721.send("transferFrom", owner, to, agent, sender=owner)

    def wallet(self, agent: int | None = None) -> bytes:
        return bytes(self.identity.call("getAgentWallet", agent or self.agent))

    def domain(self, name: str = "ERC8004IdentityRegistry", version: str = "1") -> bytes:
        return separator(name, version, self.economy.evm.chain_id, self.economy.diamond)

    def digest(self, wallet: bytes, deadline: int, owner: bytes | None = None) -> bytes:
        return wallet_digest(self.domain(), self.agent, wallet, owner or self.alice, deadline)

    def consent(self, wallet: Key, deadline: int, owner: bytes | None = None) -> bytes:
        return wallet.sign(self.digest(wallet.address, deadline, owner))

    def set_wallet(self, wallet: Key, sender: bytes | None = None) -> Receipt:
        owner = self.economy.erc721.call("ownerOf", self.agent)
        deadline = self.economy.now + 60
        args = (self.agent, wallet.address, deadline, self.consent(wallet, deadline, owner))
        return self.send("setAgentWallet", *args, sender=sender or owner)

    # -- reputation ---------------------------------------------------------------------------

    def give(
        self,
        value: int,
        decimals: int = 0,
        tag1: str = "",
        tag2: str = "",
        *,
        who: bytes | None = None,
        agent: int | None = None,
    ) -> Receipt:
        args = (agent or self.agent, value, decimals, tag1, tag2, "", "", NONE)
        return self.reputation.send("giveFeedback", *args, sender=who or self.dave)

    def summary(self, *clients: bytes, tag1: str = "", tag2: str = "") -> tuple[int, int, int]:
        clients = clients or (self.dave,)
        return self.reputation.call("getSummary", self.agent, list(clients), tag1, tag2)

    def respond(self, index: int, *, who: bytes, client: bytes | None = None) -> Receipt:
        args = (self.agent, client or self.dave, index, "ipfs://answer", NONE)
        return self.reputation.send("appendResponse", *args, sender=who)

    def responses(self, client: bytes, index: int, *responders: bytes) -> int:
        args = (self.agent, client, index, list(responders))
        return int(self.reputation.call("getResponseCount", *args))

    # -- validation ---------------------------------------------------------------------------

    def ask(
        self, request: bytes, *, validator: bytes | None = None, who: bytes | None = None
    ) -> Receipt:
        args = (validator or self.dave, self.agent, "ipfs://request", request)
        return self.validation.send("validationRequest", *args, sender=who or self.alice)

    def answer(
        self, request: bytes, response: int, tag: str = "", *, who: bytes | None = None
    ) -> Receipt:
        args = (request, response, "ipfs://answer", NONE, tag)
        return self.validation.send("validationResponse", *args, sender=who or self.dave)
