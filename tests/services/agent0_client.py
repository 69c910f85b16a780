"""The public ERC-8004 SDK, unchanged, in a process of its own: an agent's life on any registry.

Reads RPC_URL, CHAIN_ID, REGISTRY and three private keys from the environment; prints one JSON object with
what the SDK said. Knows nothing of Facetworks, so that it runs against other registries as well.
"""

from __future__ import annotations

import json
import os
from typing import Any

from agent0_sdk import SDK
from eth_account import Account

CHAIN = int(os.environ["CHAIN_ID"])
REGISTRY = os.environ["REGISTRY"]


def sdk(key: str | None = None) -> Any:
    overrides = {CHAIN: {"IDENTITY": REGISTRY, "REPUTATION": REGISTRY}}
    rpc = os.environ["RPC_URL"]
    return SDK(chainId=CHAIN, rpcUrl=rpc, signer=key, registryOverrides=overrides)


def main() -> None:
    owner_key, client_key, wallet_key = (
        os.environ[name] for name in ("OWNER_KEY", "CLIENT_KEY", "WALLET_KEY")
    )
    owner, client, reader = sdk(owner_key), sdk(client_key), sdk()
    client_address = Account.from_key(client_key).address
    wallet = Account.from_key(wallet_key).address
    told: dict[str, Any] = {}

    agent = owner.createAgent(
        "Weather agent", "Says what the weather is", "https://a.example/i.png"
    )
    agent.setMetadata({"version": "1.2"})  # one of the keys it looks for when it loads an agent
    agent.setMCP("https://a.example/mcp", auto_fetch=False)
    agent.setX402Support(True)
    agent.registerOnChain().wait_mined()
    told["agent"] = id_ = agent.agentId
    token = int(id_.split(":")[1])
    told["owner"] = reader.getAgentOwner(id_)
    told["first wallet"] = agent.getWallet()

    agent.setWallet(wallet, new_wallet_signer=wallet_key).wait_mined()
    told["wallet"] = agent.getWallet()

    given = client.giveFeedback(id_, 87, tag1="starred", tag2="day").wait_mined().result
    told["feedback"] = [given.value, given.tags, given.reviewer]
    registry = reader.reputation_registry.functions
    told["clients"] = registry.getClients(token).call()
    told["summary"] = registry.getSummary(token, [client_address], "", "").call()
    summarise = reader.feedback_manager.getReputationSummary
    told["sdk summary"] = summarise(id_, clientAddresses=[client_address])
    read = client.getFeedback(id_, client_address, 1)
    told["read back"] = [read.value, read.tags, read.isRevoked]
    try:
        owner.giveFeedback(id_, 100)
    except ValueError as refused:
        told["self feedback"] = str(refused)

    client.giveFeedback(id_, 99.77, tag1="uptime").wait_mined()
    told["mean"] = registry.getSummary(token, [client_address], "", "").call()
    client.revokeFeedback(id_, 1).wait_mined()
    told["after revoking"] = registry.getSummary(token, [client_address], "", "").call()

    loaded = reader.loadAgent(id_)
    told["loaded"] = [loaded.name, loaded.description, loaded.mcpEndpoint, loaded.walletAddress]
    told["metadata"] = loaded.metadata.get("version")
    agent.updateInfo(name="Storm agent")
    agent.registerOnChain().wait_mined()
    told["renamed"] = reader.loadAgent(id_).name

    agent.transfer(client_address).wait_mined()
    told["new owner"] = reader.getAgentOwner(id_)
    told["wallet after transfer"] = agent.getWallet()

    empty = owner.createAgent("Later agent", "Has no file yet")
    empty._registerWithoutUri().wait_mined()  # the first half of the SDK's IPFS flow
    told["without a file"] = [reader.loadAgent(empty.agentId).agentURI, empty.getWallet()]
    empty.unsetWallet().wait_mined()
    told["unset"] = empty.getWallet()
    print(json.dumps(told))


if __name__ == "__main__":
    main()
