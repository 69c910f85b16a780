"""A whole chain in this process: signed transactions, blocks, receipts, logs and time travel.

py-evm applies each transaction under the fork's own rules (signature, nonce, fees, refunds), so what
runs here runs on a node. Blocks hold what automining or `mine` puts in; their hash is derived from
their number, the same value that BLOCKHASH answers. The clock stands still between blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eth_utils.crypto import keccak
from eth_utils.exceptions import ValidationError

from harness.chain.errors import Refusal, TransactionRejected
from harness.chain.evm import DEFAULT_SENDER, GENESIS_TIME, Evm, Outcome, Snapshot
from harness.chain.interface import BlockTag
from harness.chain.pool import Pool
from harness.chain.records import Block, Call, Fees, LogFilter, LogRecord, Receipt
from harness.chain.reverts import BUILT_IN_ERRORS
from harness.chain.signed import SignedTransaction
from harness.protocol.addresses import Address, address_bytes

BLOCK_GAS_LIMIT = 30_000_000
PRIORITY_FEE = 1_000_000_000


@dataclass(frozen=True)
class _Mark:
    state: Snapshot
    blocks: int
    pool: Pool
    base_fee: int
    automine: bool


class EmbeddedChain:
    """Chain and DevChain over `Evm`. The base fee is constant; `block_seconds` is the clock's step."""

    def __init__(
        self,
        *,
        fork: str = "prague",
        chain_id: int = 31337,
        base_fee: int = 1_000_000_000,
        start_time: int = GENESIS_TIME,
        block_seconds: int = 1,
    ) -> None:
        self.evm = Evm(fork, chain_id)
        self.evm.base_fee = base_fee
        self._block_seconds = block_seconds
        self._automine = True
        self._pool = Pool()
        self._receipts: dict[bytes, Receipt] = {}
        self._mined: dict[bytes, SignedTransaction] = {}
        self._blocks: list[Block] = [
            Block(0, _block_hash(0), start_time, base_fee, BLOCK_GAS_LIMIT, 0, ())
        ]
        self.evm.timestamp = start_time + block_seconds

    @property
    def chain_id(self) -> int:
        return self.evm.chain_id

    # -- reads ---------------------------------------------------------------------------------

    def block(self, tag: BlockTag = "latest") -> Block:
        if tag == "pending":
            return self._sealed((), 0)
        number = len(self._blocks) - 1 if tag == "latest" else tag
        if not 0 <= number < len(self._blocks):
            raise KeyError(f"no block {number}; the newest is {len(self._blocks) - 1}")
        return self._blocks[number]

    def balance(self, address: Address) -> int:
        return self.evm.balance(address_bytes(address))

    def nonce(self, address: Address, pending: bool = False) -> int:
        mined = int(self.evm.state.get_nonce(address_bytes(address)))
        return self._pool.next_nonce(address, mined) if pending else mined

    def code(self, address: Address) -> bytes:
        return self.evm.code(address_bytes(address))

    def storage(self, address: Address, slot: int) -> int:
        return int(self.evm.state.get_storage(address_bytes(address), slot))

    def call(self, call: Call, block: BlockTag = "latest") -> bytes:
        self._only_newest(block)
        outcome, _ = self._run(call, call.gas or BLOCK_GAS_LIMIT, at_newest=block == "latest")
        return outcome.output

    def estimate_gas(self, call: Call) -> int:
        outcome, least = self._run(call, BLOCK_GAS_LIMIT, at_newest=False)
        low, high = outcome.gas_used, BLOCK_GAS_LIMIT
        # Code that looks at the gas can need more than it should, so every answer has been tried.
        for guess in (least, least * 65 // 64 + 2_400):
            if self._execute(call, guess)[0].success:
                high = guess
                break
            low = guess
        while high > low + 2_000:
            middle = (low + high) // 2
            if self._execute(call, middle)[0].success:
                high = middle
            else:
                low = middle
        return max(high + outcome.intrinsic_gas, outcome.floor_gas)

    def fees(self) -> Fees:
        return Fees(self.evm.base_fee, PRIORITY_FEE)

    def receipt(self, transaction: bytes) -> Receipt | None:
        return self._receipts.get(transaction)

    def transaction(self, transaction: bytes) -> SignedTransaction | None:
        """A mined transaction by its hash."""
        return self._mined.get(transaction)

    def logs(self, wanted: LogFilter) -> Sequence[LogRecord]:
        newest = len(self._blocks) - 1
        return [
            log
            for block in self._blocks[max(wanted.from_block, 0) : min(wanted.to_block, newest) + 1]
            for transaction in block.transactions
            for log in self._receipts[transaction].logs
            if wanted.accepts(log)
        ]

    # -- writes --------------------------------------------------------------------------------

    def broadcast(self, raw: bytes) -> bytes:
        transaction = SignedTransaction(self.evm.fork, self.chain_id, raw)
        if transaction.hash in self._receipts:
            return transaction.hash
        transaction.check()
        mined = self.nonce(transaction.sender)
        if transaction.nonce < mined:
            raise TransactionRejected(
                Refusal.NONCE_TOO_LOW, f"nonce {transaction.nonce}, next is {mined}"
            )
        if transaction.gas > BLOCK_GAS_LIMIT:
            raise TransactionRejected(Refusal.OTHER, f"gas {transaction.gas} exceeds block limit")
        balance = self.balance(transaction.sender)
        if balance < transaction.most_it_can_cost:
            raise TransactionRejected(
                Refusal.INSUFFICIENT_FUNDS,
                f"insufficient funds: {transaction.sender} has {balance} wei, "
                f"the transaction may cost {transaction.most_it_can_cost}",
            )
        if self._automine and transaction.max_fee < self.evm.base_fee:
            raise TransactionRejected(
                Refusal.UNDERPRICED,
                f"max fee {transaction.max_fee} below base fee {self.evm.base_fee}",
            )
        if self._automine and transaction.nonce == mined:
            self._check(transaction)
        self._pool.add(transaction)
        if self._automine:
            self._mine_waiting(one_per_block=True)
        return transaction.hash

    def _check(self, transaction: SignedTransaction) -> None:
        """What no block can ever hold is refused: it would stand in the way of its sender's next one."""
        try:
            self.evm.check(transaction.inner)
        except ValidationError as bad:
            raise TransactionRejected(Refusal.OTHER, str(bad)) from None

    def _mine_waiting(self, one_per_block: bool) -> None:
        receipts: list[Receipt] = []
        room = BLOCK_GAS_LIMIT
        for sender in self._pool.senders():
            while (waiting := self._pool.take(sender, self.nonce(sender))) is not None:
                if waiting.gas > room or not self._apply(waiting, receipts):
                    self._pool.put_back(waiting)
                    break
                room -= receipts[-1].gas_used
                if one_per_block:
                    self._seal(receipts)
                    receipts, room = [], BLOCK_GAS_LIMIT
        if not one_per_block:
            self._seal(receipts)

    def _apply(self, transaction: SignedTransaction, receipts: list[Receipt]) -> bool:
        logs_before = sum(len(receipt.logs) for receipt in receipts)
        try:
            receipts.append(
                transaction.run(
                    self.evm, _block_hash(self.evm.block_number), len(receipts), logs_before
                )
            )
            self._mined[transaction.hash] = transaction
        except ValidationError:
            return False  # cannot pay any more, or the base fee rose above its maximum
        return True

    def _seal(self, receipts: Sequence[Receipt]) -> None:
        hashes = tuple(receipt.transaction for receipt in receipts)
        self._blocks.append(self._sealed(hashes, sum(r.gas_used for r in receipts)))
        self._receipts.update({receipt.transaction: receipt for receipt in receipts})
        self.evm.mine(1, self._block_seconds)

    def _sealed(self, transactions: tuple[bytes, ...], gas_used: int) -> Block:
        number = len(self._blocks)
        return Block(
            number,
            _block_hash(number),
            self.evm.timestamp,
            self.evm.base_fee,
            BLOCK_GAS_LIMIT,
            gas_used,
            transactions,
        )

    # -- a chain we own ------------------------------------------------------------------------

    def follow_clock(self, now: int) -> None:
        """Let the pending block have the time of a clock, or the newest block's when that is later.

        Blocks of one second share it, as on some rollups: were each a second later than the one before,
        a burst of transactions would carry the chain ahead of everybody's clock, and signatures would
        expire before their time.
        """
        self.evm.timestamp = max(now, self._blocks[-1].timestamp)

    def advance(self, seconds: int) -> None:
        self.set_time(self._blocks[-1].timestamp + seconds)

    def set_time(self, timestamp: int) -> None:
        newest = self._blocks[-1].timestamp
        if timestamp <= newest:
            raise ValueError(f"time {timestamp} is not after the newest block's {newest}")
        self.evm.timestamp = timestamp
        self._seal(())

    def mine(self, blocks: int = 1) -> None:
        for position in range(blocks):
            if position == 0:
                self._mine_waiting(one_per_block=False)
            else:
                self._seal(())

    def set_automine(self, enabled: bool) -> None:
        self._automine = enabled
        if enabled:
            self._mine_waiting(one_per_block=True)

    def set_base_fee(self, wei: int) -> None:
        """Base fee of the pending and later blocks, in wei per gas."""
        self.evm.base_fee = wei

    def snapshot(self) -> object:
        return _Mark(
            self.evm.snapshot(), len(self._blocks), self._pool.copy(), self.evm.base_fee,
            self._automine,
        )  # fmt: skip

    def revert(self, mark: object) -> None:
        if not isinstance(mark, _Mark):
            raise TypeError("not a snapshot of an embedded chain")
        for block in self._blocks[mark.blocks :]:
            for transaction in block.transactions:
                del self._receipts[transaction], self._mined[transaction]
        del self._blocks[mark.blocks :]
        self._pool = mark.pool.copy()
        self.evm.revert(mark.state)
        self.evm.base_fee = mark.base_fee
        self._automine = mark.automine

    def set_balance(self, address: Address, wei: int) -> None:
        self.evm.fund(address_bytes(address), wei)

    def set_code(self, address: Address, code: bytes) -> None:
        self.evm.set_code(address_bytes(address), code)

    # -- messages without a transaction --------------------------------------------------------

    def _only_newest(self, block: BlockTag) -> None:
        newest = len(self._blocks) - 1
        if isinstance(block, int) and block != newest:
            raise KeyError(f"state of block {block} is not kept; the newest block is {newest}")

    def _run(self, call: Call, gas: int, at_newest: bool) -> tuple[Outcome, int]:
        pending = self.evm.timestamp
        if at_newest:
            self.evm.timestamp = self._blocks[-1].timestamp
        try:
            outcome, least = self._execute(call, gas)
        finally:
            self.evm.timestamp = pending
        if not outcome.success:
            raise BUILT_IN_ERRORS.decode(outcome.output)
        return outcome, least

    def _execute(self, call: Call, gas: int) -> tuple[Outcome, int]:
        sender = address_bytes(call.sender) if call.sender else DEFAULT_SENDER
        if call.value > self.evm.balance(sender):
            raise TransactionRejected(
                Refusal.INSUFFICIENT_FUNDS, f"the call carries {call.value} wei, more than it has"
            )
        to = address_bytes(call.to) if call.to is not None else None
        return self.evm.rehearse(to, call.data, sender=sender, value=call.value, gas=gas)


def _block_hash(number: int) -> bytes:
    return keccak(number.to_bytes(32, "big"))
