// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAgentValidationFacet} from "../../interfaces/IAgentValidationFacet.sol";
import {LibAgent} from "../../libraries/LibAgent.sol";
import {LibCast} from "../../libraries/LibCast.sol";
import {LibIdList} from "../../libraries/LibIdList.sol";
import {IdPages} from "../../libraries/LibIdPages.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibPage} from "../../libraries/LibPage.sol";
import {AgentValidation, AgentValidationStorage, ValidationNote} from "../../storage/AgentValidationStorage.sol";

/// @title AgentValidationFacet: documented at IAgentValidationFacet
contract AgentValidationFacet is IAgentValidationFacet {
    uint256 private constant MAX_READ = 1_000;
    uint256 private constant MAX_VALIDATORS = 50;
    uint256 private constant MAX_RESPONSE = 100;

    function validationRequest(
        address validatorAddress,
        uint256 agentId,
        string calldata requestURI,
        bytes32 requestHash
    ) external {
        // Check
        AgentValidationStorage storage s = LibNs.agentValidation();
        if (validatorAddress == address(0)) revert ZeroAddress();
        if (s.requests[requestHash].validator != address(0)) revert RequestExists();
        LibAgent.requireOperator(agentId);
        // Effect
        uint64 number = s.count + 1;
        s.count = number;
        s.hashes[number] = requestHash;
        s.requests[requestHash] =
            AgentValidation(validatorAddress, LibCast.toUint32(agentId), uint40(block.timestamp), 0, false);
        LibIdList.append(s.ofAgent[agentId], number);
        LibIdList.append(s.ofValidator[validatorAddress], number);
        emit ValidationRequest(validatorAddress, agentId, requestURI, requestHash);
    }

    function validationResponse(
        bytes32 requestHash,
        uint8 response,
        string calldata responseURI,
        bytes32 responseHash,
        string calldata tag
    ) external {
        // Check
        AgentValidation storage request = _get(requestHash);
        if (msg.sender != request.validator) revert NotValidator();
        if (response > MAX_RESPONSE) revert BadResponse();
        if (bytes(tag).length > LibAgent.MAX_TAG) revert TagTooLong();
        // Effect
        request.lastUpdate = uint40(block.timestamp);
        request.response = response;
        request.answered = true;
        ValidationNote storage note = LibNs.agentValidation().notes[requestHash];
        if (note.responseHash != responseHash) note.responseHash = responseHash;
        if (bytes(tag).length != 0 || bytes(note.tag).length != 0) note.tag = tag;
        emit ValidationResponse(
            msg.sender, request.agentId, requestHash, response, responseURI, responseHash, tag
        );
    }

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
        )
    {
        AgentValidation storage request = _get(requestHash);
        ValidationNote storage note = LibNs.agentValidation().notes[requestHash];
        return (
            request.validator, request.agentId, request.response, note.responseHash, note.tag, request.lastUpdate
        );
    }

    function getSummary(uint256 agentId, address[] calldata validatorAddresses, string calldata tag)
        external
        view
        returns (uint64 count, uint8 averageResponse)
    {
        if (validatorAddresses.length > MAX_VALIDATORS) revert BatchTooLarge(MAX_VALIDATORS);
        AgentValidationStorage storage s = LibNs.agentValidation();
        uint256 length = LibIdList.length(s.ofAgent[agentId]);
        if (length > MAX_READ) revert ReadTooLarge(MAX_READ);
        bytes32[] memory hashes = _hashes(s.ofAgent[agentId], 0, length);
        bytes32 wanted = bytes(tag).length == 0 ? bytes32(0) : keccak256(bytes(tag));
        uint256 total = 0;
        for (uint256 i = 0; i < length; i++) {
            AgentValidation storage request = s.requests[hashes[i]];
            if (!request.answered || !_isAmong(request.validator, validatorAddresses)) continue;
            if (wanted != 0 && keccak256(bytes(s.notes[hashes[i]].tag)) != wanted) continue;
            count += 1;
            total += request.response;
        }
        if (count != 0) averageResponse = uint8(total / count);
    }

    function getAgentValidations(uint256 agentId) external view returns (bytes32[] memory requestHashes) {
        IdPages storage list = LibNs.agentValidation().ofAgent[agentId];
        return _hashes(list, 0, LibIdList.length(list));
    }

    function getAgentValidationsPage(uint256 agentId, uint256 startAfter, uint256 limit)
        external
        view
        returns (bytes32[] memory requestHashes, uint256 nextCursor)
    {
        return _page(LibNs.agentValidation().ofAgent[agentId], startAfter, limit);
    }

    function getValidatorRequests(address validatorAddress) external view returns (bytes32[] memory requestHashes) {
        IdPages storage list = LibNs.agentValidation().ofValidator[validatorAddress];
        return _hashes(list, 0, LibIdList.length(list));
    }

    function getValidatorRequestsPage(address validatorAddress, uint256 startAfter, uint256 limit)
        external
        view
        returns (bytes32[] memory requestHashes, uint256 nextCursor)
    {
        return _page(LibNs.agentValidation().ofValidator[validatorAddress], startAfter, limit);
    }

    /// @dev `UnknownRequest`.
    function _get(bytes32 requestHash) private view returns (AgentValidation storage request) {
        request = LibNs.agentValidation().requests[requestHash];
        if (request.validator == address(0)) revert UnknownRequest();
    }

    function _page(IdPages storage list, uint256 start, uint256 limit)
        private
        view
        returns (bytes32[] memory hashes, uint256 nextCursor)
    {
        uint256 length = LibIdList.length(list);
        uint256 size = LibPage.sizeOf(length, start, limit);
        hashes = _hashes(list, start, size);
        nextCursor = size == 0 ? length : start + size;
    }

    function _hashes(IdPages storage list, uint256 start, uint256 size)
        private
        view
        returns (bytes32[] memory hashes)
    {
        (uint256[] memory numbers,) = LibIdList.slice(list, start, size);
        hashes = new bytes32[](numbers.length);
        for (uint256 i = 0; i < numbers.length; i++) {
            hashes[i] = LibNs.agentValidation().hashes[numbers[i]];
        }
    }

    function _isAmong(address account, address[] calldata accounts) private pure returns (bool) {
        for (uint256 i = 0; i < accounts.length; i++) {
            if (accounts[i] == account) return true;
        }
        return accounts.length == 0;
    }
}
