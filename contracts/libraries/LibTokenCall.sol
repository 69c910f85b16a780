// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "../interfaces/IErrors.sol";
import {Authorization} from "./LibAuthorization.sol";

/// @title ERC-20 and EIP-3009 calls that believe as little as possible
/// @notice A call succeeded when it did not revert and either returned nothing and the target has code, or returned
/// at least 32 bytes of which the first word is 1. At most one word of the answer is ever copied. Only LibToken
/// calls this.
library LibTokenCall {
    uint256 private constant BALANCE_OF = 0x70a08231;
    uint256 private constant TRANSFER_FROM = 0x23b872dd;
    bytes4 private constant TRANSFER = 0xa9059cbb;
    bytes4 private constant MINT = 0x40c10f19;
    bytes4 private constant MINT_WITH_MEMO = 0xe44f0b12;
    bytes4 private constant BURN = 0x42966c68;
    /// @dev The overload with the signature in parts.
    bytes4 private constant TRANSFER_WITH_AUTHORIZATION = 0xe3ee160e;
    bytes4 private constant RECEIVE_WITH_AUTHORIZATION = 0xef55bec6;
    bytes4 private constant AUTHORIZATION_STATE = 0xe94a0102;
    uint256 private constant DECIMALS = 0x313ce567;
    uint256 private constant TOTAL_SUPPLY = 0x18160ddd;

    /// @dev Reverts `TokenCallFailed` when there is no number to be had.
    function balanceOf(address token, address account) internal view returns (uint256 amount) {
        uint256 selector = BALANCE_OF;
        bool ok;
        assembly ("memory-safe") {
            mstore(0x00, selector)
            mstore(0x20, account)
            ok := staticcall(gas(), token, 0x1c, 0x24, 0x00, 0x20)
            ok := and(ok, gt(returndatasize(), 0x1f))
            amount := mload(0x00)
        }
        if (!ok) revert IErrors.TokenCallFailed(token);
    }

    /// @dev `type(uint256).max` when there is no number to be had.
    function decimals(address token) internal view returns (uint256 places) {
        uint256 selector = DECIMALS;
        bool ok;
        assembly ("memory-safe") {
            mstore(0x00, selector)
            ok := staticcall(gas(), token, 0x1c, 0x04, 0x00, 0x20)
            ok := and(ok, gt(returndatasize(), 0x1f))
            places := mload(0x00)
        }
        if (!ok) places = type(uint256).max;
    }

    /// @dev Reverts `TokenCallFailed` when there is no number to be had.
    function totalSupply(address token) internal view returns (uint256 amount) {
        uint256 selector = TOTAL_SUPPLY;
        bool ok;
        assembly ("memory-safe") {
            mstore(0x00, selector)
            ok := staticcall(gas(), token, 0x1c, 0x04, 0x00, 0x20)
            ok := and(ok, gt(returndatasize(), 0x1f))
            amount := mload(0x00)
        }
        if (!ok) revert IErrors.TokenCallFailed(token);
    }

    /// @dev The hot one: its calldata is written straight to free memory and given up again.
    function transferFrom(address token, address from, address to, uint256 amount) internal returns (bool ok) {
        uint256 selector = TRANSFER_FROM;
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, selector)
            mstore(add(data, 0x20), from)
            mstore(add(data, 0x40), to)
            mstore(add(data, 0x60), amount)
            ok := call(gas(), token, 0, add(data, 0x1c), 0x64, 0x00, 0x20)
            switch returndatasize()
            case 0 { ok := and(ok, gt(extcodesize(token), 0)) }
            default { ok := and(ok, and(gt(returndatasize(), 0x1f), eq(mload(0x00), 1))) }
        }
    }

    function transfer(address token, address to, uint256 amount) internal returns (bool) {
        return _call(token, abi.encodeWithSelector(TRANSFER, to, amount));
    }

    /// @dev For the credits token, which has made the diamond an issuer.
    function mint(address token, address to, uint256 amount) internal returns (bool) {
        return _call(token, abi.encodeWithSelector(MINT, to, amount));
    }

    function mintWithMemo(address token, address to, uint256 amount, bytes32 memo) internal returns (bool) {
        return _call(token, abi.encodeWithSelector(MINT_WITH_MEMO, to, amount, memo));
    }

    /// @dev Destroys what the diamond itself has.
    function burn(address token, uint256 amount) internal returns (bool) {
        return _call(token, abi.encodeWithSelector(BURN, amount));
    }

    function transferWithAuthorization(address token, Authorization memory auth, uint8 v, bytes32 r, bytes32 s)
        internal
        returns (bool)
    {
        return _authorized(token, TRANSFER_WITH_AUTHORIZATION, auth, v, r, s);
    }

    /// @dev The overload with the signature in parts. Only the payee may send it.
    function receiveWithAuthorization(address token, Authorization memory auth, uint8 v, bytes32 r, bytes32 s)
        internal
        returns (bool)
    {
        return _authorized(token, RECEIVE_WITH_AUTHORIZATION, auth, v, r, s);
    }

    /// @dev False also when the token does not answer; the transfer that follows will then say so.
    function authorizationState(address token, address authorizer, bytes32 nonce) internal view returns (bool used) {
        bytes memory data = abi.encodeWithSelector(AUTHORIZATION_STATE, authorizer, nonce);
        assembly ("memory-safe") {
            let ok := staticcall(gas(), token, add(data, 0x20), mload(data), 0x00, 0x20)
            used := and(and(ok, gt(returndatasize(), 0x1f)), eq(mload(0x00), 1))
        }
    }

    function _authorized(address token, bytes4 selector, Authorization memory auth, uint8 v, bytes32 r, bytes32 s)
        private
        returns (bool)
    {
        bytes memory data = abi.encodeWithSelector(
            selector,
            auth.from,
            auth.to,
            auth.value,
            auth.validAfter,
            auth.validBefore,
            auth.nonce,
            v,
            r,
            s
        );
        return _call(token, data);
    }

    function _call(address token, bytes memory data) private returns (bool ok) {
        assembly ("memory-safe") {
            ok := call(gas(), token, 0, add(data, 0x20), mload(data), 0x00, 0x20)
            switch returndatasize()
            case 0 { ok := and(ok, gt(extcodesize(token), 0)) }
            default { ok := and(ok, and(gt(returndatasize(), 0x1f), eq(mload(0x00), 1))) }
        }
    }
}
