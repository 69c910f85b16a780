"""Accounts, and messages between them: what a chain does around the code it runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import rlp
from eth_utils.crypto import keccak

from tests.reference.outcomes import Halted, Reverted, Unsupported

ENOUGH_GAS = 1_000_000  # a call that is given less may end for want of gas, which is not modelled
DEEPEST = 40


class Code(Protocol):
    """What stands at an address: a contract of the program, or a counterpart."""

    def run(self, frame: Frame) -> bytes: ...


@dataclass
class Account:
    balance: int = 0
    nonce: int = 0
    code: Code | None = None
    slots: dict[int, int] = field(default_factory=dict)
    transient: dict[int, int] = field(default_factory=dict)

    def copy(self) -> Account:
        return Account(self.balance, self.nonce, self.code, dict(self.slots), dict(self.transient))


@dataclass(frozen=True)
class Event:
    """A log record."""

    address: bytes
    topics: tuple[int, ...]
    data: bytes


class Writable(MutableMapping[int, int]):
    """Slots of an account as it is at the moment, which a static call must leave alone."""

    def __init__(self, frame: Frame, transient: bool) -> None:
        self.frame, self.transient = frame, transient

    @property
    def slots(self) -> dict[int, int]:
        account = self.frame.chain.account(self.frame.address)
        return account.transient if self.transient else account.slots

    def __getitem__(self, slot: int) -> int:
        return self.slots[slot]

    def get(self, slot: int, default: Any = 0) -> Any:
        return self.slots.get(slot, default)

    def __setitem__(self, slot: int, word: int) -> None:
        if self.frame.static:
            raise Halted
        self.slots[slot] = word

    def __delitem__(self, slot: int) -> None:
        raise NotImplementedError

    def __iter__(self) -> Iterator[int]:
        return iter(self.slots)

    def __len__(self) -> int:
        return len(self.slots)


@dataclass
class Frame:
    """One message as its code sees it. `address` is whose storage it has, `code` may be another's."""

    chain: Chain
    address: bytes
    sender: bytes
    value: int
    data: bytes
    static: bool
    depth: int
    code: Code | None = None
    stipend: bool = False  # has no more gas than a plain transfer gives
    delegated: bool = False

    @property
    def slots(self) -> Writable:
        return Writable(self, False)

    @property
    def transient(self) -> Writable:
        return Writable(self, True)

    def log(self, topics: list[int], data: bytes) -> None:
        if self.static:
            raise Halted
        self.chain.events.append(Event(self.address, tuple(topics), data))


class Chain:
    """All accounts, the clock, and the log of the message being run."""

    def __init__(self, timestamp: int) -> None:
        self.accounts: dict[bytes, Account] = {}
        self.timestamp = timestamp
        self.block_number = 1
        self.events: list[Event] = []
        self.origin = b""
        self.steps = 0
        self.halts = 0  # frames that burnt all their gas

    def account(self, address: bytes) -> Account:
        return self.accounts.setdefault(address, Account())

    def save(self) -> Any:
        """A state to come back to."""
        return {a: account.copy() for a, account in self.accounts.items()}, len(self.events)

    def restore(self, saved: Any) -> None:
        accounts, events = saved
        self.accounts = {a: account.copy() for a, account in accounts.items()}
        del self.events[events:]

    def end_transaction(self) -> None:
        for account in self.accounts.values():
            account.transient.clear()

    def _move(self, sender: bytes, to: bytes, wei: int) -> None:
        self.account(sender).balance -= wei
        self.account(to).balance += wei

    # -- messages ----------------------------------------------------------------------------------

    def call(
        self,
        to: bytes,
        data: bytes,
        sender: bytes,
        value: int = 0,
        *,
        static: bool = False,
        depth: int = 0,
        stipend: bool = False,
    ) -> tuple[bool, bytes]:
        """A plain message; (success, what came back)."""
        if self.account(sender).balance < value:
            return False, b""
        frame = Frame(self, to, sender, value, data, static, depth, self.account(to).code, stipend)
        return self._run(frame, lambda: self._move(sender, to, value))

    def delegate(self, to: bytes, data: bytes, frame: Frame) -> tuple[bool, bytes]:
        """The code at `to` on the storage of `frame`."""
        code = self.account(to).code
        inner = Frame(
            self, frame.address, frame.sender, frame.value, data, frame.static, frame.depth + 1, code,
            frame.stipend, True,
        )  # fmt: skip
        return self._run(inner, lambda: None, to)

    def create(
        self, maker: Any, address: bytes, sender: bytes, value: int, depth: int
    ) -> tuple[bool, bytes]:
        """Run a constructor; `maker` leaves the account's code there. The sender's nonce is the caller's affair."""
        known = self.account(address)
        if known.code is not None or known.nonce:
            self.halts += 1
            return False, b""
        frame = Frame(self, address, sender, value, b"", False, depth)

        def begin() -> None:
            self._move(sender, address, value)
            self.account(address).nonce = 1

        return self._run(frame, begin, maker=maker)

    def _run(
        self, frame: Frame, begin: Any, target: bytes = b"", maker: Any = None
    ) -> tuple[bool, bytes]:
        if frame.depth > DEEPEST:
            raise Unsupported("calls this deep")
        saved = self.save()
        try:
            begin()
            if maker is not None:
                self.account(frame.address).code = maker(frame)
                return True, b""
            number = int.from_bytes(target or frame.address, "big")
            if 0 < number < 18:
                return True, _precompiled(number, frame.data)
            if frame.code is None:
                return True, b""
            return True, frame.code.run(frame)
        except Reverted as end:
            self.restore(saved)
            return False, end.data
        except Halted:
            self.halts += 1
            self.restore(saved)
            return False, b""


def create_address(sender: bytes, nonce: int) -> bytes:
    return keccak(rlp.encode([sender, nonce]))[12:]


def salted_address(sender: bytes, salt: int, code: bytes) -> bytes:
    """EIP-1014."""
    return keccak(b"\xff" + sender + salt.to_bytes(32, "big") + keccak(code))[12:]


def _precompiled(number: int, data: bytes) -> bytes:
    if number == 2:
        return hashlib.sha256(data).digest()
    if number == 3:
        return b"\0" * 12 + hashlib.new("ripemd160", data).digest()
    if number == 4:
        return data
    if number == 1:
        return recovered(data)
    raise Unsupported(f"precompile {number}")


def recovered(data: bytes) -> bytes:
    """`ecrecover`: the padded address, or nothing."""
    from eth_keys.datatypes import Signature
    from eth_keys.exceptions import BadSignature, ValidationError

    data = data.ljust(128, b"\0")
    digest = data[:32]
    v, r, s = (int.from_bytes(data[i : i + 32], "big") for i in (32, 64, 96))
    if v not in (27, 28):
        return b""
    try:
        key = Signature(vrs=(v - 27, r, s)).recover_public_key_from_msg_hash(digest)
    except (BadSignature, ValidationError):
        return b""
    return b"\0" * 12 + key.to_canonical_address()
