// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {SignatureCheckerLib} from "solady/src/utils/SignatureCheckerLib.sol";

contract Wallet {
    function isValidSignature(bytes32 hash, bytes calldata signature) external pure returns (bytes4) {
        return signature.length > 0 && bytes1(hash) == signature[0] ? bytes4(0x1626ba7e) : bytes4(0);
    }
}

contract Checker {
    address public immutable wallet = address(new Wallet());

    function any(address who, bytes32 hash, bytes calldata signature) external view returns (bool, bool) {
        bytes memory copied = signature;
        return (
            SignatureCheckerLib.isValidSignatureNowCalldata(who, hash, signature),
            SignatureCheckerLib.isValidSignatureNow(wallet, hash, copied)
        );
    }

    function contracts(bytes32 hash, bytes calldata signature) external view returns (bool) {
        return SignatureCheckerLib.isValidERC1271SignatureNowCalldata(wallet, hash, signature);
    }

    function parts(address who, bytes32 hash, uint8 v, bytes32 r, bytes32 s) external view returns (bool) {
        return SignatureCheckerLib.isValidSignatureNow(who, hash, v, r, s);
    }
}
