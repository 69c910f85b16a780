// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC6551Registry} from "../interfaces/IERC6551Registry.sol";
import {LibAccountProxy} from "../libraries/LibAccountProxy.sol";

/// @title The ERC-6551 registry, for chains that do not have one yet: documented at IERC6551Registry
/// @notice Same addresses as the canonical registry when its runtime code sits at the canonical address
/// 0x000000006551c19487814612e58FE06813775758.
contract ERC6551Registry is IERC6551Registry {
    function createAccount(
        address implementation,
        bytes32 salt,
        uint256 chainId,
        address tokenContract,
        uint256 tokenId
    ) external returns (address created) {
        bytes memory code = LibAccountProxy.creationCode(implementation, salt, chainId, tokenContract, tokenId);
        created = LibAccountProxy.addressOf(address(this), salt, keccak256(code));
        if (created.code.length != 0) return created;
        if (LibAccountProxy.create(salt, code) == address(0)) revert AccountCreationFailed();
        emit ERC6551AccountCreated(created, implementation, salt, chainId, tokenContract, tokenId);
    }

    function account(address implementation, bytes32 salt, uint256 chainId, address tokenContract, uint256 tokenId)
        external
        view
        returns (address)
    {
        bytes memory code = LibAccountProxy.creationCode(implementation, salt, chainId, tokenContract, tokenId);
        return LibAccountProxy.addressOf(address(this), salt, keccak256(code));
    }
}
