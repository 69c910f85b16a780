"""The SDK's facilitator signer over our journaled outbox.

The reference SDK reads and writes through this. Writes belong to the settlement at hand, so asking
again for the same settlement gives the same transaction and never a second one. Reverts are worded
so that the SDK recognises them, and its Multicall3 reads are answered one by one on chains that have
no Multicall3 contract.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from x402.mechanisms.evm.constants import MULTICALL3_ADDRESS
from x402.mechanisms.evm.types import TransactionReceipt

from harness.chain.abi import Function, Interface
from harness.chain.errors import ContractError
from harness.chain.interface import Chain
from harness.chain.outbox import Outbox
from harness.chain.records import Call, LogRecord
from harness.diamond.client import explain
from harness.errors import HarnessError
from harness.protocol.addresses import ZERO_ADDRESS, Address, to_address
from harness.services.facilitator.lanes import Lanes
from harness.store.database import DatabaseFailure

_IN_SDK_WORDS = {
    "AuthAlreadyUsed": "authorization is used",
    "AuthExpired": "authorization is expired",
    "AuthNotYetValid": "authorization is not yet valid",
    "BadSignature": "invalid signature",
    "InsufficientBalance": "transfer amount exceeds balance",
}
GAS_MARGIN_PERCENT = 125

_BALANCE_OF = Interface.of("function balanceOf(address account) view returns (uint256)")

_settlement: ContextVar[Settling | None] = ContextVar("settlement", default=None)
_unwritten: ContextVar[list[DatabaseFailure]] = ContextVar("unwritten")


@dataclass(frozen=True)
class Settling:
    """A settlement, and the account that alone may carry it out, if the payer named one."""

    id: bytes
    sender: Address | None = None


class CallReverted(HarnessError):
    """A revert in the words that the SDK looks for."""

    def __init__(self, error: ContractError) -> None:
        self.error = error
        words = _IN_SDK_WORDS.get(error.name or "", "")
        super().__init__(f"execution reverted: {words + '; ' if words else ''}{error}")


class TooMuchGas(HarnessError):
    """A settlement that would cost more gas than this facilitator is ready to pay."""


class JournaledSigner:
    """Implements the SDK's FacilitatorEvmSigner."""

    def __init__(self, lanes: Lanes, receipt_seconds: float, max_gas: int) -> None:
        self.lanes = lanes
        self._receipt_seconds = receipt_seconds
        self._max_gas = max_gas
        self.chain: Chain = lanes.first.chain

    @property
    def outbox(self) -> Outbox:
        """The lane of the settlement at hand; outside of one, the first."""
        settlement = _settlement.get()
        return self.lanes.first if settlement is None else self._lane(settlement)

    def _lane(self, settlement: Settling) -> Outbox:
        """One lane for everything a settlement sends: a deployment must be mined before the payment."""
        return self.lanes.for_key(_key(settlement, "pay"), settlement.sender)

    # -- which settlement a write is for ---------------------------------------------------------

    @contextmanager
    def settling(self, settlement: Settling) -> Iterator[None]:
        """Writes inside this block are the writes of one settlement.

        A journal that cannot be written ends the block with DatabaseFailure, whatever the SDK made of
        it: it says nothing about the payment, which must not be told to have failed.
        """
        failures: list[DatabaseFailure] = []
        token, unwritten = _settlement.set(settlement), _unwritten.set(failures)
        try:
            yield
        finally:
            _settlement.reset(token)
            _unwritten.reset(unwritten)
        if failures:
            raise failures[0]

    def transaction_of(self, settlement: Settling) -> bytes | None:
        """The newest or mined transaction hash of a settlement, once one was signed."""
        lane = self._lane(settlement)
        entry = lane.journal.find(self.chain.chain_id, lane.address, _key(settlement, "pay"))
        return None if entry is None else entry.hash

    # -- PendingSettlementStore: the journal already knows, so there is nothing to keep -----------

    def get(self, key: str) -> str | None:
        """The transaction that was signed for the settlement at hand, if any."""
        settlement = _settlement.get()
        transaction = self.transaction_of(settlement) if settlement else None
        return None if transaction is None else "0x" + transaction.hex()

    def set(self, key: str, tx_hash: str) -> None:
        """Nothing: the journal had it before it was sent."""

    def delete(self, key: str) -> None:
        """Nothing: the journal keeps it for good."""

    # -- FacilitatorEvmSigner ---------------------------------------------------------------------

    def get_addresses(self) -> list[str]:
        return list(self.lanes.addresses)

    def get_chain_id(self) -> int:
        return self.chain.chain_id

    def get_code(self, address: str) -> bytes:
        return self.chain.code(to_address(address.lower()))

    def get_balance(self, address: str, token_address: str) -> int:
        account = to_address(address.lower())
        if not token_address or token_address == ZERO_ADDRESS:
            return self.chain.balance(account)
        return int(self._read(token_address, _BALANCE_OF.functions[0], account))

    def read_contract(
        self, address: str, abi: list[dict[str, Any]], function_name: str, *args: Any
    ) -> Any:
        function = _function(abi, function_name, len(args))
        if to_address(address.lower()) == MULTICALL3_ADDRESS and not self.get_code(address):
            return self._one_by_one(*args)
        return self._read(address, function, *args)

    def verify_typed_data(
        self,
        address: str,
        domain: Any,
        types: dict[str, list[Any]],
        primary_type: str,
        message: dict[str, Any],
        signature: bytes,
    ) -> bool:
        from x402.mechanisms.evm.verify import verify_typed_data_strict

        return verify_typed_data_strict(
            self, address, domain, types, primary_type, message, signature
        )

    def write_contract(
        self,
        address: str,
        abi: list[dict[str, Any]],
        function_name: str,
        *args: Any,
        data_suffix: str | None = None,
    ) -> str:
        data = _function(abi, function_name, len(args)).encode(*args)
        if data_suffix:
            data += bytes.fromhex(data_suffix.removeprefix("0x"))
        return self._send(Call(to_address(address.lower()), data), "pay")

    def send_transaction(self, to: str, data: bytes) -> str:
        """The only raw transaction of the SDK: deploying a payer's account (ERC-6492)."""
        return self._send(Call(to_address(to.lower()), data), "deploy")

    def wait_for_transaction_receipt(self, tx_hash: str) -> TransactionReceipt:
        entry = self.outbox.journal.by_hash(bytes.fromhex(tx_hash[2:]))
        if entry is None:
            raise LookupError(f"transaction {tx_hash} was not sent from here")
        try:
            receipt = self.outbox.wait(entry, self._receipt_seconds)
        except DatabaseFailure as failure:
            _unwritten.get().append(failure)
            raise
        return TransactionReceipt(
            status=1 if receipt.succeeded else 0,
            block_number=receipt.block_number,
            tx_hash="0x" + receipt.transaction.hex(),
            logs=[_sdk_log(log) for log in receipt.logs],
        )

    def pay(self, call: Call) -> str:
        """Send the payment transaction of the settlement at hand; its hash."""
        return self._send(call, "pay")

    # -- how ----------------------------------------------------------------------------------

    def _send(self, call: Call, purpose: str) -> str:
        settlement = _settlement.get()
        if settlement is None:
            raise RuntimeError("a write outside of a settlement")
        try:
            return self._sent(settlement, call, purpose)
        except DatabaseFailure as failure:
            _unwritten.get().append(failure)
            raise

    def _sent(self, settlement: Settling, call: Call, purpose: str) -> str:
        key = _key(settlement, purpose)
        if not self._known(key):
            try:
                call = replace(call, gas=self._gas_limit(call))
            except CallReverted:
                # What would revert now may be what another process of this account has just done.
                if not self._known(key):
                    raise
        return "0x" + self.outbox.send(call, key=key).hash.hex()

    def _known(self, key: str) -> bool:
        journal = self.outbox.journal
        return journal.find(self.chain.chain_id, self.outbox.address, key) is not None

    def _gas_limit(self, call: Call) -> int:
        try:
            estimate = self.chain.estimate_gas(replace(call, sender=self.outbox.address))
        except ContractError as error:
            raise CallReverted(explain(error)) from None
        if estimate > self._max_gas:
            raise TooMuchGas(f"settling needs {estimate} gas, the limit is {self._max_gas}")
        return min(estimate * GAS_MARGIN_PERCENT // 100, self._max_gas)

    def _read(self, address: str, function: Function, *args: Any) -> Any:
        call = Call(
            to_address(address.lower()),
            function.encode(*args),
            sender=self.outbox.address,
            gas=self._max_gas,
        )
        try:
            return function.decode_output(self.chain.call(call))
        except ContractError as error:
            raise CallReverted(explain(error)) from None

    def _one_by_one(
        self, require_success: bool, calls: Sequence[tuple[str, bytes]]
    ) -> list[tuple[bool, bytes]]:
        results: list[tuple[bool, bytes]] = []
        for target, data in calls:
            call = Call(to_address(target.lower()), data, sender=self.outbox.address)
            try:
                results.append((True, self.chain.call(call)))
            except ContractError as error:
                if require_success:
                    raise CallReverted(explain(error)) from None
                results.append((False, error.data))
        return results


def _key(settlement: Settling, purpose: str) -> str:
    return f"settle:{settlement.id.hex()}:{purpose}"


def _function(abi: Sequence[Mapping[str, Any]], name: str, arguments: int) -> Function:
    for function in Interface.from_json(abi).functions:
        if function.name == name and len(function.declaration.inputs) == arguments:
            return function
    raise LookupError(f"no function {name} with {arguments} arguments")


def _sdk_log(log: LogRecord) -> dict[str, Any]:
    return {
        "address": log.address,
        "topics": ["0x" + topic.hex() for topic in log.topics],
        "data": "0x" + log.data.hex(),
    }
