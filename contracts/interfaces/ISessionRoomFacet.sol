// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Note} from "../libraries/LibJournal.sol";
import {IErrors} from "./IErrors.sol";

/// @title Rooms: append-only logs of sealed operations, written by members
/// @notice Blobs are ciphertext that the chain never interprets. A writer seals the room's id and epoch into the
/// envelope, so that an operation copied from another room or epoch is refused by whoever opens it. A clearing starts
/// a new epoch at the same price however long the log was; older epochs stay readable. Ids start at 1, epochs and
/// indexes at 0.
interface ISessionRoomFacet is IErrors {
    event RoomCreated(uint256 indexed roomId, address indexed creator);
    event MemberAdded(uint256 indexed roomId, address indexed member);
    event MemberRemoved(uint256 indexed roomId, address indexed member);
    event OpAppended(uint256 indexed roomId, address indexed writer, uint256 index);
    event RoomCleared(uint256 indexed roomId, uint256 epoch);

    error NoSuchRoom();
    /// @notice The caller did not create the room, or the creator is asked to leave it.
    error NotRoomCreator();
    error NotRoomMember();
    /// @notice The room has 64 members, its creator included.
    error RoomFull();
    error EmptyBlob();
    /// @notice An operation is longer than 2,048 bytes.
    error BlobTooLarge(uint256 length);

    /// @notice The caller becomes creator and first member.
    function createRoom() external returns (uint256 roomId);
    /// @notice Creator only. `NoSuchRoom`, `NotRoomCreator`, `ZeroAddress`, `RoomFull`; a member stays one silently.
    function roomAddMember(uint256 roomId, address member) external;
    /// @notice Creator only. `NoSuchRoom`, `NotRoomCreator`; nothing happens when it is no member.
    function roomRemoveMember(uint256 roomId, address member) external;
    /// @notice Members only. `NoSuchRoom`, `NotRoomMember`, `EmptyBlob`, `BlobTooLarge`.
    /// @return index The operation's place in the present epoch.
    function appendOp(uint256 roomId, bytes calldata blob) external returns (uint256 index);
    /// @notice As `appendOp`, at most 16 at once: `NoSuchRoom`, `NotRoomMember`, `BatchTooLarge`, then each blob.
    /// @return index The first one's place.
    function appendOps(uint256 roomId, bytes[] calldata blobs) external returns (uint256 index);
    /// @notice Creator only. `NoSuchRoom`, `NotRoomCreator`.
    /// @return epoch The new one.
    function clearRoom(uint256 roomId) external returns (uint256 epoch);

    /// @notice At most 200 operations (author, time, blob) of the present epoch from `fromIndex`. `NoSuchRoom`.
    function opsOf(uint256 roomId, uint256 fromIndex) external view returns (Note[] memory ops);
    /// @notice At most `limit` (200) operations of an epoch from index `startAfter`. `NoSuchRoom`.
    /// @return ops Empty at or past the end.
    /// @return nextCursor Where to go on; the epoch's length when there is nothing more.
    function opsRange(uint256 roomId, uint256 epoch, uint256 startAfter, uint256 limit)
        external
        view
        returns (Note[] memory ops, uint256 nextCursor);
    /// @notice Operations in the present epoch. `NoSuchRoom`.
    function opCount(uint256 roomId) external view returns (uint256);
    /// @notice `NoSuchRoom`.
    function roomEpoch(uint256 roomId) external view returns (uint256);
    /// @notice `NoSuchRoom`.
    function roomCreator(uint256 roomId) external view returns (address);
    /// @return False for a room that does not exist.
    function roomIsMember(uint256 roomId, address account) external view returns (bool);
    /// @notice The creator, then the others in no particular order. `NoSuchRoom`.
    function roomMembersOf(uint256 roomId) external view returns (address[] memory members);
    function roomCount() external view returns (uint256);
}
