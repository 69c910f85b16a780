// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAgentRegistration} from "./IAgentRegistration.sol";
import {IErrors} from "./IErrors.sol";
import {IERC721Events} from "./IERC721Events.sol";
import {IMainIdentityEvents} from "./IMainIdentityEvents.sol";
import {IRegistration} from "./IRegistration.sol";

/// @title Names: one ERC-721 identity per name
/// @notice A name is 1 to 63 bytes of `a-z`, `0-9` and `-`, without a hyphen at either end. Ids start at 1 and are
/// never reused. Costs in wei of $LH.
interface IRegistryFacet is IErrors, IRegistration, IAgentRegistration, IERC721Events, IMainIdentityEvents {
    event NameCommitted(bytes32 indexed commitment, address indexed account);
    event NameCommitRequiredSet(bool required);
    event MetadataSet(uint256 indexed id, bytes32 indexed key, bytes value);
    event RegistrationCostUpdated(uint256 oldCost, uint256 newCost);

    /// @notice The same commitment is waiting and has not expired.
    error CommitPending();
    /// @notice A metadata value is longer than 16,384 bytes.
    error ValueTooLarge();

    /// @notice Mints the identity `name` to the caller; it becomes the caller's main identity when there is none yet.
    /// `InvalidName`, `NameReserved`, `NameTaken`, `CommitRequired`, then the pull of `registrationCost` into the
    /// treasury.
    /// @dev ERC-8004's `register(string agentURI)` has this selector. A text that begins with a URI scheme and a colon
    /// cannot be a name; it registers a nameless agent with that URI (`URITooLarge`), for the same cost and without a
    /// commitment, because there is no name to run ahead for. See IAgentIdentityFacet.
    function register(string calldata name) external returns (uint256 id);
    /// @notice First step of a registration nobody can run ahead of: `commitment` is
    /// keccak256(abi.encode(name, caller, salt)). `CommitPending`.
    function commitName(bytes32 commitment) external;
    /// @notice Second step, from 60 seconds to 24 hours after the first. Errors as `register`.
    function registerCommitted(string calldata name, bytes32 salt) external returns (uint256 id);
    /// @notice Holder only, approvals do not count (`NotOwner`, `ValueTooLarge`). An empty value deletes.
    function setMetadata(uint256 id, bytes32 key, bytes calldata value) external;
    /// @notice As `setMetadata`, at most 8 at once (`LengthMismatch`, `BatchTooLarge`).
    function setMetadataMany(uint256 id, bytes32[] calldata keys, bytes[] calldata values) external;
    /// @notice Diamond owner only.
    function setRegistrationCost(uint256 cost) external;
    /// @notice Diamond owner only: while on, names are registered in two steps.
    function setNameCommitRequired(bool required) external;

    /// @return owner Zero for a name nobody holds.
    function ownerOfName(string calldata name) external view returns (address owner);
    function idOfName(string calldata name) external view returns (uint256 id);
    function nameOfId(uint256 id) external view returns (string memory name);
    function ownerOfId(uint256 id) external view returns (address owner);
    /// @notice The identity `account` registered or received last; it may have passed on since (see `ownerOfId`).
    function idOf(address account) external view returns (uint256 id);
    function isTaken(string calldata name) external view returns (bool);
    function nextId() external view returns (uint256);
    function registrationCost() external view returns (uint256);
    function nameCommitRequired() external view returns (bool);
    /// @return committedAt Seconds since the epoch; zero when there is no such commitment.
    function commitmentOf(bytes32 commitment) external view returns (uint256 committedAt);
    /// @return value Empty for keys never set and for identities that no longer exist.
    function metadata(uint256 id, bytes32 key) external view returns (bytes memory value);
    /// @notice What a caller needs to pay an agent. Zeros for an identity that does not exist.
    /// @return owner The holder.
    /// @return tba The token-bound account, zero while accounts are not configured.
    /// @return name The registered name.
    /// @return priceWei The advertised price, or the default of 1e16.
    function agentCard(uint256 id)
        external
        view
        returns (address owner, address tba, string memory name, uint256 priceWei);
}
