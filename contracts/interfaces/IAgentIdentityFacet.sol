// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAgentErrors} from "./IAgentErrors.sol";
import {IAgentRegistration} from "./IAgentRegistration.sol";
import {IERC721Events} from "./IERC721Events.sol";
import {IMainIdentityEvents} from "./IMainIdentityEvents.sol";
import {IRegistration} from "./IRegistration.sol";

/// @title Identities as agents: the identity registry of ERC-8004
/// @notice An agent id is an identity's token id, its owner the holder; names, accounts, transfers and approvals are
/// those of the registry and of ERC-721. `register(string)` and `tokenURI` are answered by IRegistryFacet and
/// IERC721Facet. An identity registered here has the generated name "id-<id>".
/// @dev Who may write is who may transfer: the holder, an operator of the holder, the account approved for the agent.
/// An identity registered by name is announced to indexers (`Registered`) when one of these functions first writes to
/// it. A transfer ends the payment wallet by itself: a wallet counts for the number of transfers it was set at, so no
/// path by which an identity can move has to remember it, and `Transfer` is the only event of it.
interface IAgentIdentityFacet is IAgentErrors, IAgentRegistration, IRegistration, IERC721Events, IMainIdentityEvents {
    event URIUpdated(uint256 indexed agentId, string newURI, address indexed updatedBy);

    struct MetadataEntry {
        string metadataKey;
        bytes metadataValue;
    }

    /// @notice `agentWallet` is set by `setAgentWallet` only.
    error ReservedKey();
    /// @notice A metadata value is longer than 16,384 bytes.
    error ValueTooLarge();
    /// @notice The deadline of a wallet's proof lies more than 5 minutes ahead.
    error DeadlineTooFar();

    /// @notice Mints a nameless identity to the caller, for the registration cost (wei of $LH); the first identity of
    /// an account becomes its main one. The payment wallet is the caller. Works while names need a commitment: a
    /// generated name cannot be chosen, so there is nothing to run ahead for.
    function register() external returns (uint256 agentId);
    /// @notice As `register`, with the URI of the registration file (empty: none yet) and up to 32 metadata entries.
    /// `BatchTooLarge`, `URITooLarge`, then per entry `ReservedKey`, `ValueTooLarge`.
    function register(string calldata agentURI, MetadataEntry[] calldata metadata) external returns (uint256 agentId);
    /// @notice `UnknownAgent`, `NotAgentOperator`, `URITooLarge` (65,536 bytes). An empty URI takes it back.
    function setAgentURI(uint256 agentId, string calldata newURI) external;
    /// @notice `UnknownAgent`, `NotAgentOperator`, `ReservedKey`, `ValueTooLarge`. An empty value deletes. These are
    /// not the values of IRegistryFacet's `setMetadata`, which the holder alone may write.
    function setMetadata(uint256 agentId, string calldata metadataKey, bytes calldata metadataValue) external;
    /// @notice Sets where the agent is paid, with the new wallet's consent: its signature of
    /// AgentWalletSet(uint256 agentId,address newWallet,address owner,uint256 deadline), domain
    /// ("ERC8004IdentityRegistry", "1"), by key (delegated accounts of EIP-7702 included) or by ERC-1271.
    /// `UnknownAgent`, `NotAgentOperator`, `ZeroAddress`, `AuthExpired` (now > `deadline`), `DeadlineTooFar`,
    /// `BadSignature`. Ends with a transfer of the agent.
    /// @dev The proof has no nonce: until its deadline it can be used again, by those who may set the wallet, while
    /// the agent has the same holder.
    function setAgentWallet(uint256 agentId, address newWallet, uint256 deadline, bytes calldata signature) external;
    /// @notice `UnknownAgent`, `NotAgentOperator`. The agent has no wallet until one is set again.
    function unsetAgentWallet(uint256 agentId) external;

    /// @return Empty for keys never set and for agents that do not exist; for `agentWallet`, `getAgentWallet` as 20
    /// bytes or none.
    function getMetadata(uint256 agentId, string calldata metadataKey) external view returns (bytes memory);
    /// @return The first holder until somebody sets a wallet; zero after a transfer, after `unsetAgentWallet`, and for
    /// agents that do not exist.
    function getAgentWallet(uint256 agentId) external view returns (address);
    /// @notice Whether `spender` may act for the agent; other reputation registries ask this. `UnknownAgent`.
    function isAuthorizedOrOwner(address spender, uint256 agentId) external view returns (bool);
}
