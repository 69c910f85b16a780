// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title What registering an agent says (ERC-8004), whichever function is asked to do it
interface IAgentRegistration {
    /// @notice `agentId` is an agent: emitted when an identity is registered as one, and for an identity that was
    /// registered by name when its first agent data are written.
    event Registered(uint256 indexed agentId, string agentURI, address indexed owner);
    /// @notice The value of a text key has changed; `agentWallet` is the payment wallet, 20 bytes or none.
    event MetadataSet(
        uint256 indexed agentId, string indexed indexedMetadataKey, string metadataKey, bytes metadataValue
    );

    /// @notice An agent URI is longer than 65,536 bytes.
    error URITooLarge();
}
