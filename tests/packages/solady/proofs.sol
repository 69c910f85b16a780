// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {MerkleProofLib} from "solady/src/utils/MerkleProofLib.sol";

contract Proofs {
    function pair(bytes32 a, bytes32 b) external pure returns (bool, bytes32) {
        bytes32 root = a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = b;
        return (MerkleProofLib.verify(proof, root, a), root);
    }

    function one(bytes32[] calldata proof, bytes32 root, bytes32 leaf) external pure returns (bool) {
        return MerkleProofLib.verifyCalldata(proof, root, leaf);
    }

    function many(bytes32[] calldata proof, bytes32 root, bytes32[] calldata leaves, bool[] calldata flags)
        external
        pure
        returns (bool, uint256)
    {
        return (MerkleProofLib.verifyMultiProofCalldata(proof, root, leaves, flags), MerkleProofLib.emptyProof().length);
    }
}
