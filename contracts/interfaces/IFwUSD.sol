// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC20} from "./IERC20.sol";
import {IERC3009} from "./IERC3009.sol";
import {IERC5267} from "./IERC5267.sol";
import {IErrors} from "./IErrors.sol";

/// @title FwUSD: a six-decimal dollar for local networks
/// @notice Answers ERC-20, EIP-2612, EIP-3009 and ERC-5267 under the domain ("USD Coin", "2"), so that clients written
/// for the deployed dollar token work unchanged. Block list and pause exist to be exercised.
interface IFwUSD is IERC20, IERC3009, IERC5267, IErrors {
    event Blacklisted(address indexed account);
    event UnBlacklisted(address indexed account);
    event Pause();
    event Unpause();
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);

    /// @notice All amounts in base units of 1e-6 dollar.
    error InsufficientBalance(uint256 current, uint256 requested, address from);
    error InsufficientAllowance();
    error AccountBlacklisted(address account);
    error ContractPaused();
    /// @notice The zero address or the token itself cannot hold the token.
    error InvalidRecipient();
    /// @notice `block.timestamp > deadline` in `permit`.
    error PermitExpired(uint256 deadline);

    function owner() external view returns (address);
    function transferOwnership(address newOwner) external;
    /// @notice Owner only (`NotOwner`).
    function mint(address to, uint256 value) external;
    /// @notice Destroys the caller's own tokens.
    function burn(uint256 value) external;
    /// @notice Owner only. A listed account can neither send, receive nor approve.
    function blacklist(address account) external;
    function unBlacklist(address account) external;
    function isBlacklisted(address account) external view returns (bool);
    /// @notice Owner only. While paused nothing moves and nothing is approved.
    function pause() external;
    function unpause() external;
    function paused() external view returns (bool);

    function version() external view returns (string memory);
    function DOMAIN_SEPARATOR() external view returns (bytes32);
    /// @notice The next EIP-2612 nonce of `owner`.
    function nonces(address owner) external view returns (uint256);
    /// @notice EIP-2612. `PermitExpired`, then `BadSignature`.
    function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external;
    function permit(address owner, address spender, uint256 value, uint256 deadline, bytes calldata signature)
        external;
}
