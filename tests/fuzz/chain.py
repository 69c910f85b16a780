"""The chain that generated contracts run on: revm where `pyrevm` is installed, twenty times as fast, else py-evm.

revm does not tell which slots were written, but its journal does, as text: it is read after each message, and
what it holds goes into a new machine, so that the next message is a transaction of its own (what was made
before is no longer new to selfdestruct, and every slot is cold).
"""

from __future__ import annotations

import re
from typing import Any

from harness.chain.evm import Evm, Outcome
from tests.contracts.swift_evm import AVAILABLE, SwiftEvm

_PIECE = re.compile(
    r"0x([0-9a-f]{40}): Account |"
    r"[{ ](\d+): StorageSlot \{ previous_or_original_value: \d+, present_value: (\d+) \}|"
    r"status: AccountStatus\(([^)]*)\)"
)
LARGEST_INIT = (
    49_152  # bytes of creation code, EIP-3860, which revm applies and py-evm's messages do not
)


class JournalledEvm(SwiftEvm):
    """A `SwiftEvm` that knows the storage its messages left."""

    def __init__(self) -> None:
        super().__init__()
        self._slots_of: dict[bytes, dict[int, int]] = {}  # of every account there is

    def _outcome(self, *arguments: Any, **options: Any) -> Outcome:
        outcome = super()._outcome(*arguments, **options)
        if outcome.error is not None and "OutOfGas" in outcome.error:
            outcome = outcome._replace(error="OutOfGas")
        self._next_transaction()
        return outcome

    def _sender(self, sender: bytes, to: bytes, data: bytes) -> tuple[bytes, bytes]:
        return sender, data  # nobody sends through an account

    def _next_transaction(self) -> None:
        """The journal has what the last message loaded, also one that failed; the rest is as before."""
        slots: dict[int, int] = {}
        address = b""
        for account, slot, value, status in _PIECE.findall(
            self._revm.journal_str.partition("transient_storage: ")[0]
        ):
            if account:
                address = bytes.fromhex(account)
                slots = self._slots_of.setdefault(address, {})
            elif slot:
                slots[int(slot)] = int(value)
            elif "SelfDestructed" in status:
                del self._slots_of[address]
        before, self._revm = self._revm, self._fresh()
        for address, slots in self._slots_of.items():
            name = "0x" + address.hex()
            self._revm.insert_account_info(name, before.basic(name))
            for number, word in slots.items():
                if word:
                    # It goes into the database, and loads the account into the journal, where the next slot of
                    # it would go, warm and as if just written; so the journal forgets the account again.
                    mark = self._revm.snapshot()
                    self._revm.insert_account_storage(name, number, word)
                    self._revm.revert(mark)

    def storage(self, address: bytes) -> dict[int, int]:
        return {s: v for s, v in sorted(self._slots_of.get(address, {}).items()) if v}

    def accounts(self) -> list[bytes]:
        """Whoever has storage."""
        return [address for address, slots in self._slots_of.items() if any(slots.values())]


class RecordedEvm(Evm):
    """py-evm with the same face."""

    def accounts(self) -> list[bytes]:
        """Whoever has storage."""
        return [address for address in self._slots.written if self.storage(address)]


def chain() -> JournalledEvm | RecordedEvm:
    """The faster one there is."""
    return JournalledEvm() if AVAILABLE else RecordedEvm()
