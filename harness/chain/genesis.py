"""The state of an embedded chain as a document, and back: what a deployed economy looks like at rest.

Sending fifty deployments takes seconds, putting the accounts they leave into a new chain takes none. A
document is taken only when it gives the very state root it was made from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from harness.chain.embedded import EmbeddedChain
from harness.protocol.addresses import Address, address_bytes, checksum

_COINBASE = b"\xc0" * 20


def export_state(chain: EmbeddedChain, also: Iterable[Address] = ()) -> dict[str, Any]:
    """Every account that transactions of this chain touched, and those named."""
    evm = chain.evm
    known = evm.accounts_with_storage() | {address_bytes(a) for a in also} | {_COINBASE}
    for number in range(chain.block().number + 1):
        for transaction in chain.block(number).transactions:
            receipt = chain.receipt(transaction)
            assert receipt is not None
            involved = (receipt.sender, receipt.to, receipt.created)
            known |= {address_bytes(a) for a in involved if a is not None}
            known |= {address_bytes(log.address) for log in receipt.logs}
    accounts = {
        checksum(address): {
            "balance": str(evm.balance(address)),
            "nonce": evm.nonce(address),
            "code": evm.code(address).hex(),
            "storage": {hex(k): hex(v) for k, v in evm.storage(address).items()},
        }
        for address in sorted(known)
    }
    empty = {"balance": "0", "nonce": 0, "code": "", "storage": {}}
    return {
        "root": evm.root().hex(),
        "accounts": {name: account for name, account in accounts.items() if account != empty},
    }


def import_state(chain: EmbeddedChain, document: Mapping[str, Any]) -> None:
    """Put the accounts of a document into a new chain; ValueError when they do not give its root."""
    for name, account in document["accounts"].items():
        chain.evm.place(
            address_bytes(name),
            balance=int(account["balance"]),
            nonce=account["nonce"],
            code=bytes.fromhex(account["code"]),
            storage={int(k, 16): int(v, 16) for k, v in account["storage"].items()},
        )
    if chain.evm.root().hex() != document["root"]:
        raise ValueError("the accounts do not give the recorded state root")
