"""Signed bytes (EIP-2718) -> a transaction the embedded EVM can apply, and its outcome."""

from __future__ import annotations

from typing import Any

from eth.vm.forks.cancun.transactions import CancunTransactionBuilder
from eth.vm.forks.prague.transactions import PragueTransactionBuilder
from eth.vm.forks.shanghai.transactions import ShanghaiTransactionBuilder
from eth_keys.exceptions import BadSignature
from eth_utils.crypto import keccak
from eth_utils.exceptions import ValidationError
from rlp.exceptions import RLPException

from harness.chain.errors import Refusal, TransactionRejected
from harness.chain.evm import Evm
from harness.chain.records import LogRecord, Receipt
from harness.protocol.addresses import checksum, create_address

_BUILDERS: dict[str, Any] = {
    "shanghai": ShanghaiTransactionBuilder,
    "cancun": CancunTransactionBuilder,
    "prague": PragueTransactionBuilder,
}


class SignedTransaction:
    """Decoded bytes: who, which nonce, what it pays, and py-evm's own object for execution."""

    def __init__(self, fork: str, chain_id: int, raw: bytes) -> None:
        self.raw = raw
        self.hash = keccak(raw)
        try:
            self.inner: Any = _BUILDERS[fork].decode(raw)
            self.sender = checksum(bytes(self.inner.sender))
        except (
            RLPException,
            ValidationError,
            BadSignature,
            ValueError,
            TypeError,
            IndexError,
        ) as bad:
            raise TransactionRejected(Refusal.OTHER, f"not a signed transaction: {bad}") from None
        signed_for = self.inner.chain_id
        if signed_for != chain_id:
            raise TransactionRejected(
                Refusal.OTHER, f"signed for chain {signed_for}, this is chain {chain_id}"
            )
        self.nonce = int(self.inner.nonce)
        self.max_fee = int(self.inner.max_fee_per_gas)
        self.priority_fee = int(self.inner.max_priority_fee_per_gas)
        self.gas = int(self.inner.gas)
        self.value = int(self.inner.value)
        self.to = checksum(bytes(self.inner.to)) if self.inner.to else None

    @property
    def most_it_can_cost(self) -> int:
        """Wei the sender must hold: value plus the whole gas limit at the maximum fee."""
        return self.value + self.gas * self.max_fee

    def run(self, evm: Evm, block_hash: bytes, index: int, first_log: int) -> Receipt:
        """Apply it to the pending block of `evm`."""
        price = min(self.max_fee, evm.base_fee + self.priority_fee)
        number = evm.block_number
        computation = evm.transact(self.inner)
        succeeded = bool(computation.is_success)
        remaining = computation.get_gas_remaining()
        spent = self.gas - remaining
        refund = min(computation.get_gas_refund(), spent // 5)
        logs = computation.get_log_entries() if succeeded else ()
        return Receipt(
            transaction=self.hash,
            succeeded=succeeded,
            block_number=number,
            block_hash=block_hash,
            sender=self.sender,
            to=self.to,
            created=create_address(self.sender, self.nonce) if self.to is None else None,
            gas_used=spent - refund + computation.data_floor_gas,
            gas_price=price,
            logs=tuple(
                LogRecord(
                    checksum(bytes(address)),
                    tuple(topic.to_bytes(32, "big") for topic in topics),
                    bytes(data),
                    number,
                    self.hash,
                    first_log + position,
                )
                for position, (address, topics, data) in enumerate(logs)
            ),
            revert_data=None if succeeded else bytes(computation.output),
        )
