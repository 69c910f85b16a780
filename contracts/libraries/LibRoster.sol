// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ISignalingFacet} from "../interfaces/ISignalingFacet.sol";
import {SignalingStorage} from "../storage/SignalingStorage.sol";
import {AccountSet, LibAccountSet} from "./LibAccountSet.sol";
import {Entry, LibJournal} from "./LibJournal.sol";
import {LibNs} from "./LibNs.sol";
import {LibSig} from "./LibSig.sol";
import {LibTypedData} from "./LibTypedData.sol";

/// @title Who is present under a topic: what they sign, how long it counts, where they sit
library LibRoster {
    uint256 internal constant TTL = 600;
    uint256 internal constant MAX_AHEAD = 60;
    uint256 internal constant MAX_PEERS = 256;
    /// @dev How many places of a full roster are searched for one whose time is over.
    uint256 private constant LOOKS = 8;
    uint256 private constant TIME_SIZE = 8;

    /// @dev keccak256("facetworks-signaling")
    bytes32 private constant NAME_HASH = 0xb573102168b6324f6c802fb6c80b1721d2fab91eee938580e77274cdf2344da3;
    /// @dev keccak256("Announce(bytes32 topic,address owner,address ephemeral,bytes pubkey,uint64 time)")
    bytes32 private constant ANNOUNCE_TYPEHASH = 0xef30fd9f01b2380ad6e7d547e93b92771d0bdc9b7352e6311e6cbf2ea4875a76;
    /// @dev keccak256("Leave(bytes32 topic,address owner,address ephemeral,uint64 time)")
    bytes32 private constant LEAVE_TYPEHASH = 0xf13e8bb377ff230b5461b6bb884fe647b83210d53004185422998df9af08c21b;

    function deviceTopicOf(address account) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked("localharness.devices", account));
    }

    /// @dev The time in front of a signature, when it is new for this key and near enough to now; else `BadTime`. A
    /// signature too short to carry a time is nobody's.
    function requireFresh(bytes32 topic, address ephemeral, bytes calldata sig) internal view returns (uint64 time) {
        if (sig.length < TIME_SIZE) revert ISignalingFacet.Unauthorized();
        time = uint64(bytes8(sig[:TIME_SIZE]));
        uint256 last = LibNs.signaling().peers[topic][ephemeral].time;
        // Not further ahead than a minute: it fits the 40 bits it is stored in.
        if (time <= last || time + TTL < block.timestamp || time > block.timestamp + MAX_AHEAD) {
            revert ISignalingFacet.BadTime();
        }
    }

    function announceHash(bytes32 topic, address owner, address ephemeral, bytes32 pubkeyHash, uint64 time)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(ANNOUNCE_TYPEHASH, topic, owner, ephemeral, pubkeyHash, time));
    }

    function leaveHash(bytes32 topic, address owner, address ephemeral, uint64 time)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(LEAVE_TYPEHASH, topic, owner, ephemeral, time));
    }

    /// @dev The owner signs under the topic of its own devices, the ephemeral key under every other.
    function isSigned(bytes32 topic, address owner, address ephemeral, bytes32 structHash, bytes calldata sig)
        internal
        view
        returns (bool)
    {
        address signer = topic == deviceTopicOf(owner) ? owner : ephemeral;
        bytes32 domain = LibTypedData.separator(NAME_HASH, LibTypedData.VERSION_1);
        return LibSig.check(signer, LibTypedData.digest(domain, structHash), sig[TIME_SIZE:]);
    }

    function isPresent(Entry storage entry) internal view returns (bool) {
        return entry.text != address(0) && block.timestamp <= entry.time + TTL;
    }

    /// @dev Gives `ephemeral` a place; in a full roster, that of a peer whose time is over. Places are taken in the
    /// order of joining, so the hand that goes round them meets the oldest first.
    function seat(bytes32 topic, address ephemeral) internal {
        SignalingStorage storage s = LibNs.signaling();
        AccountSet storage roster = s.rosters[topic];
        if (LibAccountSet.has(roster, ephemeral)) return;
        if (LibAccountSet.length(roster) < MAX_PEERS) {
            LibAccountSet.add(roster, ephemeral);
            return;
        }
        uint256 hand = s.hands[topic];
        for (uint256 i = 0; i < LOOKS; i++) {
            address member = LibAccountSet.at(roster, (hand + i) % MAX_PEERS);
            if (isPresent(s.peers[topic][member])) continue;
            LibAccountSet.replace(roster, member, ephemeral);
            delete s.peers[topic][member];
            s.hands[topic] = (hand + i + 1) % MAX_PEERS;
            return;
        }
        revert ISignalingFacet.RosterFull();
    }

    /// @dev A peer that says the same again only writes its time.
    function record(Entry storage entry, address owner, bytes calldata pubkey, uint64 time) internal {
        address text = entry.text;
        if (text == address(0) || !_says(text, owner, pubkey)) text = LibJournal.write(owner, pubkey).text;
        entry.text = text;
        entry.time = uint40(time);
    }

    function _says(address text, address owner, bytes calldata pubkey) private view returns (bool) {
        (address author, bytes memory body) = LibJournal.read(text);
        return author == owner && keccak256(body) == keccak256(pubkey);
    }
}
