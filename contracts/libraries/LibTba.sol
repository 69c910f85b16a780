// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "../interfaces/IErrors.sol";
import {TbaStorage} from "../storage/TbaStorage.sol";
import {LibAccountProxy} from "./LibAccountProxy.sol";
import {LibNs} from "./LibNs.sol";

/// @title Where an identity's account is
/// @dev CREATE2 is computed here rather than asked of the registry: one call less in every payout, and nothing to
/// re-enter.
library LibTba {
    /// @dev Zero while accounts are not configured.
    /// @dev Where ERC-6551 puts its registry on every chain.
    address internal constant CANONICAL_REGISTRY = 0x000000006551c19487814612e58FE06813775758;

    /// @dev Registry and implementation are set together.
    function isConfigured() internal view returns (bool) {
        return LibNs.tba().implementation != address(0);
    }

    /// @dev Zero while nothing is configured.
    function registry() internal view returns (address) {
        TbaStorage storage s = LibNs.tba();
        return s.canonical ? CANONICAL_REGISTRY : s.registry;
    }

    function accountOrZero(uint256 tokenId) internal view returns (address) {
        TbaStorage storage s = LibNs.tba();
        address implementation = s.implementation;
        if (implementation == address(0)) return address(0);
        return compute(registry(), implementation, tokenId);
    }

    function accountOf(uint256 tokenId) internal view returns (address account) {
        account = accountOrZero(tokenId);
        if (account == address(0)) revert IErrors.NotConfigured();
    }

    function compute(address from, address implementation, uint256 tokenId) internal view returns (address) {
        bytes memory code =
            LibAccountProxy.creationCode(implementation, bytes32(0), block.chainid, address(this), tokenId);
        return LibAccountProxy.addressOf(from, bytes32(0), keccak256(code));
    }

    /// @dev The identity whose account `account` is, when it is deployed and truly one of this diamond's; else zero.
    function identityOf(address account) internal view returns (uint256 tokenId) {
        (, address tokenContract, uint256 id) = LibAccountProxy.tokenOf(account);
        if (tokenContract != address(this) || accountOrZero(id) != account) return 0;
        return id;
    }
}
