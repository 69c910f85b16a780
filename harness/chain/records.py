"""What goes into a chain and what comes out, as plain values. Amounts in wei, times in seconds."""

from __future__ import annotations

from dataclasses import dataclass

from harness.protocol.addresses import Address


@dataclass(frozen=True)
class Call:
    """A message: to a contract, or creation code when `to` is None."""

    to: Address | None
    data: bytes = b""
    value: int = 0
    sender: Address | None = None
    gas: int | None = None


@dataclass(frozen=True)
class Fees:
    """EIP-1559 prices in wei per gas: the base fee of the next block and a tip worth offering."""

    base_fee: int
    priority_fee: int


@dataclass(frozen=True)
class Block:
    number: int
    hash: bytes
    timestamp: int
    base_fee: int
    gas_limit: int
    gas_used: int
    transactions: tuple[bytes, ...]


@dataclass(frozen=True)
class LogRecord:
    """One event record; `topics` are 32-byte words."""

    address: Address
    topics: tuple[bytes, ...]
    data: bytes
    block_number: int
    transaction: bytes
    index: int


@dataclass(frozen=True)
class Receipt:
    """The outcome of a mined transaction. `revert_data` is known only where the chain tells it."""

    transaction: bytes
    succeeded: bool
    block_number: int
    block_hash: bytes
    sender: Address
    to: Address | None
    created: Address | None
    gas_used: int
    gas_price: int
    logs: tuple[LogRecord, ...]
    revert_data: bytes | None = None


@dataclass(frozen=True)
class LogFilter:
    """Which logs: emitters (empty = any), topics by position (None = any), blocks inclusive."""

    from_block: int
    to_block: int
    addresses: tuple[Address, ...] = ()
    topics: tuple[bytes | None, ...] = ()

    def accepts(self, log: LogRecord) -> bool:
        if not self.from_block <= log.block_number <= self.to_block:
            return False
        if self.addresses and log.address not in self.addresses:
            return False
        if len(self.topics) > len(log.topics):
            return False
        return all(
            wanted is None or wanted == found
            for wanted, found in zip(self.topics, log.topics, strict=False)
        )
