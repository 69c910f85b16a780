// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ISigDeployer} from "../interfaces/ISigDeployer.sol";

/// @title Signature checks: ECDSA, EIP-2098, ERC-1271, ERC-6492
/// @notice Nothing here reverts on bad input; a signature that cannot be understood is simply not valid.
/// @dev A 65-byte signature is tried as ECDSA before the signer's code is looked at. An address with code other than an
/// EIP-7702 designator has no known private key, so the outcome is that of asking the contract first, and the common
/// case never pays for reading a cold account. For a designator both ways are tried, as they must be.
library LibSig {
    /// @dev secp256k1 order divided by two: the larger of the two equivalent `s` values is refused.
    uint256 internal constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;
    uint256 internal constant ERC1271_GAS = 200_000;
    /// @dev What a deployment may use, so that a factory that burns all it gets cannot end a batch of payments.
    uint256 internal constant DEPLOY_GAS = 2_000_000;
    /// @dev Suffix of an ERC-6492 signature.
    bytes32 internal constant WRAPPED = 0x6492649264926492649264926492649264926492649264926492649264926492;

    /// @dev Step order: ECDSA when the length fits, then ERC-1271 when `signer` has code.
    function check(address signer, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        if (signer != address(0) && recover(digest, signature) == signer) return true;
        return isValidERC1271(signer, digest, signature);
    }

    /// @dev ERC-6492, for signatures that `isWrapped`: a signer without code is deployed first, through `deployer` and
    /// never by the caller itself, then its contract judges the inner signature. No deployer, no valid signature.
    /// 2,000,000 gas at most for the deployment.
    function checkWrapped(address deployer, address signer, bytes32 digest, bytes calldata signature)
        internal
        returns (bool)
    {
        if (deployer == address(0)) return false;
        (bool ok, address factory, bytes calldata data, bytes calldata inner) = _unwrap(signature);
        if (!ok) return false;
        if (signer.code.length == 0) {
            // The answer is of no interest: what counts is whether the signer has code afterwards.
            (bool called,) = deployer.call{gas: DEPLOY_GAS}(abi.encodeCall(ISigDeployer.deploy, (factory, data)));
            if (!called) return false;
        }
        return isValidERC1271(signer, digest, inner);
    }

    /// @dev Signer of a 65-byte `r ‖ s ‖ v` signature, or zero.
    function recover(bytes32 digest, bytes calldata signature) internal pure returns (address) {
        if (signature.length != 65) return address(0);
        bytes32 r;
        bytes32 s;
        uint8 v;
        assembly ("memory-safe") {
            r := calldataload(signature.offset)
            s := calldataload(add(signature.offset, 0x20))
            v := byte(0, calldataload(add(signature.offset, 0x40)))
        }
        return recoverVrs(digest, v, r, s);
    }

    /// @dev The parts of a 65-byte signature; of any other length, parts that recover nobody.
    function split(bytes calldata signature) internal pure returns (uint8 v, bytes32 r, bytes32 s) {
        if (signature.length != 65) return (type(uint8).max, 0, 0);
        assembly ("memory-safe") {
            r := calldataload(signature.offset)
            s := calldataload(add(signature.offset, 0x20))
            v := byte(0, calldataload(add(signature.offset, 0x40)))
        }
    }

    /// @dev Signer of a signature in parts, or zero. `v` may be 0, 1, 27 or 28.
    function recoverVrs(bytes32 digest, uint8 v, bytes32 r, bytes32 s) internal pure returns (address) {
        if (uint256(s) > HALF_ORDER) return address(0);
        if (v < 27) v += 27;
        if (v != 27 && v != 28) return address(0);
        return ecrecover(digest, v, r, s);
    }

    /// @dev Signer of an EIP-2098 compact signature, or zero.
    function recoverCompact(bytes32 digest, bytes32 r, bytes32 vs) internal pure returns (address) {
        (uint8 v, bytes32 s) = splitCompact(vs);
        return recoverVrs(digest, v, r, s);
    }

    /// @dev `vs` carries the parity of y in its top bit.
    function splitCompact(bytes32 vs) internal pure returns (uint8 v, bytes32 s) {
        s = vs & bytes32(uint256(type(int256).max));
        v = uint8(27 + (uint256(vs) >> 255));
    }

    /// @dev True when `signer` has code and answers `isValidSignature` with at least 32 bytes, the first word being the
    /// magic value padded with zeros. 200,000 gas at most; no more than one word of the answer is copied.
    function isValidERC1271(address signer, bytes32 digest, bytes calldata signature)
        internal
        view
        returns (bool valid)
    {
        if (signer.code.length == 0) return false;
        uint256 gasLimit = ERC1271_GAS;
        assembly ("memory-safe") {
            let magic := shl(224, 0x1626ba7e)
            let call_ := mload(0x40)
            mstore(call_, magic)
            mstore(add(call_, 0x04), digest)
            mstore(add(call_, 0x24), 0x40)
            mstore(add(call_, 0x44), signature.length)
            let tail := add(call_, 0x64)
            mstore(add(tail, signature.length), 0)
            calldatacopy(tail, signature.offset, signature.length)
            let padded := and(add(signature.length, 0x1f), not(0x1f))
            mstore(0x00, 0)
            let ok := staticcall(gasLimit, signer, call_, add(0x64, padded), 0x00, 0x20)
            valid := and(ok, and(gt(returndatasize(), 0x1f), eq(mload(0x00), magic)))
        }
    }

    /// @dev Takes a 20-byte address off the front of a signature; the signature must be that long.
    function splitHolder(bytes calldata signature) internal pure returns (address holder, bytes calldata rest) {
        rest = signature;
        assembly ("memory-safe") {
            holder := shr(96, calldataload(signature.offset))
            rest.offset := add(signature.offset, 20)
            rest.length := sub(signature.length, 20)
        }
    }

    /// @dev Whether `signature` carries the ERC-6492 suffix.
    function isWrapped(bytes calldata signature) internal pure returns (bool) {
        if (signature.length < 32) return false;
        bytes32 suffix;
        assembly ("memory-safe") {
            suffix := calldataload(sub(add(signature.offset, signature.length), 0x20))
        }
        return suffix == WRAPPED;
    }

    /// @dev Reads `(address factory, bytes data, bytes inner)` from everything before the suffix. Decoding by hand,
    /// because the built-in decoder reverts where this must answer false.
    function _unwrap(bytes calldata signature)
        private
        pure
        returns (bool ok, address factory, bytes calldata data, bytes calldata inner)
    {
        data = signature;
        inner = signature;
        uint256 size = signature.length - 32;
        if (size < 96) return (false, factory, data, inner);
        uint256 head = _word(signature, 0);
        if (head > type(uint160).max) return (false, factory, data, inner);
        factory = address(uint160(head));
        bool ok2;
        (ok, data) = _member(signature, size, _word(signature, 32));
        (ok2, inner) = _member(signature, size, _word(signature, 64));
        ok = ok && ok2;
    }

    /// @dev The `bytes` whose length word is at `offset`, when length and content lie inside the first `size` bytes.
    function _member(bytes calldata body, uint256 size, uint256 offset)
        private
        pure
        returns (bool ok, bytes calldata member)
    {
        member = body;
        if (offset > size - 32) return (false, member);
        uint256 length = _word(body, offset);
        if (length > size - 32 - offset) return (false, member);
        ok = true;
        assembly ("memory-safe") {
            member.offset := add(add(body.offset, offset), 0x20)
            member.length := length
        }
    }

    function _word(bytes calldata body, uint256 offset) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(add(body.offset, offset))
        }
    }
}
