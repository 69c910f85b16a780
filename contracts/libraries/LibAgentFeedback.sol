// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAgentErrors} from "../interfaces/IAgentErrors.sol";
import {AgentReputationStorage, FeedbackTags} from "../storage/AgentReputationStorage.sol";
import {LibNs} from "./LibNs.sol";

/// @dev What a read is to find. Hashes of tags; zero is no condition.
struct FeedbackFilter {
    uint256 agentId;
    bytes32 tag1;
    bytes32 tag2;
    bool includeRevoked;
}

/// @dev Numbers of one number of decimals each, and their sum at 18 decimals.
struct FeedbackSum {
    uint256 count;
    int256 total;
    uint256[] byDecimals;
}

/// @title Reading feedback: what matches, how much may be read, what it comes to
library LibAgentFeedback {
    uint256 internal constant MAX_READ = 1_000;
    uint256 internal constant MAX_DECIMALS = 18;

    function filterOf(uint256 agentId, string calldata tag1, string calldata tag2, bool includeRevoked)
        internal
        pure
        returns (FeedbackFilter memory)
    {
        return FeedbackFilter(agentId, _hashOf(tag1), _hashOf(tag2), includeRevoked);
    }

    /// @dev `ReadTooLarge` when the clients and their feedback are more than may be read in one call.
    function requireReadable(uint256 agentId, address[] memory clients) internal view returns (uint256 total) {
        AgentReputationStorage storage s = LibNs.agentReputation();
        requireWithin(clients.length);
        for (uint256 i = 0; i < clients.length; i++) {
            total += s.records[agentId][clients[i]].lastIndex;
        }
        requireWithin(clients.length + total);
    }

    function requireWithin(uint256 records) internal pure {
        if (records > MAX_READ) revert IAgentErrors.ReadTooLarge(MAX_READ);
    }

    function matches(FeedbackFilter memory filter, address client, uint256 index) internal view returns (bool) {
        AgentReputationStorage storage s = LibNs.agentReputation();
        if (!filter.includeRevoked && s.feedback[filter.agentId][client][index].revoked) return false;
        FeedbackTags storage tags = s.tags[filter.agentId][client][index];
        if (filter.tag1 != 0 && keccak256(bytes(tags.tag1)) != filter.tag1) return false;
        return filter.tag2 == 0 || keccak256(bytes(tags.tag2)) == filter.tag2;
    }

    function add(FeedbackSum memory sum, int128 value, uint8 decimals) internal pure {
        sum.count += 1;
        sum.total += int256(value) * _scale(MAX_DECIMALS - decimals);
        sum.byDecimals[decimals] += 1;
    }

    /// @dev The mean at the most frequent number of decimals, or at the largest smaller one at which it fits. Values
    /// are at most 1e38, so it fits at none at the latest.
    function mean(FeedbackSum memory sum) internal pure returns (int128 value, uint8 decimals) {
        if (sum.count == 0) return (0, 0);
        for (uint256 i = 1; i <= MAX_DECIMALS; i++) {
            if (sum.byDecimals[i] > sum.byDecimals[decimals]) decimals = uint8(i);
        }
        int256 exact = sum.total / int256(sum.count);
        int256 rounded = exact / _scale(MAX_DECIMALS - decimals);
        while (rounded > type(int128).max || rounded < type(int128).min) {
            decimals -= 1;
            rounded = exact / _scale(MAX_DECIMALS - decimals);
        }
        value = int128(rounded);
    }

    function responsesKey(uint256 agentId, address client, uint256 index) internal pure returns (bytes32) {
        return keccak256(abi.encode(agentId, client, index));
    }

    function _hashOf(string calldata tag) private pure returns (bytes32) {
        return bytes(tag).length == 0 ? bytes32(0) : keccak256(bytes(tag));
    }

    function _scale(uint256 decimals) private pure returns (int256) {
        return int256(10 ** decimals);
    }
}
