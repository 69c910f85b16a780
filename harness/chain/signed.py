"""Signed bytes (EIP-2718) -> a transaction the embedded EVM can apply, and its outcome."""

from __future__ import annotations

from typing import Any

from eth.exceptions import UnrecognizedTransactionType
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

MAX_INIT_CODE = 49_152  # EIP-3860

_BUILDERS: dict[str, Any] = {
    "shanghai": ShanghaiTransactionBuilder,
    "cancun": CancunTransactionBuilder,
    "prague": PragueTransactionBuilder,
}


class SignedTransaction:
    """Decoded bytes: who, which nonce, what it pays, and py-evm's own object for execution."""

    def __init__(self, fork: str, chain_id: int, raw: bytes) -> None:
        self._fork = fork
        self.raw = raw
        self.hash = keccak(raw)
        try:
            self.inner: Any = _BUILDERS[fork].decode(raw)
            self.sender = checksum(bytes(self.inner.sender))
        except UnrecognizedTransactionType as bad:
            raise TransactionRejected(
                Refusal.OTHER, f"transactions of type {bad.type_int} are not known"
            ) from None
        except RLPException:  # its words are about classes of Python, which help nobody here
            raise TransactionRejected(
                Refusal.OTHER, "not a signed transaction: its RLP does not decode"
            ) from None
        except (ValidationError, BadSignature, ValueError, TypeError, IndexError):
            raise TransactionRejected(
                Refusal.OTHER, "not a signed transaction: a field or its signature is not valid"
            ) from None
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

    def check(self) -> None:
        """What holds whatever the state is; TransactionRejected else.

        py-evm leaves this to its mempool, and takes nonce and fees before it meets what is wrong.
        """
        least = max(int(self.inner.intrinsic_gas), self._floor_gas)
        if self.gas < least:
            raise TransactionRejected(
                Refusal.OTHER, f"intrinsic gas too low: {self.gas} is less than {least}"
            )
        if self.priority_fee > self.max_fee:
            raise TransactionRejected(
                Refusal.OTHER,
                f"max priority fee {self.priority_fee} is higher than max fee {self.max_fee}",
            )
        if self.to is None and len(self.inner.data) > MAX_INIT_CODE:
            raise TransactionRejected(
                Refusal.OTHER, f"init code of {len(self.inner.data)} bytes exceeds {MAX_INIT_CODE}"
            )

    @property
    def _floor_gas(self) -> int:
        """The least that calldata costs since Prague (EIP-7623)."""
        if self._fork != "prague":
            return 0
        data = bytes(self.inner.data)
        return 21_000 + 10 * (4 * len(data) - 3 * data.count(0))

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
