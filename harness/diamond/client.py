"""What every typed client shares: reads, writes, and reverts with their Solidity names.

A client is bound to a chain and an address, and to a sender when it is to write. Its methods are
named like the Solidity functions, in snake case; they take and return base units, seconds and EIP-55
addresses, and raise ContractError with the error's name and values.
"""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from harness.chain.abi import Event, Interface
from harness.chain.errors import ContractError, NodeError
from harness.chain.interface import BlockTag, Chain
from harness.chain.records import Call, LogFilter, Receipt
from harness.errors import ConfigError
from harness.protocol.addresses import Address, to_address


class Sender(Protocol):
    """Whoever can have a transaction mined: an outbox, or an account of another tool."""

    @property
    def address(self) -> Address:
        """The account that pays and signs."""

    def execute(self, call: Call, *, key: str | None = None) -> Receipt:
        """Send and wait; ContractError when it reverts. One key is one transaction."""


class ContractClient:
    """Base of the clients; `INTERFACE` is the part of the ABI that a client speaks."""

    INTERFACE: ClassVar[Interface]

    def __init__(self, chain: Chain, address: Address, sender: Sender | None = None) -> None:
        self.chain = chain
        self.address = to_address(address)
        self._sender = sender

    @property
    def sender(self) -> Address:
        """The account behind writes."""
        return self._writer().address

    def read(self, function: str, *arguments: Any, block: BlockTag = "latest") -> Any:
        """Call a view; the decoded value, or a tuple when there are several.

        An answer that does not decode is no value: NodeError. A node that has not got so far, or is
        asked about an address without code, answers with nothing.
        """
        entry = self.INTERFACE.function(function)
        sender = self._sender.address if self._sender else None
        call = Call(self.address, entry.encode(*arguments), sender=sender)
        try:
            answer = self.chain.call(call, block)
        except ContractError as error:
            raise explain(error) from None
        try:
            return entry.decode_output(answer)
        except ValueError as bad:
            raise NodeError(f"{function} of {self.address}: {bad}"[:300]) from None

    def simulate(self, function: str, *arguments: Any) -> Any:
        """Run a write without sending it; what it would return."""
        entry = self.INTERFACE.function(function)
        call = Call(self.address, entry.encode(*arguments), sender=self.sender)
        try:
            return entry.decode_output(self.chain.call(call))
        except ContractError as error:
            raise explain(error) from None

    def write(self, function: str, *arguments: Any, key: str | None = None) -> Receipt:
        """Send a transaction and wait for it."""
        entry = self.INTERFACE.function(function)
        try:
            return self._writer().execute(Call(self.address, entry.encode(*arguments)), key=key)
        except ContractError as error:
            raise explain(error) from None

    def calldata(self, function: str, *arguments: Any) -> bytes:
        """What a write would send."""
        return self.INTERFACE.function(function).encode(*arguments)

    def event(self, receipt: Receipt, name: str) -> dict[str, Any]:
        """The values of the one such event of this contract in a receipt."""
        (found,) = self.INTERFACE.event(name).find(receipt.logs, self.address)
        return found

    def events(
        self, name: str, from_block: int, to_block: int, *topics: bytes | None
    ) -> list[dict[str, Any]]:
        """All such events of this contract in these blocks, optionally by indexed value."""
        entry: Event = self.INTERFACE.event(name)
        wanted = LogFilter(from_block, to_block, (self.address,), (entry.topic, *topics))
        return entry.find(self.chain.logs(wanted))

    def _writer(self) -> Sender:
        if self._sender is None:
            raise ConfigError(f"{type(self).__name__} was made without a sender; it can only read")
        return self._sender


def explain(error: ContractError) -> ContractError:
    """The error with its name, from every interface this package knows."""
    from harness.diamond.vocabulary import error_table  # it imports every client

    return error_table().explain(error)
