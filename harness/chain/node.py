"""Any JSON-RPC node as a Chain: hex in, values out, node messages turned into our errors.

A node is believed about the chain and about nothing else: an answer that is malformed, or is to another
question than the one asked, is a NodeError like no answer at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from eth_utils.crypto import keccak

from harness.chain.errors import (
    ContractError,
    NodeError,
    Refusal,
    TransactionRejected,
)
from harness.chain.interface import BlockTag
from harness.chain.json_rpc import Transport
from harness.chain.records import Block, Call, Fees, LogFilter, LogRecord, Receipt
from harness.chain.reverts import BUILT_IN_ERRORS
from harness.protocol.addresses import Address, to_address

LOG_RANGE = 2_000  # blocks per eth_getLogs request; public nodes refuse much more
LEAST_PRIORITY_FEE = 1_000_000

_REFUSALS = tuple(
    (re.compile(words, re.IGNORECASE), refusal)
    for words, refusal in (
        (r"nonce too low|nonce is too low|invalid nonce|old nonce", Refusal.NONCE_TOO_LOW),
        (r"underpriced|fee too low|gas price too low|block base fee", Refusal.UNDERPRICED),
        (r"insufficient funds|insufficient balance|upfront cost", Refusal.INSUFFICIENT_FUNDS),
    )
)
_KNOWN = re.compile(
    r"already known|already imported|already exists|known transaction", re.IGNORECASE
)
_REVERTED = re.compile(r"revert|invalid opcode|out of gas|stack underflow|bad jump", re.IGNORECASE)
_HEX = re.compile(r"0x[0-9a-fA-F]*")


class NodeChain:
    """A Chain over a JSON-RPC transport."""

    def __init__(self, transport: Transport, expected_chain_id: int | None = None) -> None:
        self.transport = transport
        self._expected = expected_chain_id

    @cached_property
    def chain_id(self) -> int:
        found = self._number("eth_chainId")
        if self._expected is not None and found != self._expected:
            raise NodeError(f"the node serves chain {found}, expected {self._expected}")
        return found

    # -- reads ---------------------------------------------------------------------------------

    def block(self, tag: BlockTag = "latest") -> Block:
        found = self.transport.request("eth_getBlockByNumber", [_tag(tag), False])
        if found is None:
            raise KeyError(f"no block {tag}")
        with _reading("eth_getBlockByNumber"):
            block = Block(
                number=int(found["number"], 16),
                hash=_bytes(found.get("hash") or "0x"),
                timestamp=int(found["timestamp"], 16),
                base_fee=int(found.get("baseFeePerGas") or "0x0", 16),
                gas_limit=int(found["gasLimit"], 16),
                gas_used=int(found["gasUsed"], 16),
                transactions=tuple(_bytes(t) for t in found["transactions"]),
            )
        if isinstance(tag, int) and block.number != tag:
            raise NodeError(f"asked for block {tag}, the node answered with {block.number}")
        return block

    def balance(self, address: Address) -> int:
        return self._number("eth_getBalance", address, "latest")

    def nonce(self, address: Address, pending: bool = False) -> int:
        tag = "pending" if pending else "latest"
        return self._number("eth_getTransactionCount", address, tag)

    def code(self, address: Address) -> bytes:
        return self._data("eth_getCode", address, "latest")

    def storage(self, address: Address, slot: int) -> int:
        return self._number("eth_getStorageAt", address, hex(slot), "latest")

    def call(self, call: Call, block: BlockTag = "latest") -> bytes:
        try:
            return self._data("eth_call", _message(call), _tag(block))
        except NodeError as error:
            raise _as_revert(error) from None

    def estimate_gas(self, call: Call) -> int:
        try:
            return self._number("eth_estimateGas", _message(call))
        except NodeError as error:
            raise _as_revert(error) from None

    def fees(self) -> Fees:
        try:
            tip = self._number("eth_maxPriorityFeePerGas")
        except NodeError as error:
            if error.code is None:
                raise
            tip = LEAST_PRIORITY_FEE  # a method that not every node has
        return Fees(self.block().base_fee, max(tip, LEAST_PRIORITY_FEE))

    def receipt(self, transaction: bytes) -> Receipt | None:
        found = self.transport.request("eth_getTransactionReceipt", ["0x" + transaction.hex()])
        if found is None:
            return None
        with _reading("eth_getTransactionReceipt"):
            if found.get("blockNumber") is None:
                return None
            if _bytes(found["transactionHash"]) != transaction:
                raise ValueError("of another transaction")
            created = found.get("contractAddress")
            return Receipt(
                transaction=transaction,
                succeeded=int(found["status"], 16) == 1,
                block_number=int(found["blockNumber"], 16),
                block_hash=_bytes(found["blockHash"]),
                sender=to_address(found["from"]),
                to=to_address(found["to"]) if found.get("to") else None,
                created=to_address(created) if created else None,
                gas_used=int(found["gasUsed"], 16),
                gas_price=int(found.get("effectiveGasPrice") or "0x0", 16),
                logs=tuple(map(_log, found.get("logs", ()))),
            )

    def logs(self, wanted: LogFilter) -> Sequence[LogRecord]:
        found: list[LogRecord] = []
        first = wanted.from_block
        while first <= wanted.to_block:
            last = min(first + LOG_RANGE - 1, wanted.to_block)
            query: dict[str, Any] = {"fromBlock": hex(first), "toBlock": hex(last)}
            if wanted.addresses:
                query["address"] = list(wanted.addresses)
            if wanted.topics:
                query["topics"] = [t if t is None else "0x" + t.hex() for t in wanted.topics]
            answer = self.transport.request("eth_getLogs", [query])
            with _reading("eth_getLogs"):
                logs = list(map(_log, answer))
                if not all(first <= log.block_number <= last for log in logs):
                    raise ValueError("of other blocks")
            found.extend(logs)
            first = last + 1
        return found

    def _number(self, method: str, *params: Any) -> int:
        answer = self.transport.request(method, list(params))
        with _reading(method):
            return int(answer, 16)

    def _data(self, method: str, *params: Any) -> bytes:
        answer = self.transport.request(method, list(params))
        with _reading(method):
            return _bytes(answer)

    # -- writes --------------------------------------------------------------------------------

    def broadcast(self, raw: bytes) -> bytes:
        transaction = keccak(raw)
        try:
            self.transport.request("eth_sendRawTransaction", ["0x" + raw.hex()])
        except NodeError as error:
            if error.code is None:
                raise
            if _KNOWN.search(error.message):
                return transaction
            refusal = _refusal(error.message)
            # A node that has already mined these very bytes also says "nonce too low".
            if refusal is Refusal.NONCE_TOO_LOW and self._has_seen(transaction):
                return transaction
            raise TransactionRejected(refusal, error.message) from None
        return transaction

    def _has_seen(self, transaction: bytes) -> bool:
        name = "0x" + transaction.hex()
        return self.transport.request("eth_getTransactionByHash", [name]) is not None


@contextmanager
def _reading(method: str) -> Iterator[None]:
    """What is not in the form that a method documents is no answer."""
    try:
        yield
    except (TypeError, ValueError, LookupError, AttributeError) as bad:
        raise NodeError(f"the answer to {method} is not one: {bad}"[:200]) from None


def _refusal(message: str) -> Refusal:
    return next((kind for words, kind in _REFUSALS if words.search(message)), Refusal.OTHER)


def _as_revert(error: NodeError) -> NodeError | ContractError | TransactionRejected:
    """A failed eth_call: a revert when the node says so, otherwise what it was."""
    data = _revert_data(error.data)
    if data is not None:
        return BUILT_IN_ERRORS.decode(data)
    if error.code == 3 or _REVERTED.search(error.message):
        return ContractError(b"", note=error.message)
    if _refusal(error.message) is Refusal.INSUFFICIENT_FUNDS:
        return TransactionRejected(Refusal.INSUFFICIENT_FUNDS, error.message)
    return error


def _revert_data(data: Any) -> bytes | None:
    """Nodes put revert data in `data`, in `data.data`, or behind the word Reverted in a text."""
    if isinstance(data, Mapping):
        inner = data.get("data", data.get("result"))
        return _revert_data(inner) if inner is not None else None
    if isinstance(data, str) and (match := _HEX.search(data)):
        digits = match.group()[2:]
        return bytes.fromhex(digits) if len(digits) % 2 == 0 else None
    return None


def _message(call: Call) -> dict[str, str]:
    message = {"data": "0x" + call.data.hex(), "value": hex(call.value)}
    if call.to is not None:
        message["to"] = call.to
    if call.sender is not None:
        message["from"] = call.sender
    if call.gas is not None:
        message["gas"] = hex(call.gas)
    return message


def _log(entry: Mapping[str, Any]) -> LogRecord:
    return LogRecord(
        to_address(entry["address"]),
        tuple(_bytes(topic) for topic in entry["topics"]),
        _bytes(entry["data"]),
        int(entry["blockNumber"], 16),
        _bytes(entry["transactionHash"]),
        int(entry["logIndex"], 16),
    )


def _tag(tag: BlockTag) -> str:
    return hex(tag) if isinstance(tag, int) else tag


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])
