// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAgentReputationFacet} from "../../interfaces/IAgentReputationFacet.sol";
import {LibAgent} from "../../libraries/LibAgent.sol";
import {FeedbackFilter, FeedbackSum, LibAgentFeedback} from "../../libraries/LibAgentFeedback.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibPage} from "../../libraries/LibPage.sol";
import {LibTba} from "../../libraries/LibTba.sol";
import {
    AgentFeedback,
    AgentReputationStorage,
    FeedbackClient,
    FeedbackTags
} from "../../storage/AgentReputationStorage.sol";

/// @title AgentReputationFacet: documented at IAgentReputationFacet
contract AgentReputationFacet is IAgentReputationFacet {
    int128 private constant MAX_VALUE = 1e38;

    /// @dev What a read of many returns, gathered in memory.
    struct Found {
        address[] clients;
        uint64[] indexes;
        int128[] values;
        uint8[] decimals;
        string[] tag1s;
        string[] tag2s;
        bool[] revoked;
    }

    function giveFeedback(
        uint256 agentId,
        int128 value,
        uint8 valueDecimals,
        string calldata tag1,
        string calldata tag2,
        string calldata endpoint,
        string calldata feedbackURI,
        bytes32 feedbackHash
    ) external {
        // Check
        if (valueDecimals > LibAgentFeedback.MAX_DECIMALS) revert BadDecimals();
        if (value > MAX_VALUE || value < -MAX_VALUE) revert ValueOutOfRange();
        if (bytes(tag1).length > LibAgent.MAX_TAG || bytes(tag2).length > LibAgent.MAX_TAG) revert TagTooLong();
        _requireClient(agentId);
        // Effect
        uint64 index = _count(agentId);
        LibNs.agentReputation().feedback[agentId][msg.sender][index] = AgentFeedback(value, valueDecimals, false, 0);
        FeedbackTags storage tags = LibNs.agentReputation().tags[agentId][msg.sender][index];
        if (bytes(tag1).length != 0) tags.tag1 = tag1;
        if (bytes(tag2).length != 0) tags.tag2 = tag2;
        emit NewFeedback(
            agentId, msg.sender, index, value, valueDecimals, tag1, tag1, tag2, endpoint, feedbackURI, feedbackHash
        );
    }

    function revokeFeedback(uint256 agentId, uint64 feedbackIndex) external {
        // Check
        AgentFeedback storage entry = _get(agentId, msg.sender, feedbackIndex);
        if (entry.revoked) revert AlreadyRevoked();
        // Effect
        entry.revoked = true;
        emit FeedbackRevoked(agentId, msg.sender, feedbackIndex);
    }

    function appendResponse(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex,
        string calldata responseURI,
        bytes32 responseHash
    ) external {
        // Check
        if (bytes(responseURI).length == 0) revert EmptyResponse();
        AgentFeedback storage entry = _get(agentId, clientAddress, feedbackIndex);
        // Effect
        AgentReputationStorage storage s = LibNs.agentReputation();
        entry.responses += 1;
        s.records[agentId][clientAddress].responses += 1;
        s.subjects[agentId].responses += 1;
        s.responsesBy[LibAgentFeedback.responsesKey(agentId, clientAddress, feedbackIndex)][msg.sender] += 1;
        emit ResponseAppended(agentId, clientAddress, feedbackIndex, msg.sender, responseURI, responseHash);
    }

    function initialize(address) external pure {
        revert AlreadyInitialised();
    }

    function getIdentityRegistry() external view returns (address) {
        return address(this);
    }

    function getLastIndex(uint256 agentId, address clientAddress) external view returns (uint64) {
        return LibNs.agentReputation().records[agentId][clientAddress].lastIndex;
    }

    function readFeedback(uint256 agentId, address clientAddress, uint64 feedbackIndex)
        external
        view
        returns (int128 value, uint8 valueDecimals, string memory tag1, string memory tag2, bool isRevoked)
    {
        AgentFeedback storage entry = _get(agentId, clientAddress, feedbackIndex);
        FeedbackTags storage tags = LibNs.agentReputation().tags[agentId][clientAddress][feedbackIndex];
        return (entry.value, entry.decimals, tags.tag1, tags.tag2, entry.revoked);
    }

    function readFeedbackPage(uint256 agentId, address clientAddress, uint256 startAfter, uint256 limit)
        external
        view
        returns (
            int128[] memory values,
            uint8[] memory valueDecimals,
            string[] memory tag1s,
            string[] memory tag2s,
            bool[] memory revokedStatuses,
            uint256 nextCursor
        )
    {
        uint256 length = LibNs.agentReputation().records[agentId][clientAddress].lastIndex;
        uint256 size = LibPage.sizeOf(length, startAfter, limit);
        Found memory found = _room(size);
        for (uint256 i = 0; i < size; i++) {
            _fill(found, i, agentId, clientAddress, startAfter + i + 1);
        }
        nextCursor = size == 0 ? length : startAfter + size;
        return (found.values, found.decimals, found.tag1s, found.tag2s, found.revoked, nextCursor);
    }

    function readAllFeedback(
        uint256 agentId,
        address[] calldata clientAddresses,
        string calldata tag1,
        string calldata tag2,
        bool includeRevoked
    )
        external
        view
        returns (
            address[] memory clients,
            uint64[] memory feedbackIndexes,
            int128[] memory values,
            uint8[] memory valueDecimals,
            string[] memory tag1s,
            string[] memory tag2s,
            bool[] memory revokedStatuses
        )
    {
        Found memory found = _find(
            clientAddresses.length == 0 ? _readableClients(agentId) : clientAddresses,
            LibAgentFeedback.filterOf(agentId, tag1, tag2, includeRevoked)
        );
        return (
            found.clients, found.indexes, found.values, found.decimals, found.tag1s, found.tag2s, found.revoked
        );
    }

    function getSummary(uint256 agentId, address[] calldata clientAddresses, string calldata tag1, string calldata tag2)
        external
        view
        returns (uint64 count, int128 summaryValue, uint8 summaryValueDecimals)
    {
        if (clientAddresses.length == 0) revert NoClients();
        LibAgentFeedback.requireReadable(agentId, clientAddresses);
        FeedbackFilter memory filter = LibAgentFeedback.filterOf(agentId, tag1, tag2, false);
        FeedbackSum memory sum;
        sum.byDecimals = new uint256[](LibAgentFeedback.MAX_DECIMALS + 1);
        for (uint256 i = 0; i < clientAddresses.length; i++) {
            _addAll(sum, filter, clientAddresses[i]);
        }
        (summaryValue, summaryValueDecimals) = LibAgentFeedback.mean(sum);
        count = uint64(sum.count);
    }

    function getClients(uint256 agentId) external view returns (address[] memory) {
        return _clients(agentId, 0, LibNs.agentReputation().subjects[agentId].clients);
    }

    function getClientsPage(uint256 agentId, uint256 startAfter, uint256 limit)
        external
        view
        returns (address[] memory clients, uint256 nextCursor)
    {
        uint256 length = LibNs.agentReputation().subjects[agentId].clients;
        uint256 size = LibPage.sizeOf(length, startAfter, limit);
        clients = _clients(agentId, startAfter, size);
        nextCursor = size == 0 ? length : startAfter + size;
    }

    function getResponseCount(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex,
        address[] calldata responders
    ) external view returns (uint64 count) {
        AgentReputationStorage storage s = LibNs.agentReputation();
        if (clientAddress == address(0)) {
            if (responders.length == 0) return s.subjects[agentId].responses;
            return _responsesToAll(agentId, responders);
        }
        if (feedbackIndex == 0) {
            FeedbackClient storage record = s.records[agentId][clientAddress];
            if (responders.length == 0) return record.responses;
            LibAgentFeedback.requireWithin(responders.length);
            LibAgentFeedback.requireWithin(record.lastIndex * responders.length);
            return _responsesToClient(agentId, clientAddress, responders);
        }
        if (responders.length == 0) return s.feedback[agentId][clientAddress][feedbackIndex].responses;
        LibAgentFeedback.requireWithin(responders.length);
        return _responsesTo(agentId, clientAddress, feedbackIndex, responders);
    }

    /// @dev `UnknownAgent`, `SelfFeedback`.
    function _requireClient(uint256 agentId) private view {
        address owner = LibAgent.ownerOf(agentId);
        if (LibAgent.isOperator(msg.sender, owner, agentId) || msg.sender == LibTba.accountOrZero(agentId)) {
            revert SelfFeedback();
        }
    }

    /// @dev The number of the caller's next feedback; the first one puts the caller on the list of clients.
    function _count(uint256 agentId) private returns (uint64 index) {
        AgentReputationStorage storage s = LibNs.agentReputation();
        FeedbackClient storage record = s.records[agentId][msg.sender];
        index = record.lastIndex + 1;
        record.lastIndex = index;
        if (index != 1) return index;
        uint64 clients = s.subjects[agentId].clients;
        s.clients[agentId][clients] = msg.sender;
        s.subjects[agentId].clients = clients + 1;
    }

    /// @dev `UnknownFeedback`.
    function _get(uint256 agentId, address client, uint64 index) private view returns (AgentFeedback storage) {
        AgentReputationStorage storage s = LibNs.agentReputation();
        if (index == 0 || index > s.records[agentId][client].lastIndex) revert UnknownFeedback();
        return s.feedback[agentId][client][index];
    }

    function _clients(uint256 agentId, uint256 start, uint256 size) private view returns (address[] memory clients) {
        AgentReputationStorage storage s = LibNs.agentReputation();
        clients = new address[](size);
        for (uint256 i = 0; i < size; i++) {
            clients[i] = s.clients[agentId][start + i];
        }
    }

    /// @dev All clients, when they are few enough to be read with what they said.
    function _readableClients(uint256 agentId) private view returns (address[] memory) {
        uint256 length = LibNs.agentReputation().subjects[agentId].clients;
        LibAgentFeedback.requireWithin(length);
        return _clients(agentId, 0, length);
    }

    /// @dev First which, in a list of places, then what; the second reading of a word costs little.
    function _find(address[] memory clients, FeedbackFilter memory filter) private view returns (Found memory found) {
        AgentReputationStorage storage s = LibNs.agentReputation();
        uint256[] memory places = new uint256[](LibAgentFeedback.requireReadable(filter.agentId, clients));
        uint256 size = 0;
        for (uint256 i = 0; i < clients.length; i++) {
            uint256 last = s.records[filter.agentId][clients[i]].lastIndex;
            for (uint256 index = 1; index <= last; index++) {
                if (!LibAgentFeedback.matches(filter, clients[i], index)) continue;
                places[size] = (i << 64) | index;
                size += 1;
            }
        }
        found = _room(size);
        for (uint256 i = 0; i < size; i++) {
            _fill(found, i, filter.agentId, clients[places[i] >> 64], places[i] & type(uint64).max);
        }
    }

    function _room(uint256 size) private pure returns (Found memory found) {
        found.clients = new address[](size);
        found.indexes = new uint64[](size);
        found.values = new int128[](size);
        found.decimals = new uint8[](size);
        found.tag1s = new string[](size);
        found.tag2s = new string[](size);
        found.revoked = new bool[](size);
    }

    function _fill(Found memory found, uint256 place, uint256 agentId, address client, uint256 index) private view {
        AgentReputationStorage storage s = LibNs.agentReputation();
        AgentFeedback storage entry = s.feedback[agentId][client][index];
        FeedbackTags storage tags = s.tags[agentId][client][index];
        found.clients[place] = client;
        found.indexes[place] = uint64(index);
        found.values[place] = entry.value;
        found.decimals[place] = entry.decimals;
        found.tag1s[place] = tags.tag1;
        found.tag2s[place] = tags.tag2;
        found.revoked[place] = entry.revoked;
    }

    function _addAll(FeedbackSum memory sum, FeedbackFilter memory filter, address client) private view {
        AgentReputationStorage storage s = LibNs.agentReputation();
        uint256 last = s.records[filter.agentId][client].lastIndex;
        for (uint256 index = 1; index <= last; index++) {
            if (!LibAgentFeedback.matches(filter, client, index)) continue;
            AgentFeedback storage entry = s.feedback[filter.agentId][client][index];
            LibAgentFeedback.add(sum, entry.value, entry.decimals);
        }
    }

    function _responsesTo(uint256 agentId, address client, uint256 index, address[] calldata responders)
        private
        view
        returns (uint64 count)
    {
        mapping(address => uint64) storage responses =
            LibNs.agentReputation().responsesBy[LibAgentFeedback.responsesKey(agentId, client, index)];
        for (uint256 i = 0; i < responders.length; i++) {
            count += responses[responders[i]];
        }
    }

    function _responsesToClient(uint256 agentId, address client, address[] calldata responders)
        private
        view
        returns (uint64 count)
    {
        uint256 last = LibNs.agentReputation().records[agentId][client].lastIndex;
        for (uint256 index = 1; index <= last; index++) {
            count += _responsesTo(agentId, client, index, responders);
        }
    }

    function _responsesToAll(uint256 agentId, address[] calldata responders) private view returns (uint64 count) {
        LibAgentFeedback.requireWithin(responders.length);
        address[] memory clients = _readableClients(agentId);
        uint256 total = LibAgentFeedback.requireReadable(agentId, clients);
        LibAgentFeedback.requireWithin(total * responders.length);
        for (uint256 i = 0; i < clients.length; i++) {
            count += _responsesToClient(agentId, clients[i], responders);
        }
    }
}
