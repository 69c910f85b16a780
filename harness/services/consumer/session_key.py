"""The key that signs reservations and receipts: the wallet itself, or one derived from its signature.

The derived one is the same in a browser and here, because both ask the wallet to sign the same text.
"""

from __future__ import annotations

from eth_utils.crypto import keccak

from harness.chain.keys import LocalSigner
from harness.protocol.addresses import Address
from harness.protocol.authorization import DigestSigner
from harness.protocol.personal import personal_digest

WALLET, BROWSER = "wallet", "browser"


def derivation_text(owner: Address) -> str:
    """What a wallet signs so that its session key can be derived. Signing it anywhere else gives the key away."""
    return (
        "Halo session key\n\nSign only on a page or program you trust: whoever has this signature can "
        f"reserve and spend what {owner.lower()} has in the Halo vault.\n\nversion 1"
    )


def session_signer(wallet: DigestSigner, kind: str) -> DigestSigner:
    """The session key of a wallet; kind is `wallet` or `browser`."""
    if kind == WALLET:
        return wallet
    signature = wallet.sign_digest(personal_digest(derivation_text(wallet.address)))
    return LocalSigner(keccak(signature + wallet.address.lower().encode()))
