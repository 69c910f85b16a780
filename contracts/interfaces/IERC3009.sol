// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Transfers by signed authorisation (EIP-3009), with the `bytes` overloads deployed dollar tokens have
/// @notice Values in base units, times in seconds. Authorisations hold strictly inside `(validAfter, validBefore)`.
/// The `bytes` forms accept a 65-byte ECDSA signature or whatever the payer's contract accepts (ERC-1271).
/// Checks in order: `AuthAlreadyUsed`, `AuthNotYetValid`, `AuthExpired`, `BadSignature`, then the token's own.
interface IERC3009 {
    event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce);
    event AuthorizationCanceled(address indexed authorizer, bytes32 indexed nonce);

    /// @notice `receiveWithAuthorization` was sent by someone other than the payee.
    error CallerNotPayee();

    /// @return used Whether the nonce was used or cancelled.
    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool used);

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
    ) external;

    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// @notice As `transferWithAuthorization`, but only `to` may send it (`CallerNotPayee`), so nobody can run it
    /// ahead.
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
    ) external;

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// @notice Burns an unused nonce on the authorizer's signature.
    function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external;

    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external;
}
