"""One interface over every chain: in-process py-evm, anvil, or any JSON-RPC node.

Reads at "latest" see the newest mined block. A reverting `call` or `estimate_gas` raises
ContractError; a node that cannot answer raises NodeError: a failed read is never an empty answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, runtime_checkable

from harness.chain.records import Block, Call, Fees, LogFilter, LogRecord, Receipt
from harness.protocol.addresses import Address

BlockTag = int | Literal["latest", "pending"]


class Chain(Protocol):
    """What every chain can do."""

    @property
    def chain_id(self) -> int:
        """EIP-155 chain id."""

    def block(self, tag: BlockTag = "latest") -> Block:
        """A block by number, or the newest one; KeyError when there is no such block."""

    def balance(self, address: Address) -> int:
        """Wei."""

    def nonce(self, address: Address, pending: bool = False) -> int:
        """Mined transactions of the account; with `pending` also those waiting in the pool."""

    def code(self, address: Address) -> bytes:
        """Runtime code; empty when there is no contract."""

    def storage(self, address: Address, slot: int) -> int:
        """One storage word."""

    def call(self, call: Call, block: BlockTag = "latest") -> bytes:
        """Run a message and forget its effects; creation code answers the runtime code."""

    def estimate_gas(self, call: Call) -> int:
        """A gas limit under which this call succeeds now."""

    def fees(self) -> Fees:
        """Prices for the next block."""

    def broadcast(self, raw: bytes) -> bytes:
        """Hand over signed bytes (EIP-2718) and return their hash.

        Known or already mined bytes are accepted again, so sending twice is harmless.
        Raises TransactionRejected when they can never be mined as they are.
        """

    def receipt(self, transaction: bytes) -> Receipt | None:
        """The outcome, or None while the transaction is not mined."""

    def logs(self, wanted: LogFilter) -> Sequence[LogRecord]:
        """Event records in chain order."""


@runtime_checkable
class DevChain(Chain, Protocol):
    """A chain we own: its clock, balances and code can be set. Never a live network."""

    def advance(self, seconds: int) -> None:
        """Move the clock forward and mine one block, so that reads see the new time."""

    def set_time(self, timestamp: int) -> None:
        """Mine one block at this time; must be later than the newest block."""

    def mine(self, blocks: int = 1) -> None:
        """Mine blocks; the first one takes what waits in the pool."""

    def set_automine(self, enabled: bool) -> None:
        """Whether each accepted transaction is mined at once (the default)."""

    def snapshot(self) -> object:
        """A point to come back to."""

    def revert(self, mark: object) -> None:
        """Come back to a snapshot; it can be used again."""

    def set_balance(self, address: Address, wei: int) -> None:
        """Set an account's balance."""

    def set_code(self, address: Address, code: bytes) -> None:
        """Place runtime code, for singletons that live at canonical addresses."""
