"""What a wallet signs to become the payment wallet of an ERC-8004 agent.

The wallet signs, not the agent's owner: nobody can point an agent at an account that has not agreed.
"""

from __future__ import annotations

from harness.protocol.addresses import Address
from harness.protocol.authorization import DigestSigner
from harness.protocol.typed_data import Domain, StructType

AGENT_WALLET_SET = StructType(
    "AgentWalletSet(uint256 agentId,address newWallet,address owner,uint256 deadline)"
)
DOMAIN_NAME = "ERC8004IdentityRegistry"
DOMAIN_VERSION = "1"
MAX_DEADLINE = 5 * 60  # seconds ahead


def registry_domain(chain_id: int, diamond: Address) -> Domain:
    """The domain of the identity registry that a Diamond is."""
    return Domain(DOMAIN_NAME, DOMAIN_VERSION, chain_id, diamond)


def consent(
    wallet: DigestSigner, separator: bytes, *, agent: int, owner: Address, deadline: int
) -> bytes:
    """65 bytes for `setAgentWallet`; `owner` is the agent's present holder."""
    values = agent, wallet.address, owner, deadline
    return wallet.sign_digest(AGENT_WALLET_SET.digest(separator, values))
