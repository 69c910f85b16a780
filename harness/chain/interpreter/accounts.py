"""py-evm's account database with less work per access: the same journals, tries and roots.

What is left out is the record of what was read, which serves witnesses that nobody here asks for. Accounts
are decoded once per encoding, storage words without the general RLP reader, and what was read from the
trie is forgotten only when the trie itself is another one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import rlp
from eth.constants import EMPTY_SHA3
from eth.db.account import AccountDB
from eth.db.storage import CLEAR_COUNT_KEY_NAME, AccountStorageDB
from eth.rlp.accounts import Account
from eth.vm.interrupt import MissingBytecode, MissingStorageTrieNode
from eth_utils.exceptions import ValidationError

KEPT_ACCOUNTS = 4096


class WrittenSlots:
    """Storage slots ever written, per account; the trie itself cannot be enumerated."""

    def __init__(self) -> None:
        self.written: dict[bytes, set[int]] = {}
        self.touched: set[tuple[bytes, int]] = set()

    def note(self, address: bytes, slot: int) -> None:
        self.written.setdefault(address, set()).add(slot)
        self.touched.add((address, slot))


class QuickAccounts(AccountDB):
    """Accounts of one state; every slot that is written is noted in `slots`, reverted or not."""

    def __init__(self, slots: WrittenSlots, database: Any, state_root: Any) -> None:
        super().__init__(database, state_root)
        self._slots = slots

    def set_storage(self, address: Any, slot: int, value: int) -> None:
        self._slots.note(address, slot)
        super().set_storage(address, slot, value)

    def get_code(self, address: Any) -> bytes:
        """Raises MissingBytecode for a hash that the database does not know."""
        code_hash = self.get_code_hash(address)
        if code_hash == EMPTY_SHA3:
            return b""
        try:
            return self._journaldb[code_hash]
        except KeyError:
            raise MissingBytecode(code_hash) from None

    def is_storage_warm(self, address: Any, slot: int) -> bool:
        return (address, slot) in self._accessed.keys

    def mark_storage_warm(self, address: Any, slot: int) -> None:
        self._accessed.add((address, slot))

    def is_address_warm(self, address: Any) -> bool:
        return address in self._accessed.keys

    def mark_address_warm(self, address: Any) -> None:
        self._accessed.add(address)

    def _reset_access_counters(self) -> None:
        self._accessed = Accessed()
        self._journal_accessed_state = self._accessed  # type: ignore[assignment]

    def _get_account(self, address: Any, from_journal: bool = True) -> Account:
        if not from_journal:
            return super()._get_account(address, from_journal)
        account = self._account_cache.get(address)
        if account is None:
            encoded = self._get_encoded_account(address)
            account = _decoded(encoded) if encoded else Account()
            self._account_cache[address] = account
        return account

    def _set_account(self, address: Any, account: Account) -> None:
        self._account_cache[address] = account
        self._journaltrie[address] = rlp.encode(account)  # kept by the account itself

    def _get_address_store(self, address: Any) -> Any:
        store = self._account_stores.get(address)
        if store is None:
            store = QuickStorage(self._raw_store_db, self._get_storage_root(address), address)
            self._account_stores[address] = store
        return store


class Accessed:
    """Addresses and (address, slot) pairs that a transaction has touched (EIP-2929), with a way back."""

    def __init__(self) -> None:
        self.keys: set[Any] = set()
        self._order: list[Any] = []
        self._marks: list[tuple[int, int]] = []

    def add(self, key: Any) -> None:
        if key not in self.keys:
            self.keys.add(key)
            self._order.append(key)

    def record(self, checkpoint: int) -> None:
        self._marks.append((checkpoint, len(self._order)))

    def commit(self, checkpoint: int) -> None:
        self._back_to(checkpoint)

    def discard(self, checkpoint: int) -> None:
        length = self._back_to(checkpoint)
        self.keys.difference_update(self._order[length:])
        del self._order[length:]

    def _back_to(self, checkpoint: int) -> int:
        while self._marks:
            name, length = self._marks.pop()
            if name == checkpoint:
                return length
        raise ValidationError(f"no checkpoint {checkpoint}")


class QuickStorage(AccountStorageDB):
    """Storage of one account."""

    def get(self, slot: int, from_journal: bool = True) -> int:
        try:
            encoded = (self._journal_storage if from_journal else self._locked_changes)[_key(slot)]
        except MissingStorageTrieNode:
            raise
        except KeyError:
            return 0
        # RLP of a number below 2^256: itself, or a byte with its length and then its bytes.
        if len(encoded) < 2:
            return encoded[0] if encoded else 0
        return int.from_bytes(encoded[1:], "big")

    def set(self, slot: int, value: int) -> None:
        if not value:
            super().set(slot, value)
            return
        data = _key(value)
        encoded = data if value < 0x80 else bytes((0x80 + len(data),)) + data
        self._journal_storage[_key(slot)] = encoded

    def discard(self, checkpoint: Any) -> None:
        """What was read from the trie stays true unless this goes back to another trie."""
        before = self._clear_count[CLEAR_COUNT_KEY_NAME]
        known = self._storage_cache._cached_values
        super().discard(checkpoint)
        if self._clear_count[CLEAR_COUNT_KEY_NAME] == before:
            self._storage_cache._cached_values = known


def _key(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8 or 1, "big")


@lru_cache(maxsize=KEPT_ACCOUNTS)
def _decoded(encoded: bytes) -> Account:
    account: Account = rlp.decode(encoded, sedes=Account)
    return account
