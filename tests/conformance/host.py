"""The chain these tests expect: fixed block and transaction values, ten rich accounts, one block a message."""

from __future__ import annotations

from typing import Any

from eth.vm.execution_context import ExecutionContext

from harness.chain.evm import Evm, Outcome

GAS = 100_000_000
_BLOCK_GAS = 20_000_000
_COINBASE = b"\x78" * 20
_ORIGIN = b"\x92" * 20
_GAS_PRICE = 3_000_000_000
_BASE_FEE = 7
_RANDAO = bytes.fromhex("a86c2e601b6c44eb4848f7d23d9df3113fbcac42041c49cbed5000cb4f118777")
_HASHES = int.from_bytes(b"\x37" * 32, "big")
_BLOBS = tuple(b"\x01" + bytes(30) + bytes([n]) for n in (1, 2))
_BLOCK_SECONDS = 15


def account(index: int) -> bytes:
    """The address of one of the accounts."""
    first = int("1212121212121212121212121212120000000012", 16)
    return (first + index * 0x1000).to_bytes(20, "big")


class Host(Evm):
    """`send` and `create` mine a block first. `sender` is who sends."""

    def __init__(self, fork: str) -> None:
        super().__init__(fork, chain_id=1)
        self._block_number = 0
        self.timestamp = 0
        self.sender = account(0)
        for index in range(10):
            self.fund(account(index), 2**100)
        for number in range(1, 9):
            self.fund(number.to_bytes(20, "big"), 1)

    def _context(self) -> ExecutionContext:
        return ExecutionContext(
            coinbase=_COINBASE,  # type: ignore[arg-type]
            timestamp=self._timestamp,
            block_number=self._block_number,  # type: ignore[arg-type]
            difficulty=0,
            mix_hash=_RANDAO,  # type: ignore[arg-type]
            gas_limit=_BLOCK_GAS,
            prev_hashes=_Hashes(self._block_number),
            chain_id=self.chain_id,
            base_fee_per_gas=_BASE_FEE,
            excess_blob_gas=0,
        )

    def _run(self, message: Any, apply: Any) -> Any:
        # py-evm keeps EIP-6780's list per transaction only where the sender is the origin.
        self._computation.contracts_created = []
        known = (n.to_bytes(20, "big") for n in range(1, 18))
        for address in (message.sender, message.storage_address, _COINBASE, *known):
            self.state.mark_address_warm(address)
        context = self.state.transaction_context_class(
            gas_price=_GAS_PRICE, origin=_ORIGIN, blob_versioned_hashes=_BLOBS
        )
        return apply(self.state, message, context)

    def create(self, code: bytes, wei: int) -> Outcome:
        self.mine(seconds=_BLOCK_SECONDS)
        if not self.state.get_nonce(self.sender):
            self.state.increment_nonce(self.sender)
        return self.deploy(code, sender=self.sender, value=wei, gas=GAS)

    def send(self, to: bytes, data: bytes, wei: int) -> Outcome:
        self.mine(seconds=_BLOCK_SECONDS)
        return self.call(to, data, sender=self.sender, value=wei, gas=GAS)


class _Hashes:
    """Hashes of the last 256 blocks."""

    def __init__(self, block_number: int) -> None:
        self._block_number = block_number

    def __iter__(self) -> Any:
        for number in range(self._block_number - 1, max(-1, self._block_number - 257), -1):
            yield ((_HASHES + number) % 2**256).to_bytes(32, "big")
