// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";

/// @title The token-bound account of every identity (ERC-6551)
/// @notice Salt 0, this chain, this diamond. Addresses are computed here, as the registry would.
interface ITbaFacet is IErrors {
    event TbaConfigSet(address indexed registry, address indexed implementation);
    event TokenBoundAccountCreated(uint256 indexed tokenId, address indexed account);

    error NonexistentToken();
    /// @notice The registry would put accounts elsewhere than this diamond expects.
    error RegistryMismatch();

    /// @notice Diamond owner only, once (`AlreadyInitialised`): another pair would re-point every payout address.
    /// `ZeroAddress`, `NotConfigured` for an address without code, `RegistryMismatch`.
    function setTbaConfig(address registry, address accountImpl) external;
    function tbaRegistry() external view returns (address);
    function tbaAccountImpl() external view returns (address);
    /// @notice `NonexistentToken`, `NotConfigured`. The account may not be deployed yet; it can be paid regardless.
    function tokenBoundAccount(uint256 tokenId) external view returns (address);
    function tokenBoundAccountByName(string calldata name) external view returns (address);
    /// @notice Anyone; deploys the account unless it is there. `NonexistentToken`, `NotConfigured`.
    function createTokenBoundAccount(uint256 tokenId) external returns (address account);
}
