// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC6551Registry} from "../../interfaces/IERC6551Registry.sol";
import {ITbaFacet} from "../../interfaces/ITbaFacet.sol";
import {LibDiamond} from "../../libraries/LibDiamond.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibRegistry} from "../../libraries/LibRegistry.sol";
import {LibTba} from "../../libraries/LibTba.sol";
import {TbaStorage} from "../../storage/TbaStorage.sol";

/// @title TbaFacet: documented at ITbaFacet
contract TbaFacet is ITbaFacet {
    function setTbaConfig(address registry, address accountImpl) external {
        // Check
        LibDiamond.requireOwner();
        if (LibTba.isConfigured()) revert AlreadyInitialised();
        if (registry == address(0) || accountImpl == address(0)) revert ZeroAddress();
        if (registry.code.length == 0 || accountImpl.code.length == 0) revert NotConfigured();
        address told = IERC6551Registry(registry).account(accountImpl, bytes32(0), block.chainid, address(this), 1);
        if (told != LibTba.compute(registry, accountImpl, 1)) revert RegistryMismatch();
        // Effect
        TbaStorage storage s = LibNs.tba();
        s.implementation = accountImpl;
        if (registry == LibTba.CANONICAL_REGISTRY) s.canonical = true;
        else s.registry = registry;
        emit TbaConfigSet(registry, accountImpl);
    }

    function tbaRegistry() external view returns (address) {
        return LibTba.registry();
    }

    function tbaAccountImpl() external view returns (address) {
        return LibNs.tba().implementation;
    }

    function tokenBoundAccount(uint256 tokenId) external view returns (address) {
        return _accountOf(tokenId);
    }

    function tokenBoundAccountByName(string calldata name) external view returns (address) {
        return _accountOf(LibRegistry.idOfName(name));
    }

    function createTokenBoundAccount(uint256 tokenId) external returns (address account) {
        // Check
        account = _accountOf(tokenId);
        if (account.code.length != 0) return account;
        // Interaction
        IERC6551Registry(LibTba.registry()).createAccount(
            LibNs.tba().implementation, bytes32(0), block.chainid, address(this), tokenId
        );
        emit TokenBoundAccountCreated(tokenId, account);
    }

    function _accountOf(uint256 tokenId) private view returns (address) {
        if (LibRegistry.ownerOf(tokenId) == address(0)) revert NonexistentToken();
        return LibTba.accountOf(tokenId);
    }
}
