// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {LibSig} from "../libraries/LibSig.sol";

/// @title LibSig as a contract
contract SigProbe {
    function check(address signer, bytes32 digest, bytes calldata signature) external view returns (bool) {
        return LibSig.check(signer, digest, signature);
    }

    function checkWrapped(address deployer, address signer, bytes32 digest, bytes calldata signature)
        external
        returns (bool)
    {
        return LibSig.isWrapped(signature) && LibSig.checkWrapped(deployer, signer, digest, signature);
    }

    function recoverCompact(bytes32 digest, bytes32 r, bytes32 vs) external pure returns (address) {
        return LibSig.recoverCompact(digest, r, vs);
    }
}
