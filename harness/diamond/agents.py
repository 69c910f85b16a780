"""AgentIdentityFacet: identities as ERC-8004 agents, with a URI, text-keyed metadata and a wallet."""

from __future__ import annotations

from collections.abc import Mapping

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address
from harness.protocol.agent_wallet import consent, registry_domain
from harness.protocol.authorization import DigestSigner

INTERFACE = Interface.of(
    """
function getAgentWallet(uint256 agentId) view returns (address)
function getMetadata(uint256 agentId, string metadataKey) view returns (bytes)
function isAuthorizedOrOwner(address spender, uint256 agentId) view returns (bool)
function register() returns (uint256 agentId)
function register(string agentURI, (string metadataKey, bytes metadataValue)[] metadata) returns (uint256 agentId)
function setAgentURI(uint256 agentId, string newURI)
function setAgentWallet(uint256 agentId, address newWallet, uint256 deadline, bytes signature)
function setMetadata(uint256 agentId, string metadataKey, bytes metadataValue)
function unsetAgentWallet(uint256 agentId)
event MetadataSet(uint256 indexed agentId, string indexed indexedMetadataKey, string metadataKey, bytes metadataValue)
event Registered(uint256 indexed agentId, string agentURI, address indexed owner)
event URIUpdated(uint256 indexed agentId, string newURI, address indexed updatedBy)
error DeadlineTooFar()
error NotAgentOperator()
error ReadTooLarge(uint256 max)
error ReservedKey()
error TagTooLong()
error URITooLarge()
error UnknownAgent()
error ValueTooLarge()
"""
)


class Agents(ContractClient):
    """An agent id is the identity's token id. Holder, operators and the approved account may write."""

    INTERFACE = INTERFACE

    def get_agent_wallet(self, agent: int) -> Address:
        """Where the agent is paid: its first holder at first, nobody after a transfer."""
        return str(self.read("getAgentWallet", agent))

    def get_metadata(self, agent: int, name: str) -> bytes:
        """Empty when unset."""
        return bytes(self.read("getMetadata", agent, name))

    def is_authorized_or_owner(self, spender: Address, agent: int) -> bool:
        return bool(self.read("isAuthorizedOrOwner", spender, agent))

    def register(
        self,
        uri: str = "",
        metadata: Mapping[str, bytes] | None = None,
        *,
        key: str | None = None,
    ) -> int:
        """A nameless identity for the sender; the agent."""
        signature = "register(string,(string,bytes)[])"
        receipt = self.write(signature, uri, list((metadata or {}).items()), key=key)
        return int(self.event(receipt, "Registered")["agentId"])

    def set_agent_uri(self, agent: int, uri: str, *, key: str | None = None) -> Receipt:
        """Where the registration file is; `tokenURI` answers it. Empty takes it back."""
        return self.write("setAgentURI", agent, uri, key=key)

    def set_agent_wallet(
        self,
        agent: int,
        wallet: Address,
        deadline: int,
        signature: bytes,
        *,
        key: str | None = None,
    ) -> Receipt:
        """With the wallet's consent, of at most five minutes ahead."""
        return self.write("setAgentWallet", agent, wallet, deadline, signature, key=key)

    def consent_of(self, wallet: DigestSigner, agent: int, owner: Address, deadline: int) -> bytes:
        """What the wallet signs for `set_agent_wallet`; `owner` is the agent's present holder."""
        domain = registry_domain(self.chain.chain_id, self.address)
        return consent(wallet, domain.separator, agent=agent, owner=owner, deadline=deadline)

    def set_metadata(
        self, agent: int, name: str, value: bytes, *, key: str | None = None
    ) -> Receipt:
        """Empty deletes. Not the registry's metadata, which the holder alone may write."""
        return self.write("setMetadata", agent, name, value, key=key)

    def unset_agent_wallet(self, agent: int, *, key: str | None = None) -> Receipt:
        return self.write("unsetAgentWallet", agent, key=key)
