"""A Halo home for a devnet's accounts, so that `halo` can be used with them as with one's own."""

from __future__ import annotations

from pathlib import Path

from harness.chain.keys import LocalSigner
from harness.halo.chains import Network
from harness.halo.config import (
    Chain,
    Consume,
    Facilitator,
    HaloConfig,
    Operator,
    Pricing,
    Provider,
    save,
)
from harness.halo.home import Home
from harness.halo.wallet import create

FLAT_USD_PER_1K = "0.0005"


def make_home(
    root: Path,
    signer: LocalSigner,
    key: bytes,
    network: Network,
    provider: Provider,
    consume: Consume | None,
) -> Home:
    """Write keystore (without a passphrase: the key is public) and config.json, unless they are there."""
    home = Home(root)
    if not home.keystore.exists():
        create(home.keystore, "", key)
    assert network.relay and network.indexer and network.facilitator
    config = HaloConfig(
        relay_url=network.relay,
        indexer_url=network.indexer,
        chain=Chain.of(network),
        operator=Operator(
            address=signer.address,
            keystore_path=str(home.keystore),
            label=f"devnet {root.name[5:]}",
            no_passphrase=True,
        ),
        providers=[provider],
        pricing=Pricing(mode="flat", flat_usdc_per_1k_tokens=FLAT_USD_PER_1K),  # type: ignore[arg-type]
        facilitator=Facilitator(url=network.facilitator),
        vault_address=network.vault,
        consume=consume,
    )
    save(home.config, config)
    return home
