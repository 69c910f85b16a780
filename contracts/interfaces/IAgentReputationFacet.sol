// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAgentErrors} from "./IAgentErrors.sol";

/// @title What clients say about agents: the reputation registry of ERC-8004
/// @notice Feedback is a signed number with 0 to 18 decimals and up to two tags. A client's feedback to an agent is
/// numbered from 1. Anybody can give any, so a summary is over the clients whom the reader trusts.
/// @dev The standard's reads take no cursor. Those that visit records visit at most 1,000, counting each client listed
/// and each feedback of it, and revert `ReadTooLarge` rather than answer for a part; `getClients` returns all and may
/// exceed the gas of a call for an agent with very many. The paged twins have no such limits. What has been said stays
/// readable after the agent is gone.
interface IAgentReputationFacet is IAgentErrors {
    event NewFeedback(
        uint256 indexed agentId,
        address indexed clientAddress,
        uint64 feedbackIndex,
        int128 value,
        uint8 valueDecimals,
        string indexed indexedTag1,
        string tag1,
        string tag2,
        string endpoint,
        string feedbackURI,
        bytes32 feedbackHash
    );
    event FeedbackRevoked(
        uint256 indexed agentId, address indexed clientAddress, uint64 indexed feedbackIndex
    );
    event ResponseAppended(
        uint256 indexed agentId,
        address indexed clientAddress,
        uint64 feedbackIndex,
        address indexed responder,
        string responseURI,
        bytes32 responseHash
    );

    /// @notice A value has 0 to 18 decimals.
    error BadDecimals();
    /// @notice A value lies between -1e38 and 1e38, decimals not counted.
    error ValueOutOfRange();
    /// @notice The holder, an operator, the account approved for the agent, and the agent's own account are no clients.
    error SelfFeedback();
    /// @notice There is no feedback of this client with this number.
    error UnknownFeedback();
    error AlreadyRevoked();
    /// @notice A response says where it can be read.
    error EmptyResponse();
    /// @notice A summary needs at least one client.
    error NoClients();

    /// @notice `BadDecimals`, `ValueOutOfRange`, `TagTooLong`, `UnknownAgent`, `SelfFeedback`. `endpoint`,
    /// `feedbackURI` and `feedbackHash` are in the event only.
    function giveFeedback(
        uint256 agentId,
        int128 value,
        uint8 valueDecimals,
        string calldata tag1,
        string calldata tag2,
        string calldata endpoint,
        string calldata feedbackURI,
        bytes32 feedbackHash
    ) external;
    /// @notice Takes back the caller's own, for good: out of summaries, marked where it is read. `UnknownFeedback`,
    /// `AlreadyRevoked`.
    function revokeFeedback(uint256 agentId, uint64 feedbackIndex) external;
    /// @notice Anybody, any number of times: a refund shown, spam marked. `EmptyResponse`, `UnknownFeedback`.
    function appendResponse(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex,
        string calldata responseURI,
        bytes32 responseHash
    ) external;
    /// @notice The registries are one diamond from its first day: always `AlreadyInitialised`.
    function initialize(address identityRegistry) external pure;

    /// @return This diamond.
    function getIdentityRegistry() external view returns (address);
    /// @return How often the client has given feedback to the agent; revoked ones included.
    function getLastIndex(uint256 agentId, address clientAddress) external view returns (uint64);
    /// @notice `UnknownFeedback`.
    function readFeedback(uint256 agentId, address clientAddress, uint64 feedbackIndex)
        external
        view
        returns (int128 value, uint8 valueDecimals, string memory tag1, string memory tag2, bool isRevoked);
    /// @notice [+] One client's feedback from index `startAfter`, counted from 0, at most `limit` (200) of it; revoked
    /// ones are marked. `nextCursor` is where to go on, the number of feedback at its end.
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
        );
    /// @notice Feedback of these clients, of all when none is named, whose tags are these; an empty tag is no
    /// condition. `ReadTooLarge`.
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
        );
    /// @notice The mean of the feedback that is not revoked, of these clients, whose tags are these. `NoClients`,
    /// `ReadTooLarge`. A client named twice counts twice.
    /// @return count How many values the mean is of.
    /// @return summaryValue The mean, towards zero.
    /// @return summaryValueDecimals The number of decimals most values have, of several the smallest; fewer when the
    /// mean would not fit otherwise.
    function getSummary(uint256 agentId, address[] calldata clientAddresses, string calldata tag1, string calldata tag2)
        external
        view
        returns (uint64 count, int128 summaryValue, uint8 summaryValueDecimals);
    /// @return Everybody who has given feedback to the agent, in the order of their first.
    function getClients(uint256 agentId) external view returns (address[] memory);
    /// @notice [+] At most `limit` (200) of them from index `startAfter`, counted from 0.
    function getClientsPage(uint256 agentId, uint256 startAfter, uint256 limit)
        external
        view
        returns (address[] memory clients, uint256 nextCursor);
    /// @notice Responses to one feedback, to all of a client (`feedbackIndex` 0), or to all (`clientAddress` 0); by
    /// these responders, by anybody when none is named. The latter reads one record; the former at most 1,000,
    /// each feedback counted once per responder (`ReadTooLarge`).
    function getResponseCount(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex,
        address[] calldata responders
    ) external view returns (uint64 count);
}
