// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

contract Wallet {
    function isValidSignature(bytes32 hash, bytes calldata signature) external pure returns (bytes4) {
        return signature.length > 0 && bytes1(hash) == signature[0] ? bytes4(0x1626ba7e) : bytes4(0);
    }
}

contract Signatures {
    address public immutable wallet = address(new Wallet());

    function digests(bytes32 hash, bytes calldata text) external view returns (bytes32, bytes32, bytes32) {
        return (
            MessageHashUtils.toEthSignedMessageHash(hash),
            MessageHashUtils.toEthSignedMessageHash(text),
            MessageHashUtils.toDataWithIntendedValidatorHash(address(this), text)
        );
    }

    function recovered(bytes32 hash, bytes32 r, bytes32 s, uint8 v) external pure returns (address, uint256, bytes32) {
        (address who, ECDSA.RecoverError error, bytes32 argument) = ECDSA.tryRecover(hash, 27 + v % 3, r, s);
        return (who, uint256(error), argument);
    }

    function packed(bytes32 hash, bytes calldata signature) external pure returns (address) {
        return ECDSA.recover(hash, signature);
    }

    function checked(bytes32 hash, bytes calldata signature, address who) external view returns (bool, bool) {
        return (
            SignatureChecker.isValidSignatureNow(who, hash, signature),
            SignatureChecker.isValidSignatureNow(wallet, hash, signature)
        );
    }
}
