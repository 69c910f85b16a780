// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title The EIP-712 domain of a contract, readable (ERC-5267)
interface IERC5267 {
    /// @return fields Bit mask of the fields in use: 0x0f is name, version, chainId and verifyingContract.
    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        );
}
