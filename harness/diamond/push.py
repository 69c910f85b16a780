"""PushFacet: where to reach an account's devices with a push message."""

from __future__ import annotations

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function clearPushSub()
function hasPushSub(address account) view returns (bool)
function pushSubOf(address account) view returns (bytes sub)
function setPushSub(bytes sub)
event PushSubCleared(address indexed account)
event PushSubSet(address indexed account, bytes sub)
error EmptyPushSub()
error PushSubTooLong(uint256 length)
"""
)


class Push(ContractClient):
    """At most 4,096 bytes per account, public: store ciphertext."""

    INTERFACE = INTERFACE

    def clear_push_sub(self, *, key: str | None = None) -> Receipt:
        return self.write("clearPushSub", key=key)

    def has_push_sub(self, account: Address) -> bool:
        return bool(self.read("hasPushSub", account))

    def push_sub_of(self, account: Address) -> bytes:
        """Empty when there is none."""
        return bytes(self.read("pushSubOf", account))

    def set_push_sub(self, sub: bytes, *, key: str | None = None) -> Receipt:
        return self.write("setPushSub", sub, key=key)
