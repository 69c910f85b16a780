"""The chains that `halo` knows by name, and how a local network describes itself.

`--chain` takes a name of the table, or a JSON file as a devnet writes it:

    {"name": "devnet", "chainId": 31337, "rpcUrls": ["http://127.0.0.1:8545"],
     "usdc": {"address": "0x…", "name": "USD Coin", "version": "2"}, "vaultAddress": "0x…",
     "relayUrl": "…", "indexerUrl": "…", "facilitatorUrl": "…",
     "teeBaseUrl": "…", "teeRoot": "-----BEGIN CERTIFICATE-----…"}

All after `usdc` may be left out. `teeRoot` is the root of a devnet's simulated enclaves.

`--chain devnet` reads `devnet.json` in $FACETWORKS_STATE (else ~/.facetworks).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import ConfigError
from harness.protocol.addresses import Address, to_address
from harness.store.files import state_root

DEFAULT_RELAY = "https://relay.runhalo.xyz"
DEFAULT_INDEXER = "https://indexer.runhalo.xyz"
DEFAULT_FACILITATOR = "https://facilitator.runhalo.xyz"
DEVNET = "devnet"


@dataclass(frozen=True)
class Network:
    """A chain and its dollar; `vault`, URLs and `tee_root` only where the network comes with them."""

    name: str
    chain_id: int
    rpc_urls: tuple[str, ...]
    usdc: Address
    usdc_name: str
    usdc_version: str
    vault: Address | None = None
    relay: str | None = None
    indexer: str | None = None
    facilitator: str | None = None
    tee_base_url: str | None = None
    tee_root: str | None = None


NETWORKS = {
    n.name: n
    for n in (
        Network(
            "base",
            8453,
            ("https://mainnet.base.org",),
            "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
            "USD Coin",
            "2",
        ),
        Network(
            "base-sepolia",
            84532,
            ("https://sepolia.base.org",),
            "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
            "USDC",
            "2",
        ),
    )
}
TITLES = {"base": "Base", "base-sepolia": "Base Sepolia"}


def network(named: str) -> Network:
    """A network by name or from a file; ConfigError lists what there is."""
    if named in NETWORKS:
        return NETWORKS[named]
    path = state_root() / "devnet.json" if named == DEVNET else Path(named).expanduser()
    if named == DEVNET and not path.exists():
        raise ConfigError(f"no devnet is described in {path}; start one: facetworks devnet up")
    if not path.is_file():
        known = ", ".join([*NETWORKS, DEVNET])
        raise ConfigError(f"unknown chain {named!r}; give one of {known}, or a JSON file")
    return _from_file(path)


def _from_file(path: Path) -> Network:
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if not isinstance(found, dict):
            raise ValueError("it is no JSON object")
        usdc = found["usdc"]
        vault = found.get("vaultAddress")
        return Network(
            str(found["name"]),
            int(found["chainId"]),
            tuple(str(url) for url in found["rpcUrls"]),
            to_address(usdc["address"]),
            str(usdc["name"]),
            str(usdc["version"]),
            to_address(vault) if vault else None,
            found.get("relayUrl"),
            found.get("indexerUrl"),
            found.get("facilitatorUrl"),
            found.get("teeBaseUrl"),
            found.get("teeRoot"),
        )
    except OSError as reason:
        raise ConfigError(f"cannot read {path}: {reason.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} does not describe a chain: it is not UTF-8 text") from None
    except KeyError as missing:
        raise ConfigError(f"{path} does not describe a chain: {missing} is missing") from None
    except (ValueError, TypeError) as reason:
        raise ConfigError(f"{path} does not describe a chain: {reason}") from None
