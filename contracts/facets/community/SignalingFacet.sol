// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ISignalingFacet} from "../../interfaces/ISignalingFacet.sol";
import {AccountSet, LibAccountSet} from "../../libraries/LibAccountSet.sol";
import {Entry, LibJournal, Note} from "../../libraries/LibJournal.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibPage} from "../../libraries/LibPage.sol";
import {LibRoster} from "../../libraries/LibRoster.sol";
import {SignalBox, SignalingStorage} from "../../storage/SignalingStorage.sol";

/// @title SignalingFacet: documented at ISignalingFacet
contract SignalingFacet is ISignalingFacet {
    uint256 private constant MAX_BLOB = 4_096;
    uint256 private constant MAX_PUBKEY = 128;
    uint256 private constant GENERATION_SHIFT = 64;

    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    function postSignal(address to, bytes calldata blob) external returns (uint256 index) {
        // Check
        if (to == address(0)) revert ZeroAddress();
        if (blob.length == 0) revert EmptyBlob();
        if (blob.length > MAX_BLOB) revert BlobTooLarge(blob.length);
        // Effect
        SignalBox storage box = LibNs.signaling().boxes[to];
        index = box.length;
        box.length = uint64(index) + 1;
        LibNs.signaling().signals[to][_base(box) + index] = LibJournal.write(msg.sender, blob);
        emit SignalPosted(to, msg.sender, index);
    }

    function clearInbox() external {
        SignalBox storage box = LibNs.signaling().boxes[msg.sender];
        uint256 count = box.length;
        if (count == 0) return;
        box.generation += 1;
        box.length = 0;
        emit InboxCleared(msg.sender, count);
    }

    function announce(bytes32 topic, address owner, address ephemeral, bytes calldata pubkey, bytes calldata sig)
        external
        nonReentrant
    {
        // Check
        if (owner == address(0) || ephemeral == address(0)) revert ZeroAddress();
        if (pubkey.length > MAX_PUBKEY) revert PubkeyTooLong(pubkey.length);
        uint64 time = LibRoster.requireFresh(topic, ephemeral, sig);
        bytes32 structHash = LibRoster.announceHash(topic, owner, ephemeral, keccak256(pubkey), time);
        if (!LibRoster.isSigned(topic, owner, ephemeral, structHash, sig)) revert Unauthorized();
        // Effect
        LibRoster.seat(topic, ephemeral);
        LibRoster.record(LibNs.signaling().peers[topic][ephemeral], owner, pubkey, time);
        emit PeerAnnounced(topic, ephemeral, owner, pubkey, time);
    }

    function leave(bytes32 topic, address owner, address ephemeral, bytes calldata sig) external nonReentrant {
        // Check
        uint64 time = LibRoster.requireFresh(topic, ephemeral, sig);
        bytes32 structHash = LibRoster.leaveHash(topic, owner, ephemeral, time);
        if (!LibRoster.isSigned(topic, owner, ephemeral, structHash, sig)) revert Unauthorized();
        // Effect: the time stays, so that no announcement signed before can be sent after.
        LibNs.signaling().peers[topic][ephemeral] = Entry(address(0), uint40(time));
        if (LibAccountSet.remove(LibNs.signaling().rosters[topic], ephemeral)) emit PeerLeft(topic, ephemeral);
    }

    function dropPeer(bytes32 topic, address ephemeral) external {
        // Check
        SignalingStorage storage s = LibNs.signaling();
        bool seated = LibAccountSet.has(s.rosters[topic], ephemeral);
        if (!seated || LibRoster.isPresent(s.peers[topic][ephemeral])) revert NotExpired();
        // Effect
        LibAccountSet.remove(s.rosters[topic], ephemeral);
        delete s.peers[topic][ephemeral];
        emit PeerDropped(topic, ephemeral);
    }

    function inboxOf(address account, uint256 fromIndex) external view returns (Note[] memory signals) {
        SignalBox storage box = LibNs.signaling().boxes[account];
        uint256 size = LibPage.sizeOf(box.length, fromIndex, LibPage.MAX_LIMIT);
        if (size == 0) return signals;
        return LibJournal.notes(LibNs.signaling().signals[account], _base(box) + fromIndex, size);
    }

    function inboxLength(address account) external view returns (uint256) {
        return LibNs.signaling().boxes[account].length;
    }

    function peersOf(bytes32 topic) external view returns (Peer[] memory peers) {
        return _present(topic, LibAccountSet.all(LibNs.signaling().rosters[topic]));
    }

    function peersPage(bytes32 topic, uint256 startAfter, uint256 limit)
        external
        view
        returns (Peer[] memory peers, uint256 nextCursor)
    {
        address[] memory page;
        (page, nextCursor) = LibAccountSet.page(LibNs.signaling().rosters[topic], startAfter, limit);
        peers = _present(topic, page);
    }

    function deviceTopicOf(address account) external pure returns (bytes32 topic) {
        return LibRoster.deviceTopicOf(account);
    }

    function lastSignedTime(bytes32 topic, address ephemeral) external view returns (uint64 time) {
        return LibNs.signaling().peers[topic][ephemeral].time;
    }

    /// @dev The records of those among `ephemerals` whose time is not over.
    function _present(bytes32 topic, address[] memory ephemerals) private view returns (Peer[] memory peers) {
        mapping(address => Entry) storage entries = LibNs.signaling().peers[topic];
        uint256 count = 0;
        for (uint256 i = 0; i < ephemerals.length; i++) {
            if (LibRoster.isPresent(entries[ephemerals[i]])) count += 1;
        }
        peers = new Peer[](count);
        uint256 next = 0;
        for (uint256 i = 0; i < ephemerals.length; i++) {
            Entry storage entry = entries[ephemerals[i]];
            if (!LibRoster.isPresent(entry)) continue;
            Peer memory peer = peers[next];
            (peer.owner, peer.pubkey) = LibJournal.read(entry.text);
            peer.ephemeral = ephemerals[i];
            peer.time = entry.time;
            next += 1;
        }
    }

    function _base(SignalBox storage box) private view returns (uint256) {
        return uint256(box.generation) << GENERATION_SHIFT;
    }
}
