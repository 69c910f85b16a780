// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ECDSA} from "solady/src/utils/ECDSA.sol";

contract Recovery {
    function digests(bytes32 hash, bytes calldata text) external pure returns (bytes32, bytes32) {
        return (ECDSA.toEthSignedMessageHash(hash), ECDSA.toEthSignedMessageHash(text));
    }

    function tried(bytes32 hash, bytes calldata signature) external view returns (address, address) {
        bytes memory copied = signature;
        return (ECDSA.tryRecoverCalldata(hash, signature), ECDSA.tryRecover(hash, copied));
    }

    function parts(bytes32 hash, uint8 v, bytes32 r, bytes32 s) external view returns (address) {
        return ECDSA.tryRecover(hash, 27 + v % 2, r, s);
    }

    function compact(bytes32 hash, bytes32 r, bytes32 vs) external view returns (address) {
        return ECDSA.recover(hash, r, vs);
    }

    function canonical(bytes calldata signature) external pure returns (bytes32) {
        return ECDSA.canonicalHash(signature);
    }
}
