"""The same Evm on revm (Rust) instead of py-evm: for long runs, when `pyrevm` is installed.

Results, logs, revert data and state are those of `Evm`; `tests/invariants/test_swift_evm.py` runs one
life on both and compares. Three things differ, and a machine that needs them stays on `Evm`:

- gas is not split into intrinsic gas, refunds and cold slots: do not measure with it;
- a contract cannot send a transaction (EIP-3607): a token-bound account does it through `execute`, by its
  holder, and any other contract is `CannotSend`;
- `storage` cannot enumerate, `touched` stays empty, `transact` is not there.
"""

from __future__ import annotations

import re
from typing import Any

from eth_abi.abi import decode, encode
from eth_utils.crypto import keccak

from harness.chain.evm import DEFAULT_SENDER, GENESIS_TIME, Evm, Log, Outcome, Snapshot

try:
    import pyrevm
except ImportError:  # an optional dependency
    pyrevm = None

AVAILABLE = pyrevm is not None

# What a message brings for itself must be there beside what the transaction around it costs.
_ROOM = 2**40
_OUTPUT = re.compile(r"output: (0x[0-9a-f]*)")


_OWNER = keccak(text="owner()")[:4]
_EXECUTE = keccak(text="execute(address,uint256,bytes,uint8)")[:4]
_EXECUTE_TYPES = ["address", "uint256", "bytes", "uint8"]


class CannotSend(Exception):
    """revm refuses the transaction itself, before any code runs."""


class SwiftEvm(Evm):
    """One account state plus a clock, as `Evm`."""

    def __init__(self, fork: str = "prague", chain_id: int = 31337) -> None:
        if pyrevm is None:
            raise ImportError("pyrevm is not installed")
        self.fork = fork
        self.chain_id = chain_id
        self._timestamp = GENESIS_TIME
        self._block_number = 1
        self._base_fee = 0
        self._marks: dict[Snapshot, Any] = {}
        self._revm = self._fresh()

    def _fresh(self) -> Any:
        environment = pyrevm.Env(cfg=pyrevm.CfgEnv(chain_id=self.chain_id), block=self._block())
        return pyrevm.EVM(env=environment, gas_limit=_ROOM, spec_id=self.fork.upper())

    def _block(self) -> Any:
        return pyrevm.BlockEnv(
            number=self._block_number,
            coinbase=_text(b"\xc0" * 20),
            timestamp=self._timestamp,
            difficulty=0,
            prevrandao=keccak(self._block_number.to_bytes(32, "big")),
            basefee=0,
            gas_limit=_ROOM,
            excess_blob_gas=0,
        )

    # -- clock ---------------------------------------------------------------------------------

    @property
    def touched(self) -> set[tuple[bytes, int]]:
        return set()

    @property
    def timestamp(self) -> int:
        return self._timestamp

    @timestamp.setter
    def timestamp(self, seconds: int) -> None:
        self._timestamp = seconds
        self._revm.set_block_env(self._block())

    @property
    def base_fee(self) -> int:
        return 0

    @base_fee.setter
    def base_fee(self, wei: int) -> None:
        raise NotImplementedError("messages pay no fees here")

    # -- messages ------------------------------------------------------------------------------

    def deploy(
        self,
        init_code: bytes,
        *,
        sender: bytes = DEFAULT_SENDER,
        value: int = 0,
        gas: int = 30_000_000,
    ) -> Outcome:
        created: str | None = None
        failure: RuntimeError | None = None
        gas += _around(init_code, create=True)
        try:
            created = self._revm.deploy(_text(sender), init_code, value=value, gas=gas)
        except RuntimeError as error:
            failure = error
        address = None if created is None else bytes.fromhex(created[2:])
        output = b"" if address is None else self.code(address)
        return self._outcome(output, failure, init_code, address, create=True)

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
        via, wrapped = self._sender(sender, to, data)
        if via != sender:
            outcome = self.call(sender, wrapped, sender=via, value=value, gas=gas, static=static)
            if outcome.success:
                outcome = outcome._replace(output=decode(["bytes"], outcome.output)[0])
            return outcome
        output = b""
        failure: RuntimeError | None = None
        gas += _around(data, create=False)
        try:
            output = self._revm.message_call(
                _text(sender), _text(to), calldata=data, value=value, gas=gas, is_static=static
            )
        except RuntimeError as error:
            failure = error
        return self._outcome(output, failure, data, None, create=False)

    def _sender(self, sender: bytes, to: bytes, data: bytes) -> tuple[bytes, bytes]:
        """Who sends the transaction, with which calldata for the account it goes through."""
        if not self.code(sender):
            return sender, data
        answer = self.view(sender, _OWNER).output
        holder = answer[12:32] if len(answer) == 32 else b""
        if not any(holder):
            raise CannotSend(f"{_text(sender)} is a contract without a holder")
        return holder, _EXECUTE + encode(_EXECUTE_TYPES, [_text(to), 0, data, 0])

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
        mark = self._revm.snapshot()
        try:
            return self.call(to, data, sender=sender, value=value, gas=gas, static=static)
        finally:
            self._revm.revert(mark)

    def transact(self, transaction: Any) -> Any:
        raise NotImplementedError("signed transactions are for Evm")

    def _outcome(
        self,
        output: bytes,
        failure: RuntimeError | None,
        data: bytes,
        created: bytes | None,
        *,
        create: bool,
    ) -> Outcome:
        # Transient storage ends with the transaction; revm leaves that to its caller.
        self._revm.reset_transient_storage()
        error: str | None = None
        logs: tuple[Log, ...] = ()
        if failure is not None:
            error = str(failure)
            if error.startswith("Transaction("):
                raise CannotSend(error)
            found = _OUTPUT.search(error)
            output = bytes.fromhex(found[1][2:]) if found else b""
        result = self._revm.result
        if failure is None:
            logs = tuple(_log(entry) for entry in result.logs)
        return Outcome(
            success=failure is None,
            output=output,
            logs=logs,
            gas_used=result.gas_used,
            refund=0,
            created=created,
            error=error,
            calldata=data,
            is_create=create,
        )

    # -- state ---------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        mark = Snapshot(len(self._marks).to_bytes(4, "big"), self._timestamp, self._block_number)
        self._marks[mark] = self._revm.snapshot()
        return mark

    def revert(self, mark: Snapshot) -> None:
        # revm's checkpoints hold for one return; a new one in the same place holds for the next.
        self._revm.revert(self._marks[mark])
        self._marks[mark] = self._revm.snapshot()
        self._block_number = mark.block_number
        self.timestamp = mark.timestamp

    def fund(self, address: bytes, wei: int) -> None:
        self._revm.set_balance(_text(address), wei)

    def balance(self, address: bytes) -> int:
        return int(self._revm.get_balance(_text(address)))

    def code(self, address: bytes) -> bytes:
        code = self._revm.get_code(_text(address))
        return b"" if code is None else bytes(code)

    def set_code(self, address: bytes, code: bytes) -> None:
        self._revm.insert_account_info(_text(address), pyrevm.AccountInfo(code=code))

    def storage(self, address: bytes) -> dict[int, int]:
        raise NotImplementedError("revm's storage cannot be enumerated from here")


def _text(address: bytes) -> str:
    return "0x" + address.hex()


def _log(entry: Any) -> Log:
    topics, data = entry.data
    words = tuple(int.from_bytes(topic, "big") for topic in topics)
    return Log(bytes.fromhex(entry.address[2:]), words, data)


def _around(data: bytes, *, create: bool) -> int:
    """Gas a transaction pays before its first opcode."""
    zeros = data.count(0)
    gas = 21_000 + 4 * zeros + 16 * (len(data) - zeros)
    return gas + 32_000 + 2 * ((len(data) + 31) // 32) if create else gas
