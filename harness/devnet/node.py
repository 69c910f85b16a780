"""The embedded chain as a JSON-RPC node: what web3, viem and our own services ask of one."""

from __future__ import annotations

import inspect
import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from eth_utils.crypto import keccak

from harness.chain.embedded import EmbeddedChain
from harness.chain.errors import ChainError, ContractError, NodeError, TransactionRejected
from harness.chain.records import Block, LogFilter, LogRecord, Receipt
from harness.chain.signed import SignedTransaction
from harness.devnet import reading
from harness.devnet.history import History
from harness.devnet.reading import BadParams

CLIENT = "facetworks-devnet/1"
MOST_BLOCKS_MINED = 10_000  # by one request: half a second
MOST_FEE_BLOCKS, MOST_PERCENTILES = 1_024, 100  # as other nodes bound eth_feeHistory
MOST_ADDRESSES = 1_000
_BAD_PARAMS, _NO_METHOD, _INTERNAL, _FAILED, _REVERTED = -32602, -32601, -32603, -32000, 3

_log = logging.getLogger(__name__)


class DevNode:
    """Answers requests one at a time. Its clock is the machine's, its blocks come with transactions.

    It has the one method of `harness.chain.json_rpc.Transport`, so `NodeChain(DevNode(chain))` is the
    chain without a network in between.
    """

    def __init__(
        self,
        chain: EmbeddedChain,
        history: History | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.chain = chain
        self._history = history
        self._clock = clock
        self._shift = 0
        self._next_time: int | None = None
        self._lock = threading.RLock()
        self._marks: list[tuple[object, int]] = []
        self._methods: dict[str, Callable[..., Any]] = {
            name.removeprefix("_do_"): getattr(self, name)
            for name in dir(self)
            if name.startswith("_do_")
        }
        for name in ("setBalance", "setCode"):
            self._methods[f"hardhat_{name}"] = self._methods[f"anvil_{name}"]
        self._shapes = {name: inspect.signature(work) for name, work in self._methods.items()}

    @property
    def methods(self) -> list[str]:
        """The names of what is served."""
        return sorted(self._methods)

    def request(self, method: str, params: Sequence[Any] = ()) -> Any:
        """The result of a method; NodeError carries the code, message and data of an error object."""
        work = self._methods.get(method)
        if work is None:
            raise NodeError(f"the method {reading.shown(method)} is not here", _NO_METHOD)
        try:
            self._shapes[method].bind(*params)
        except TypeError:
            raise NodeError(f"{method} does not take {len(params)} params", _BAD_PARAMS) from None
        with self._lock:
            try:
                return work(*params)
            except ContractError as reverted:
                raise NodeError(
                    f"execution reverted: {reverted}", _REVERTED, "0x" + reverted.data.hex()
                ) from None
            except TransactionRejected as refused:
                raise NodeError(str(refused), _FAILED) from None
            except BadParams as bad:
                raise NodeError(f"{method}: {bad}", _BAD_PARAMS) from None
            except Exception:  # a mistake of ours: the log says which, and the node goes on
                _log.exception("a request failed", extra={"method": method})
                raise NodeError(f"{method}: internal error", _INTERNAL) from None

    def beat(self) -> None:
        """An empty block, as a chain with a block time has them."""
        with self._lock:
            self._mine()

    def close(self) -> None:
        """Record how high the chain is; the history is complete without it, but for empty blocks."""
        with self._lock:
            if self._history is not None:
                self._history.add({"height": self.chain.block().number})
                self._history.close()
                self._history = None

    # -- reads ---------------------------------------------------------------------------------

    def _do_web3_clientVersion(self) -> str:
        return CLIENT

    def _do_net_version(self) -> str:
        return str(self.chain.chain_id)

    def _do_eth_chainId(self) -> str:
        return hex(self.chain.chain_id)

    def _do_eth_syncing(self) -> bool:
        return False

    def _do_eth_accounts(self) -> list[str]:
        return []

    def _do_eth_blockNumber(self) -> str:
        return hex(self.chain.block().number)

    def _do_eth_getBlockByNumber(self, tag: Any = "latest", full: Any = False) -> Any:
        number, whole = self._number(tag), reading.flag(full, "whether transactions are whole")
        if number > self.chain.block().number:
            return None
        return self._block(self.chain.block(number), whole)

    def _do_eth_getBlockByHash(self, name: Any, full: Any = False) -> Any:
        whole = reading.flag(full, "whether transactions are whole")
        found = self._named(reading.word(name, "the hash"))
        return None if found is None else self._block(found, whole)

    def _do_eth_getBalance(self, address: Any, tag: Any = "latest") -> str:
        self._newest(tag)
        return hex(self.chain.balance(reading.address(address, "the account")))

    def _do_eth_getTransactionCount(self, address: Any, tag: Any = "latest") -> str:
        self._newest(tag)
        account = reading.address(address, "the account")
        return hex(self.chain.nonce(account, pending=tag == "pending"))

    def _do_eth_getCode(self, address: Any, tag: Any = "latest") -> str:
        self._newest(tag)
        return "0x" + self.chain.code(reading.address(address, "the account")).hex()

    def _do_eth_getStorageAt(self, address: Any, slot: Any, tag: Any = "latest") -> str:
        self._newest(tag)
        account = reading.address(address, "the account")
        word = self.chain.storage(account, reading.number(slot, "the slot"))
        return "0x" + word.to_bytes(32, "big").hex()

    def _do_eth_call(self, message: Any, tag: Any = "latest", *_: Any) -> str:
        self._newest(tag)
        wanted = reading.call(message)
        self._follow()
        return "0x" + self.chain.call(wanted, "pending").hex()

    def _do_eth_estimateGas(self, message: Any, *_: Any) -> str:
        wanted = reading.call(message)
        self._follow()
        return hex(self.chain.estimate_gas(wanted))

    def _do_eth_gasPrice(self) -> str:
        fees = self.chain.fees()
        return hex(fees.base_fee + fees.priority_fee)

    def _do_eth_maxPriorityFeePerGas(self) -> str:
        return hex(self.chain.fees().priority_fee)

    def _do_eth_feeHistory(self, count: Any, newest: Any, percentiles: Any = None) -> Any:
        last = min(self._number(newest), self.chain.block().number)
        blocks = min(reading.number(count, "the count"), last + 1, MOST_FEE_BLOCKS)
        if percentiles is not None:
            percentiles = reading.items(percentiles, "percentiles", MOST_PERCENTILES)
        fees = self.chain.fees()
        answer: dict[str, Any] = {
            "oldestBlock": hex(last - blocks + 1),
            "baseFeePerGas": [hex(fees.base_fee)] * (blocks + 1),
            "gasUsedRatio": [
                self.chain.block(n).gas_used / self.chain.block(n).gas_limit
                for n in range(last - blocks + 1, last + 1)
            ],
        }
        if percentiles:
            answer["reward"] = [[hex(fees.priority_fee)] * len(percentiles)] * blocks
        return answer

    def _do_eth_getTransactionByHash(self, name: Any) -> Any:
        found = self.chain.transaction(reading.word(name, "the hash"))
        return None if found is None else self._transaction(found)

    def _do_eth_getTransactionReceipt(self, name: Any) -> Any:
        found = self.chain.receipt(reading.word(name, "the hash"))
        return None if found is None else self._receipt(found)

    def _do_eth_getLogs(self, query: Any) -> Any:
        asked = reading.members(query, "the filter")
        named = asked.get("address")
        listed = [] if named is None else [named] if isinstance(named, str) else named
        addresses = reading.items(listed, "address", MOST_ADDRESSES)
        first, last = self._range(asked)
        wanted = LogFilter(first, last, tuple(reading.address(one, "address") for one in addresses))
        choices = reading.topics([] if asked.get("topics") is None else asked["topics"])
        return [self._log(log) for log in self.chain.logs(wanted) if _matches(log, choices)]

    # -- writes --------------------------------------------------------------------------------

    def _do_eth_sendRawTransaction(self, raw: Any) -> str:
        data = reading.octets(raw, "the transaction")
        self._follow()
        here = self._here()
        known = self.chain.transaction(keccak(data)) is not None
        name = self.chain.broadcast(data)
        if not known:  # mined, or waiting for its turn
            self._record({**here, "raw": data.hex()})
        return "0x" + name.hex()

    def _do_evm_mine(self, *_: Any) -> str:
        self._mine()
        return "0x0"

    def _mine(self) -> None:
        self._follow()
        here = self._here()
        self.chain.mine()
        if self.chain.block().transactions:  # empty blocks are only counted
            self._record({**here, "mined": True})

    def _do_anvil_mine(self, count: Any = "0x1", *_: Any) -> None:
        for _number in range(reading.number(count, "the number of blocks", MOST_BLOCKS_MINED)):
            self._do_evm_mine()

    def _do_evm_increaseTime(self, seconds: Any) -> str:
        shift = self._shift + reading.number(seconds, "the seconds", reading.MOST_TIME)
        if int(self._clock()) + shift > reading.MOST_TIME:
            raise BadParams(f"the time would be after {reading.MOST_TIME}")
        self._shift = shift
        return hex(self._shift)

    def _do_evm_setNextBlockTimestamp(self, timestamp: Any) -> None:
        when = reading.number(timestamp, "the time", reading.MOST_TIME)
        if when <= self.chain.block().timestamp:
            raise BadParams(f"time {when} is not after the newest block's")
        self._shift = when - int(self._clock())
        self._next_time = when

    def _do_evm_setAutomine(self, enabled: Any) -> None:
        wanted = reading.flag(enabled, "automine")
        self._follow()
        here = self._here()
        self.chain.set_automine(wanted)
        self._record({**here, "automine": wanted})

    def _do_anvil_setBalance(self, address: Any, wei: Any) -> None:
        account = reading.address(address, "the account")
        balance = reading.number(wei, "the balance", reading.MOST_WEI)
        self.chain.set_balance(account, balance)
        self._record({"of": account, "balance": str(balance)})

    def _do_anvil_setCode(self, address: Any, code: Any) -> None:
        account, data = reading.address(address, "the account"), reading.octets(code, "the code")
        self.chain.set_code(account, data)
        self._record({"of": account, "code": data.hex()})

    def _do_evm_snapshot(self) -> str:
        size = self._history.size() if self._history is not None else 0
        self._marks.append((self.chain.snapshot(), size))
        return hex(len(self._marks))

    def _do_evm_revert(self, name: Any) -> bool:
        position = reading.number(name, "the snapshot")
        if not 1 <= position <= len(self._marks):
            return False
        mark, size = self._marks[position - 1]
        del self._marks[position - 1 :]
        self.chain.revert(mark)
        if self._history is not None:
            self._history.truncate(size)
        return True

    def _here(self) -> dict[str, Any]:
        """Where the next block is: its number and time."""
        return {"block": self.chain.block().number + 1, "time": self.chain.evm.timestamp}

    def _record(self, entry: dict[str, Any]) -> None:
        if self._history is not None:
            self._history.add(entry)

    # -- how -----------------------------------------------------------------------------------

    def _follow(self) -> None:
        planned, self._next_time = self._next_time, None
        self.chain.follow_clock(
            planned if planned is not None else int(self._clock()) + self._shift
        )

    def _range(self, query: dict[str, Any]) -> tuple[int, int]:
        """The blocks whose logs are asked for: one by its hash, or from one number to another."""
        name = query.get("blockHash")
        if name is None:
            ends = (query.get("fromBlock"), query.get("toBlock"))
            first, last = (self._number("latest" if end is None else end) for end in ends)
            return first, last
        found = self._named(reading.word(name, "the hash"))
        if found is None:
            raise BadParams("there is no block of this hash")
        return found.number, found.number

    def _named(self, name: bytes) -> Block | None:
        """The block of a hash."""
        for number in range(self.chain.block().number, -1, -1):
            if self.chain.block(number).hash == name:
                return self.chain.block(number)
        return None

    def _number(self, tag: Any) -> int:
        if isinstance(tag, str) and tag in ("latest", "pending", "safe", "finalized"):
            return self.chain.block().number
        return 0 if tag == "earliest" else reading.number(tag, "the block")

    def _newest(self, tag: Any) -> None:
        if self._number(tag) != self.chain.block().number:
            raise BadParams("this node keeps the state of the newest block alone")

    def _block(self, block: Block, full: bool) -> dict[str, Any]:
        zero = "0x" + "00" * 32
        parent = self.chain.block(block.number - 1).hash.hex() if block.number else "00" * 32
        transactions: list[Any] = ["0x" + name.hex() for name in block.transactions]
        if full:
            transactions = [self._do_eth_getTransactionByHash(name) for name in transactions]
        return {
            "number": hex(block.number),
            "hash": "0x" + block.hash.hex(),
            "parentHash": "0x" + parent,
            "timestamp": hex(block.timestamp),
            "baseFeePerGas": hex(block.base_fee),
            "gasLimit": hex(block.gas_limit),
            "gasUsed": hex(block.gas_used),
            "miner": "0x" + "c0" * 20,
            "difficulty": "0x0",
            "totalDifficulty": "0x0",
            "nonce": "0x" + "00" * 8,
            "sha3Uncles": zero,
            "logsBloom": "0x" + "00" * 256,
            "transactionsRoot": zero,
            "stateRoot": zero,
            "receiptsRoot": zero,
            "mixHash": zero,
            "extraData": "0x",
            "size": "0x0",
            "uncles": [],
            "transactions": transactions,
        }

    def _transaction(self, found: SignedTransaction) -> dict[str, Any]:
        receipt = self.chain.receipt(found.hash)
        assert receipt is not None
        block = self.chain.block(receipt.block_number)
        return {
            "hash": "0x" + found.hash.hex(),
            "type": hex(found.raw[0]) if found.raw[0] < 0x80 else "0x0",
            "chainId": hex(self.chain.chain_id),
            "nonce": hex(found.nonce),
            "from": found.sender,
            "to": found.to,
            "value": hex(found.value),
            "gas": hex(found.gas),
            "gasPrice": hex(receipt.gas_price),
            "maxFeePerGas": hex(found.max_fee),
            "maxPriorityFeePerGas": hex(found.priority_fee),
            "input": "0x" + bytes(found.inner.data).hex(),
            "blockNumber": hex(receipt.block_number),
            "blockHash": "0x" + receipt.block_hash.hex(),
            "transactionIndex": hex(block.transactions.index(found.hash)),
            "r": hex(found.inner.r),
            "s": hex(found.inner.s),
            "v": hex(found.inner.y_parity),
            "accessList": [],
        }

    def _receipt(self, receipt: Receipt) -> dict[str, Any]:
        block = self.chain.block(receipt.block_number)
        position = block.transactions.index(receipt.transaction)
        return {
            "transactionHash": "0x" + receipt.transaction.hex(),
            "transactionIndex": hex(position),
            "blockNumber": hex(receipt.block_number),
            "blockHash": "0x" + receipt.block_hash.hex(),
            "from": receipt.sender,
            "to": receipt.to,
            "contractAddress": receipt.created,
            "status": hex(receipt.succeeded),
            "gasUsed": hex(receipt.gas_used),
            "cumulativeGasUsed": hex(receipt.gas_used),
            "effectiveGasPrice": hex(receipt.gas_price),
            "type": "0x2",
            "logsBloom": "0x" + "00" * 256,
            "logs": [self._log(log) for log in receipt.logs],
        }

    def _log(self, log: LogRecord) -> dict[str, Any]:
        block = self.chain.block(log.block_number)
        return {
            "address": log.address,
            "topics": ["0x" + topic.hex() for topic in log.topics],
            "data": "0x" + log.data.hex(),
            "blockNumber": hex(log.block_number),
            "blockHash": "0x" + block.hash.hex(),
            "transactionHash": "0x" + log.transaction.hex(),
            "transactionIndex": hex(block.transactions.index(log.transaction)),
            "logIndex": hex(log.index),
            "removed": False,
        }


def error_object(failure: ChainError) -> dict[str, Any]:
    """The JSON-RPC error of a failed request."""
    code = getattr(failure, "code", None)
    found: dict[str, Any] = {"code": code if code is not None else _FAILED, "message": str(failure)}
    if getattr(failure, "data", None) is not None:
        found["data"] = failure.data  # type: ignore[attr-defined]
    return found


def _matches(log: LogRecord, choices: list[frozenset[bytes] | None]) -> bool:
    if len(choices) > len(log.topics):
        return False
    return all(c is None or t in c for c, t in zip(choices, log.topics, strict=False))
