// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Note} from "../libraries/LibJournal.sol";
import {IErrors} from "./IErrors.sol";

/// @title Finding peers and exchanging the first messages of a direct connection
/// @notice Times in seconds. A peer is an ephemeral key present under a topic for 600 seconds after the time it signed;
/// announcing again prolongs it. Whoever signed may send through anybody. The topic of an account's own devices,
/// keccak256("localharness.devices" ‖ account), takes only what that account signed; anywhere else the ephemeral key
/// signs, and `owner` is no more than a claim.
/// @dev A signature argument is eight bytes of time, big-endian, then the signature (ECDSA or ERC-1271) over EIP-712
/// domain ("facetworks-signaling", "1") and one of
/// Announce(bytes32 topic,address owner,address ephemeral,bytes pubkey,uint64 time),
/// Leave(bytes32 topic,address owner,address ephemeral,uint64 time).
/// A time counts when it is later than the last one of that key under that topic, at most 600 seconds old and at most
/// 60 ahead: nothing can be replayed after a leave, and nothing old be published late.
interface ISignalingFacet is IErrors {
    event SignalPosted(address indexed to, address indexed from, uint256 index);
    event InboxCleared(address indexed account, uint256 count);
    event PeerAnnounced(
        bytes32 indexed topic, address indexed ephemeral, address indexed owner, bytes pubkey, uint64 time
    );
    event PeerLeft(bytes32 indexed topic, address indexed ephemeral);
    event PeerDropped(bytes32 indexed topic, address indexed ephemeral);

    struct Peer {
        address owner;
        address ephemeral;
        uint64 time;
        bytes pubkey;
    }

    error EmptyBlob();
    /// @notice A signal is longer than 4,096 bytes.
    error BlobTooLarge(uint256 length);
    /// @notice A public key is longer than 128 bytes.
    error PubkeyTooLong(uint256 length);
    /// @notice The signature is not that of the account the topic asks for.
    error Unauthorized();
    /// @notice The signed time is not later than the last one, or too old, or too far ahead.
    error BadTime();
    /// @notice The topic has 256 peers and none of those looked at has expired; see `dropPeer`.
    error RosterFull();
    /// @notice The peer is there still, or not at all.
    error NotExpired();

    /// @notice Puts a sealed message into somebody's box. `ZeroAddress`, `EmptyBlob`, `BlobTooLarge`.
    /// @return index Its place since the box was last cleared.
    function postSignal(address to, bytes calldata blob) external returns (uint256 index);
    /// @notice Empties the caller's box, at the same price however full; nothing happens when it is empty.
    function clearInbox() external;
    /// @notice Enters or prolongs a peer. `ZeroAddress`, `PubkeyTooLong`, `BadTime`, `Unauthorized`, `RosterFull`.
    function announce(bytes32 topic, address owner, address ephemeral, bytes calldata pubkey, bytes calldata sig)
        external;
    /// @notice Takes a peer out and makes every earlier announcement void, also one nobody has sent yet. `BadTime`,
    /// `Unauthorized`.
    function leave(bytes32 topic, address owner, address ephemeral, bytes calldata sig) external;
    /// @notice Anyone: takes out a peer whose time is over. `NotExpired`.
    function dropPeer(bytes32 topic, address ephemeral) external;

    /// @notice At most 200 signals (author, time, blob) of the present box from `fromIndex`.
    function inboxOf(address account, uint256 fromIndex) external view returns (Note[] memory signals);
    function inboxLength(address account) external view returns (uint256);
    /// @notice All peers present now, at most 256, in no particular order.
    function peersOf(bytes32 topic) external view returns (Peer[] memory peers);
    /// @notice Those present among at most `limit` (200) places of the roster, last place first, so that whoever is
    /// there throughout an iteration is seen.
    /// @param startAfter 0 for the first page, then the previous `nextCursor`.
    /// @return peers The page, possibly empty before the end.
    /// @return nextCursor 2^256-1 when there is nothing more.
    function peersPage(bytes32 topic, uint256 startAfter, uint256 limit)
        external
        view
        returns (Peer[] memory peers, uint256 nextCursor);
    function deviceTopicOf(address account) external pure returns (bytes32 topic);
    /// @return time The last time signed by this key under this topic; zero for none.
    function lastSignedTime(bytes32 topic, address ephemeral) external view returns (uint64 time);
}
