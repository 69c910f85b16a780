// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ISessionRoomFacet} from "../../interfaces/ISessionRoomFacet.sol";
import {LibAccountSet} from "../../libraries/LibAccountSet.sol";
import {LibJournal, Note} from "../../libraries/LibJournal.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibPage} from "../../libraries/LibPage.sol";
import {Room, RoomStorage} from "../../storage/RoomStorage.sol";

/// @title SessionRoomFacet: documented at ISessionRoomFacet
contract SessionRoomFacet is ISessionRoomFacet {
    /// @dev Beside the creator.
    uint256 private constant MAX_MEMBERS = 63;
    uint256 private constant MAX_BATCH = 16;
    uint256 private constant MAX_BLOB = 2_048;
    uint256 private constant EPOCH_SHIFT = 40;

    function createRoom() external returns (uint256 roomId) {
        RoomStorage storage s = LibNs.room();
        roomId = s.count + 1;
        s.count = roomId;
        s.rooms[roomId].creator = msg.sender;
        emit RoomCreated(roomId, msg.sender);
    }

    function roomAddMember(uint256 roomId, address member) external {
        // Check
        Room storage room = _ownRoom(roomId);
        if (member == address(0)) revert ZeroAddress();
        if (member == room.creator) return;
        RoomStorage storage s = LibNs.room();
        // Effect
        if (!LibAccountSet.add(s.members[roomId], member)) return;
        if (LibAccountSet.length(s.members[roomId]) > MAX_MEMBERS) revert RoomFull();
        emit MemberAdded(roomId, member);
    }

    function roomRemoveMember(uint256 roomId, address member) external {
        // Check
        Room storage room = _ownRoom(roomId);
        if (member == room.creator) revert NotRoomCreator();
        // Effect
        if (LibAccountSet.remove(LibNs.room().members[roomId], member)) emit MemberRemoved(roomId, member);
    }

    function appendOp(uint256 roomId, bytes calldata blob) external returns (uint256 index) {
        // Check
        Room storage room = _joinedRoom(roomId);
        // Effect
        index = room.ops;
        room.ops = uint40(index) + 1;
        _append(roomId, room.epoch, index, blob);
    }

    function appendOps(uint256 roomId, bytes[] calldata blobs) external returns (uint256 index) {
        // Check
        Room storage room = _joinedRoom(roomId);
        if (blobs.length > MAX_BATCH) revert BatchTooLarge(MAX_BATCH);
        // Effect
        index = room.ops;
        room.ops = uint40(index) + uint40(blobs.length);
        uint256 epoch = room.epoch;
        for (uint256 i = 0; i < blobs.length; i++) {
            _append(roomId, epoch, index + i, blobs[i]);
        }
    }

    function clearRoom(uint256 roomId) external returns (uint256 epoch) {
        // Check
        Room storage room = _ownRoom(roomId);
        // Effect
        LibNs.room().lengths[roomId][room.epoch] = room.ops;
        room.epoch += 1;
        room.ops = 0;
        epoch = room.epoch;
        emit RoomCleared(roomId, epoch);
    }

    function opsOf(uint256 roomId, uint256 fromIndex) external view returns (Note[] memory ops) {
        Room storage room = _room(roomId);
        (ops,) = _page(roomId, room.epoch, room.ops, fromIndex, LibPage.MAX_LIMIT);
    }

    function opsRange(uint256 roomId, uint256 epoch, uint256 startAfter, uint256 limit)
        external
        view
        returns (Note[] memory ops, uint256 nextCursor)
    {
        Room storage room = _room(roomId);
        uint256 length = epoch == room.epoch ? room.ops : LibNs.room().lengths[roomId][epoch];
        return _page(roomId, epoch, length, startAfter, limit);
    }

    function opCount(uint256 roomId) external view returns (uint256) {
        return _room(roomId).ops;
    }

    function roomEpoch(uint256 roomId) external view returns (uint256) {
        return _room(roomId).epoch;
    }

    function roomCreator(uint256 roomId) external view returns (address) {
        return _room(roomId).creator;
    }

    function roomIsMember(uint256 roomId, address account) external view returns (bool) {
        return _isMember(roomId, LibNs.room().rooms[roomId], account);
    }

    function roomMembersOf(uint256 roomId) external view returns (address[] memory members) {
        Room storage room = _room(roomId);
        RoomStorage storage s = LibNs.room();
        uint256 others = LibAccountSet.length(s.members[roomId]);
        members = new address[](others + 1);
        members[0] = room.creator;
        for (uint256 i = 0; i < others; i++) {
            members[i + 1] = LibAccountSet.at(s.members[roomId], i);
        }
    }

    function roomCount() external view returns (uint256) {
        return LibNs.room().count;
    }

    function _append(uint256 roomId, uint256 epoch, uint256 index, bytes calldata blob) private {
        if (blob.length == 0) revert EmptyBlob();
        if (blob.length > MAX_BLOB) revert BlobTooLarge(blob.length);
        LibNs.room().entries[roomId][(epoch << EPOCH_SHIFT) + index] = LibJournal.write(msg.sender, blob);
        emit OpAppended(roomId, msg.sender, index);
    }

    function _page(uint256 roomId, uint256 epoch, uint256 length, uint256 start, uint256 limit)
        private
        view
        returns (Note[] memory ops, uint256 nextCursor)
    {
        uint256 size = LibPage.sizeOf(length, start, limit);
        if (size == 0) return (ops, length);
        ops = LibJournal.notes(LibNs.room().entries[roomId], (epoch << EPOCH_SHIFT) + start, size);
        nextCursor = start + size;
    }

    function _isMember(uint256 roomId, Room storage room, address account) private view returns (bool) {
        address creator = room.creator;
        if (creator == address(0)) return false;
        return account == creator || LibAccountSet.has(LibNs.room().members[roomId], account);
    }

    function _room(uint256 roomId) private view returns (Room storage room) {
        room = LibNs.room().rooms[roomId];
        if (room.creator == address(0)) revert NoSuchRoom();
    }

    function _ownRoom(uint256 roomId) private view returns (Room storage room) {
        room = _room(roomId);
        if (msg.sender != room.creator) revert NotRoomCreator();
    }

    function _joinedRoom(uint256 roomId) private view returns (Room storage room) {
        room = _room(roomId);
        if (!_isMember(roomId, room, msg.sender)) revert NotRoomMember();
    }
}
