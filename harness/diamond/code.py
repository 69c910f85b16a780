"""Whether the code at an address is what a build would have put there.

Runtime code is compared byte by byte. Code with immutables differs from the artifact, so its
constructor is run again as a call on the same chain; an immutable that holds the contract's own
address is the one difference that remains, and it is put right before comparing.
"""

from __future__ import annotations

from typing import Any

from harness.chain.errors import ContractError, NodeError, TransactionRejected
from harness.chain.interface import Chain
from harness.chain.records import Call
from harness.diamond.artifacts import ContractArtifact
from harness.protocol.addresses import Address, address_bytes, create_address, to_address

# An account without a history. Some chains let only accounts with money try a creation, hence `payer`.
_STRANGER = to_address("0x00000000000000000000000000000000c0dec0de")


def has_code_of(
    chain: Chain,
    address: Address,
    artifact: ContractArtifact,
    *arguments: Any,
    payer: Address | None = None,
) -> bool:
    """Whether this contract, made with these constructor arguments, is at the address."""
    found = chain.code(address)
    if not found:
        return False
    if found == artifact.runtime:
        return True
    triers = (_STRANGER,) if payer is None else (_STRANGER, payer)
    return any(found == _tried(chain, address, artifact, arguments, trier) for trier in triers)


def _tried(
    chain: Chain,
    address: Address,
    artifact: ContractArtifact,
    arguments: tuple[Any, ...],
    trier: Address,
) -> bytes | None:
    try:
        runtime = chain.call(Call(None, artifact.creation(*arguments), sender=trier))
    except (ContractError, NodeError, TransactionRejected, ValueError):
        return None  # it cannot be made here, or not with these arguments
    landed = create_address(trier, chain.nonce(trier))
    return runtime.replace(address_bytes(landed), address_bytes(address))
