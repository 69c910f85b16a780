// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC3009} from "../interfaces/IERC3009.sol";
import {IErrors} from "../interfaces/IErrors.sol";
import {Authorization, LibAuthorization} from "./LibAuthorization.sol";
import {LibNonces, NonceBitmap} from "./LibNonces.sol";
import {LibSig} from "./LibSig.sol";
import {LibTypedData} from "./LibTypedData.sol";

/// @title EIP-3009 for both tokens: type hashes, checks and nonces; the transfer itself stays with the token
library LibERC3009 {
    /// @dev keccak256("TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256
    /// validBefore,bytes32 nonce)"), and the same with "ReceiveWithAuthorization".
    bytes32 internal constant TRANSFER_TYPEHASH = 0x7c7c6cdb67a18743f49ec6fa9b35f50d52ed05cbed4cc592e13b44501c1a2267;
    bytes32 internal constant RECEIVE_TYPEHASH = 0xd099cc98ef71107a616c4f0f941f04c322d8e254fe26b3c6668db87aae413de8;
    /// @dev keccak256("CancelAuthorization(address authorizer,bytes32 nonce)")
    bytes32 internal constant CANCEL_TYPEHASH = 0x158b0a9edf7a828aad02f63cd515c68ef2f50ba807396f6d12842833a1597429;

    /// @dev Spends the nonce and returns the digest whose signature the caller still has to check; a bad signature
    /// reverts the whole call and with it the spent nonce.
    function open(NonceBitmap storage nonces, bytes32 separator, bytes32 typehash, Authorization memory auth)
        internal
        returns (bytes32 digest)
    {
        if (!LibNonces.use(nonces, auth.from, auth.nonce)) revert IErrors.AuthAlreadyUsed();
        LibAuthorization.checkWindow(auth);
        emit IERC3009.AuthorizationUsed(auth.from, auth.nonce);
        return LibTypedData.digest(separator, LibAuthorization.structHash(typehash, auth));
    }

    /// @dev Burns the nonce and returns the digest of the cancellation.
    function cancel(NonceBitmap storage nonces, bytes32 separator, address authorizer, bytes32 nonce)
        internal
        returns (bytes32 digest)
    {
        if (!LibNonces.use(nonces, authorizer, nonce)) revert IErrors.AuthAlreadyUsed();
        emit IERC3009.AuthorizationCanceled(authorizer, nonce);
        return LibTypedData.digest(separator, keccak256(abi.encode(CANCEL_TYPEHASH, authorizer, nonce)));
    }

    function requireVrs(address signer, bytes32 digest, uint8 v, bytes32 r, bytes32 s) internal pure {
        if (signer == address(0) || LibSig.recoverVrs(digest, v, r, s) != signer) revert IErrors.BadSignature();
    }

    function requireSignature(address signer, bytes32 digest, bytes calldata signature) internal view {
        if (!LibSig.check(signer, digest, signature)) revert IErrors.BadSignature();
    }
}
