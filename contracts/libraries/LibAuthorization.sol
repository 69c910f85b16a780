// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "../interfaces/IErrors.sol";

/// @dev The six fields every transfer authorisation signs, in EIP-3009's order. Amount in base units, times in seconds.
struct Authorization {
    address from;
    address to;
    uint256 value;
    uint256 validAfter;
    uint256 validBefore;
    bytes32 nonce;
}

/// @title What EIP-3009 and the x402 rail share: the struct hash and the open validity window
library LibAuthorization {
    function structHash(bytes32 typehash, Authorization memory auth) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(typehash, auth.from, auth.to, auth.value, auth.validAfter, auth.validBefore, auth.nonce)
        );
    }

    /// @dev Valid strictly inside `(validAfter, validBefore)`, as EIP-3009 has it.
    function checkWindow(Authorization memory auth) internal view {
        if (block.timestamp <= auth.validAfter) revert IErrors.AuthNotYetValid();
        if (block.timestamp >= auth.validBefore) revert IErrors.AuthExpired();
    }
}
