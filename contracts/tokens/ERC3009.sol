// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC3009} from "../interfaces/IERC3009.sol";
import {Authorization} from "../libraries/LibAuthorization.sol";
import {LibERC3009} from "../libraries/LibERC3009.sol";
import {LibNonces, NonceBitmap} from "../libraries/LibNonces.sol";

/// @title EIP-3009 for both tokens: documented at IERC3009
/// @dev The token says who it is (`_separator`) and what a transfer is (`_transfer`); everything that a signature must
/// satisfy is here.
abstract contract ERC3009 is IERC3009 {
    NonceBitmap private _authorizations;

    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool) {
        return LibNonces.isUsed(_authorizations, authorizer, nonce);
    }

    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        Authorization memory auth = Authorization(from, to, value, validAfter, validBefore, nonce);
        LibERC3009.requireVrs(from, _open(LibERC3009.TRANSFER_TYPEHASH, auth), v, r, s);
        _transfer(from, to, value);
    }

    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        Authorization memory auth = Authorization(from, to, value, validAfter, validBefore, nonce);
        LibERC3009.requireSignature(from, _open(LibERC3009.TRANSFER_TYPEHASH, auth), signature);
        _transfer(from, to, value);
    }

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        if (msg.sender != to) revert CallerNotPayee();
        Authorization memory auth = Authorization(from, to, value, validAfter, validBefore, nonce);
        LibERC3009.requireVrs(from, _open(LibERC3009.RECEIVE_TYPEHASH, auth), v, r, s);
        _transfer(from, to, value);
    }

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        if (msg.sender != to) revert CallerNotPayee();
        Authorization memory auth = Authorization(from, to, value, validAfter, validBefore, nonce);
        LibERC3009.requireSignature(from, _open(LibERC3009.RECEIVE_TYPEHASH, auth), signature);
        _transfer(from, to, value);
    }

    function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = LibERC3009.cancel(_authorizations, _separator(), authorizer, nonce);
        LibERC3009.requireVrs(authorizer, digest, v, r, s);
    }

    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external {
        bytes32 digest = LibERC3009.cancel(_authorizations, _separator(), authorizer, nonce);
        LibERC3009.requireSignature(authorizer, digest, signature);
    }

    /// @dev The EIP-712 domain of the token.
    function _separator() internal view virtual returns (bytes32);

    /// @dev Moves `value` base units or reverts.
    function _transfer(address from, address to, uint256 value) internal virtual;

    function _open(bytes32 typehash, Authorization memory auth) private returns (bytes32) {
        return LibERC3009.open(_authorizations, _separator(), typehash, auth);
    }
}
