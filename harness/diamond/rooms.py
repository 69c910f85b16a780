"""SessionRoomFacet: append-only logs of sealed operations, written by a room's members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function appendOp(uint256 roomId, bytes blob) returns (uint256 index)
function appendOps(uint256 roomId, bytes[] blobs) returns (uint256 index)
function clearRoom(uint256 roomId) returns (uint256 epoch)
function createRoom() returns (uint256 roomId)
function opCount(uint256 roomId) view returns (uint256)
function opsOf(uint256 roomId, uint256 fromIndex) view returns ((address author, uint64 time, bytes body)[] ops)
function opsRange(uint256 roomId, uint256 epoch, uint256 startAfter, uint256 limit) view returns ((address author, uint64 time, bytes body)[] ops, uint256 nextCursor)
function roomAddMember(uint256 roomId, address member)
function roomCount() view returns (uint256)
function roomCreator(uint256 roomId) view returns (address)
function roomEpoch(uint256 roomId) view returns (uint256)
function roomIsMember(uint256 roomId, address account) view returns (bool)
function roomMembersOf(uint256 roomId) view returns (address[] members)
function roomRemoveMember(uint256 roomId, address member)
event MemberAdded(uint256 indexed roomId, address indexed member)
event MemberRemoved(uint256 indexed roomId, address indexed member)
event OpAppended(uint256 indexed roomId, address indexed writer, uint256 index)
event RoomCleared(uint256 indexed roomId, uint256 epoch)
event RoomCreated(uint256 indexed roomId, address indexed creator)
error BlobTooLarge(uint256 length)
error EmptyBlob()
error NoSuchRoom()
error NotRoomCreator()
error NotRoomMember()
error RoomFull()
"""
)


@dataclass(frozen=True)
class Op:
    """Who appended what, and when (seconds)."""

    writer: Address
    time: int
    blob: bytes


class Rooms(ContractClient):
    """Seal room and epoch into each blob: the chain checks who writes, readers check the rest."""

    INTERFACE = INTERFACE

    def append_op(self, room: int, blob: bytes, *, key: str | None = None) -> int:
        """1 to 2,048 bytes; the operation's place in the present epoch."""
        receipt = self.write("appendOp", room, blob, key=key)
        return int(self.event(receipt, "OpAppended")["index"])

    def append_ops(self, room: int, blobs: Sequence[bytes], *, key: str | None = None) -> Receipt:
        """At most 16 at once."""
        return self.write("appendOps", room, list(blobs), key=key)

    def clear_room(self, room: int, *, key: str | None = None) -> int:
        """Creator only; the new epoch."""
        receipt = self.write("clearRoom", room, key=key)
        return int(self.event(receipt, "RoomCleared")["epoch"])

    def create_room(self, *, key: str | None = None) -> int:
        """The room's id; the sender is its creator."""
        receipt = self.write("createRoom", key=key)
        return int(self.event(receipt, "RoomCreated")["roomId"])

    def op_count(self, room: int) -> int:
        return int(self.read("opCount", room))

    def ops_of(self, room: int, from_index: int) -> tuple[Op, ...]:
        """At most 200 operations of the present epoch."""
        return tuple(Op(*op) for op in self.read("opsOf", room, from_index))

    def ops_range(
        self, room: int, epoch: int, start_after: int, limit: int
    ) -> tuple[tuple[Op, ...], int]:
        """Operations of an epoch and where to go on."""
        ops, next_cursor = self.read("opsRange", room, epoch, start_after, limit)
        return tuple(Op(*op) for op in ops), next_cursor

    def room_add_member(self, room: int, member: Address, *, key: str | None = None) -> Receipt:
        """Creator only."""
        return self.write("roomAddMember", room, member, key=key)

    def room_count(self) -> int:
        return int(self.read("roomCount"))

    def room_creator(self, room: int) -> Address:
        return str(self.read("roomCreator", room))

    def room_epoch(self, room: int) -> int:
        return int(self.read("roomEpoch", room))

    def room_is_member(self, room: int, account: Address) -> bool:
        return bool(self.read("roomIsMember", room, account))

    def room_members_of(self, room: int) -> tuple[Address, ...]:
        """The creator first."""
        return tuple(self.read("roomMembersOf", room))

    def room_remove_member(self, room: int, member: Address, *, key: str | None = None) -> Receipt:
        """Creator only."""
        return self.write("roomRemoveMember", room, member, key=key)
