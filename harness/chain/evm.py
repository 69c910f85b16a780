"""An EVM in this process: unsigned messages straight into py-evm's state.

Made for property tests and for the embedded chain: no blocks, no signatures, no fees, but the real
instruction set, gas schedule, access lists and transaction boundaries (warm slots and transient
storage end with each message). Thousands of calls per second where a node gives a hundred.

`Outcome.gas_used` is execution gas only; `Outcome.transaction_gas` adds what a real transaction
pays around it (intrinsic gas, calldata, refunds, the EIP-7623 floor).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import rlp
from eth.db.atomic import AtomicDB
from eth.vm.execution_context import ExecutionContext
from eth.vm.forks.cancun.state import CancunState
from eth.vm.forks.prague.state import PragueState
from eth.vm.forks.shanghai.state import ShanghaiState
from eth.vm.message import Message
from eth_utils.crypto import keccak

from harness.chain.interpreter.accounts import QuickAccounts, WrittenSlots
from harness.chain.interpreter.computation import quick
from harness.chain.interpreter.limits import least_gas

DEFAULT_SENDER = bytes.fromhex("00000000000000000000000000000000000a11ce")
GENESIS_TIME = 1_700_000_000
PERSIST_EVERY = 200  # journals grow with each message; flattening them keeps lookups constant-time

_FORKS = {"shanghai": ShanghaiState, "cancun": CancunState, "prague": PragueState}
_DELEGATION_PREFIX = b"\xef\x01\x00"  # EIP-7702
_EMPTY_ROOT = bytes.fromhex("56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421")


class Log(NamedTuple):
    """One LOG record: emitter, topics as 256-bit integers, data bytes."""

    address: bytes
    topics: tuple[int, ...]
    data: bytes


class Outcome(NamedTuple):
    """What one message did. `output` is return data, revert data, or deployed code."""

    success: bool
    output: bytes
    logs: tuple[Log, ...]
    gas_used: int
    refund: int
    created: bytes | None
    error: str | None
    calldata: bytes
    is_create: bool

    @property
    def intrinsic_gas(self) -> int:
        """What a transaction pays before the first opcode (EIP-2028, 3860)."""
        zeros = self.calldata.count(0)
        intrinsic = 21_000 + 4 * zeros + 16 * (len(self.calldata) - zeros)
        if self.is_create:
            intrinsic += 32_000 + 2 * ((len(self.calldata) + 31) // 32)
        return intrinsic

    @property
    def floor_gas(self) -> int:
        """The least a transaction with this calldata pays (EIP-7623)."""
        zeros = self.calldata.count(0)
        return 21_000 + 10 * (zeros + 4 * (len(self.calldata) - zeros))

    @property
    def transaction_gas(self) -> int:
        """Gas a signed transaction carrying this message would be charged (EIP-3529, 7623)."""
        spent = self.intrinsic_gas + self.gas_used
        after_refund = spent - min(self.refund, spent // 5)
        return max(after_refund, self.floor_gas)


class Snapshot(NamedTuple):
    """A state root and a clock; the trie nodes behind an old root are never deleted."""

    state_root: bytes
    timestamp: int
    block_number: int


class Evm:
    """One account state plus a clock. Addresses are 20 bytes; values are wei."""

    def __init__(self, fork: str = "prague", chain_id: int = 31337) -> None:
        if fork not in _FORKS:
            raise ValueError(f"unknown fork {fork!r}; choose one of {', '.join(_FORKS)}")
        self.fork = fork
        self.chain_id = chain_id
        self._timestamp = GENESIS_TIME
        self._block_number = 1
        self._base_fee = 0
        self._slots = WrittenSlots()
        self._messages = 0
        self._database = AtomicDB()
        self._computation = quick(_FORKS[fork].computation_class)
        self._state_class = _FORKS[fork].configure(
            account_db_class=partial(QuickAccounts, self._slots)
        )
        self.state: Any = self._state_at(_EMPTY_ROOT)

    def _state_at(self, root: bytes) -> Any:
        state = self._state_class(self._database, self._context(), root)  # type: ignore[arg-type]
        state.computation_class = self._computation
        return state

    @property
    def touched(self) -> set[tuple[bytes, int]]:
        """(account, slot) of every SSTORE since the caller last cleared this set."""
        return self._slots.touched

    # -- clock ---------------------------------------------------------------------------------

    def _context(self) -> ExecutionContext:
        return ExecutionContext(
            coinbase=b"\xc0" * 20,  # type: ignore[arg-type]
            timestamp=self._timestamp,
            block_number=self._block_number,  # type: ignore[arg-type]
            difficulty=0,
            mix_hash=keccak(self._block_number.to_bytes(32, "big")),  # type: ignore[arg-type]
            gas_limit=30_000_000,
            prev_hashes=_PreviousHashes(self._block_number),
            chain_id=self.chain_id,
            base_fee_per_gas=self._base_fee,
            excess_blob_gas=0,
        )

    @property
    def timestamp(self) -> int:
        """Seconds since the epoch, as `block.timestamp` sees it."""
        return self._timestamp

    @timestamp.setter
    def timestamp(self, seconds: int) -> None:
        self._timestamp = seconds
        self.state.execution_context = self._context()

    @property
    def block_number(self) -> int:
        return self._block_number

    @property
    def base_fee(self) -> int:
        """Wei per gas that signed transactions burn (EIP-1559); zero unless set."""
        return self._base_fee

    @base_fee.setter
    def base_fee(self, wei: int) -> None:
        self._base_fee = wei
        self.state.execution_context = self._context()

    def mine(self, blocks: int = 1, seconds: int = 12) -> None:
        """Advance the block number and the clock (`seconds` per block)."""
        self._block_number += blocks
        self.timestamp = self._timestamp + blocks * seconds

    # -- messages ------------------------------------------------------------------------------

    def deploy(
        self,
        init_code: bytes,
        *,
        sender: bytes = DEFAULT_SENDER,
        value: int = 0,
        gas: int = 30_000_000,
    ) -> Outcome:
        """Run creation code; `Outcome.created` is the new address, or None when it reverted."""
        message = self._creation_message(init_code, sender, value, gas)
        computation = self._run(message, self._computation.apply_create_message)
        outcome = _outcome(computation, message)
        self._delete_destroyed(computation)
        self._end_transaction()
        return outcome

    def call(
        self,
        to: bytes,
        data: bytes = b"",
        *,
        sender: bytes = DEFAULT_SENDER,
        value: int = 0,
        gas: int = 30_000_000,
        static: bool = False,
    ) -> Outcome:
        """Send a message and keep its effects."""
        message = self._message(to, data, sender, value, gas, static)
        computation = self._run(message, self._computation.apply_message)
        outcome = _outcome(computation, message)
        self._delete_destroyed(computation)
        self._end_transaction()
        return outcome

    def view(
        self,
        to: bytes,
        data: bytes = b"",
        *,
        sender: bytes = DEFAULT_SENDER,
        value: int = 0,
        gas: int = 30_000_000,
        static: bool = False,
    ) -> Outcome:
        """Send a message and forget its effects (like `eth_call`)."""
        mark = self.state.snapshot()
        try:
            message = self._message(to, data, sender, value, gas, static)
            computation = self._run(message, self._computation.apply_message)
        finally:
            self._forget(mark)
        return _outcome(computation, message)

    def rehearse(
        self, to: bytes | None, data: bytes, *, sender: bytes, value: int = 0, gas: int
    ) -> tuple[Outcome, int]:
        """Like `view`, also of creation code (`to` is None), and the gas that `least_gas` says is enough."""
        mark = self.state.snapshot()
        try:
            if to is None:
                message = self._creation_message(data, sender, value, gas)
                computation = self._run(message, self._computation.apply_create_message)
            else:
                message = self._message(to, data, sender, value, gas, False)
                computation = self._run(message, self._computation.apply_message)
        finally:
            self._forget(mark)
        return _outcome(computation, message), least_gas(computation)

    def _forget(self, mark: Any) -> None:
        self.state.revert(mark)
        self._end_transaction()

    def check(self, transaction: Any) -> None:
        """Whether `transact` would take it now: eth_utils' ValidationError says why not."""
        self.state.get_transaction_executor().validate_transaction(transaction)

    def transact(self, transaction: Any) -> Any:
        """Apply a decoded signed transaction under the fork's own rules; the computation comes back.

        Raises eth_utils' ValidationError, and changes nothing, when nonce, balance, fee or
        intrinsic gas do not allow it.
        """
        computation = self.state.apply_transaction(transaction)
        self._end_transaction()
        return computation

    def _creation_message(self, init_code: bytes, sender: bytes, value: int, gas: int) -> Message:
        nonce = self.state.get_nonce(sender)
        self.state.increment_nonce(sender)
        return Message(
            gas=gas,
            to=b"",  # type: ignore[arg-type]
            sender=sender,  # type: ignore[arg-type]
            value=value,
            data=b"",
            code=init_code,
            create_address=_create_address(sender, nonce),  # type: ignore[arg-type]
        )

    def _message(
        self, to: bytes, data: bytes, sender: bytes, value: int, gas: int, static: bool
    ) -> Message:
        code = self.code(to)
        if len(code) == 23 and code.startswith(_DELEGATION_PREFIX):
            code = self.code(code[3:])
        return Message(
            gas=gas,
            to=to,  # type: ignore[arg-type]
            sender=sender,  # type: ignore[arg-type]
            value=value,
            data=data,
            code=code,
            is_static=static,
        )

    def _run(self, message: Message, apply: Callable[..., Any]) -> Any:
        coinbase = self.state.execution_context.coinbase
        for address in (message.sender, message.storage_address, coinbase, *_PRECOMPILES):
            self.state.mark_address_warm(address)
        context = self.state.transaction_context_class(gas_price=0, origin=message.sender)
        return apply(self.state, message, context)

    def _delete_destroyed(self, computation: Any) -> None:
        if computation.is_success:
            for account in computation.get_accounts_for_deletion():
                self.state.delete_account(account)

    def _end_transaction(self) -> None:
        # Without lock_changes results stay right but each message is slower than the last.
        self.state.lock_changes()
        if self.fork != "shanghai":  # EIP-1153 came with Cancun
            self.state.clear_transient_storage()
        self._messages += 1
        if self._messages % PERSIST_EVERY == 0:
            self.state.persist()

    # -- state ---------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """A point to come back to with `revert`, any number of times."""
        self.state.persist()
        return Snapshot(bytes(self.state.state_root), self._timestamp, self._block_number)

    def revert(self, mark: Snapshot) -> None:
        """Return accounts and clock to `mark`."""
        self._timestamp = mark.timestamp
        self._block_number = mark.block_number
        self.state = self._state_at(mark.state_root)

    def fund(self, address: bytes, wei: int) -> None:
        """Set an account's balance."""
        self.state.set_balance(address, wei)

    def balance(self, address: bytes) -> int:
        """Balance in wei."""
        return int(self.state.get_balance(address))

    def code(self, address: bytes) -> bytes:
        return bytes(self.state.get_code(address))

    def set_code(self, address: bytes, code: bytes) -> None:
        """Place runtime code, for singletons that live at canonical addresses."""
        self.state.set_code(address, code)

    def place(
        self, address: bytes, *, balance: int, nonce: int, code: bytes, storage: Mapping[int, int]
    ) -> None:
        """Put a whole account into the state, as a genesis file does."""
        self.state.set_balance(address, balance)
        self.state.set_nonce(address, nonce)
        if code:
            self.state.set_code(address, code)
        for slot, value in storage.items():
            self.state.set_storage(address, slot, value)

    def nonce(self, address: bytes) -> int:
        return int(self.state.get_nonce(address))

    def accounts_with_storage(self) -> set[bytes]:
        """Accounts that a message of this Evm has written storage of."""
        return set(self._slots.written)

    def root(self) -> bytes:
        """The state root: the same exactly when every account is the same."""
        self.state.persist()
        return bytes(self.state.state_root)

    def storage(self, address: bytes) -> dict[int, int]:
        """Every non-zero slot of an account that a message of this Evm has written."""
        slots = sorted(self._slots.written.get(address, ()))
        values = ((slot, self.state.get_storage(address, slot)) for slot in slots)
        return {slot: value for slot, value in values if value}


class _PreviousHashes:
    """The last 256 block hashes, derived from their numbers (`blockhash(n)` = keccak of n)."""

    def __init__(self, block_number: int) -> None:
        self._block_number = block_number

    def __iter__(self) -> Any:
        for number in range(self._block_number - 1, max(-1, self._block_number - 257), -1):
            yield keccak(number.to_bytes(32, "big"))


_PRECOMPILES = tuple(n.to_bytes(20, "big") for n in range(1, 18))


def _create_address(sender: bytes, nonce: int) -> bytes:
    return keccak(rlp.encode([sender, nonce]))[12:]


def _outcome(computation: Any, message: Message) -> Outcome:
    success = bool(computation.is_success)
    entries = computation.get_log_entries() if success else ()
    return Outcome(
        success=success,
        output=bytes(computation.output),
        logs=tuple(Log(bytes(a), tuple(topics), bytes(payload)) for a, topics, payload in entries),
        gas_used=message.gas - computation.get_gas_remaining(),
        refund=computation.get_gas_refund() if success else 0,
        created=bytes(message.storage_address) if message.is_create and success else None,
        error=None if success else type(computation.error).__name__,
        calldata=bytes(message.code if message.is_create else message.data),
        is_create=message.is_create,
    )
