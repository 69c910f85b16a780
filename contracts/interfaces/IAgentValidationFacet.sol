// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAgentErrors} from "./IAgentErrors.sol";

/// @title Work checked by named validators: the validation registry of ERC-8004
/// @notice An agent's side asks one validator about one hash; the validator answers 0 to 100, and may answer again. No
/// money is involved; what a validator stakes or is paid is settled elsewhere.
/// @dev A hash can be asked about once in the whole registry, by anybody for an agent of their own: commit to the
/// request with something nobody can guess in it, or somebody else may use it first. Times in seconds. Lists are in
/// the order of the requests; the bare ones may exceed the gas of a call for very many, the paged ones do not.
interface IAgentValidationFacet is IAgentErrors {
    event ValidationRequest(
        address indexed validatorAddress, uint256 indexed agentId, string requestURI, bytes32 indexed requestHash
    );
    event ValidationResponse(
        address indexed validatorAddress,
        uint256 indexed agentId,
        bytes32 indexed requestHash,
        uint8 response,
        string responseURI,
        bytes32 responseHash,
        string tag
    );

    /// @notice The hash has been asked about.
    error RequestExists();
    error UnknownRequest();
    /// @notice Somebody else has been asked.
    error NotValidator();
    /// @notice A response is 0 to 100.
    error BadResponse();

    /// @notice `ZeroAddress` (no validator), `RequestExists`, `UnknownAgent`, `NotAgentOperator`.
    function validationRequest(
        address validatorAddress,
        uint256 agentId,
        string calldata requestURI,
        bytes32 requestHash
    ) external;
    /// @notice The validator asked, any number of times; the last answer counts. `UnknownRequest`, `NotValidator`,
    /// `BadResponse`, `TagTooLong`.
    function validationResponse(
        bytes32 requestHash,
        uint8 response,
        string calldata responseURI,
        bytes32 responseHash,
        string calldata tag
    ) external;

    /// @notice `UnknownRequest`. A request without an answer has response 0; its `lastUpdate` is when it was made.
    function getValidationStatus(bytes32 requestHash)
        external
        view
        returns (
            address validatorAddress,
            uint256 agentId,
            uint8 response,
            bytes32 responseHash,
            string memory tag,
            uint256 lastUpdate
        );
    /// @notice Answers about the agent, by these validators (at most 50, `BatchTooLarge`; by all when none is named)
    /// with this tag (with any when it is empty). `ReadTooLarge` for an agent with more than 1,000 requests.
    /// @return count How many there are.
    /// @return averageResponse Their mean, rounded down; zero when there are none.
    function getSummary(uint256 agentId, address[] calldata validatorAddresses, string calldata tag)
        external
        view
        returns (uint64 count, uint8 averageResponse);
    function getAgentValidations(uint256 agentId) external view returns (bytes32[] memory requestHashes);
    /// @notice [+] At most `limit` (200) from index `startAfter`, counted from 0.
    function getAgentValidationsPage(uint256 agentId, uint256 startAfter, uint256 limit)
        external
        view
        returns (bytes32[] memory requestHashes, uint256 nextCursor);
    function getValidatorRequests(address validatorAddress) external view returns (bytes32[] memory requestHashes);
    /// @notice [+] At most `limit` (200) from index `startAfter`, counted from 0.
    function getValidatorRequestsPage(address validatorAddress, uint256 startAfter, uint256 limit)
        external
        view
        returns (bytes32[] memory requestHashes, uint256 nextCursor);
}
