// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {MerkleTree} from "@openzeppelin/contracts/utils/structs/MerkleTree.sol";
import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

contract Proofs {
    using MerkleTree for MerkleTree.Bytes32PushTree;

    MerkleTree.Bytes32PushTree private tree;

    constructor() {
        tree.setup(3, bytes32(0));
    }

    function plant(bytes32 leaf) external returns (uint256, bytes32) {
        return tree.push(leaf);
    }

    function pair(bytes32 a, bytes32 b) external pure returns (bool, bytes32) {
        bytes32 root = Hashes.commutativeKeccak256(a, b);
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = b;
        return (MerkleProof.verify(proof, root, a), root);
    }

    function any(bytes32[] calldata proof, bytes32 leaf) external pure returns (bytes32) {
        return MerkleProof.processProofCalldata(proof, leaf);
    }

    function many(bytes32[] memory proof, bool[] memory flags, bytes32[] memory leaves) external pure returns (bytes32) {
        return MerkleProof.processMultiProof(proof, flags, leaves);
    }
}
