// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Who follows an identity
/// @notice Subscribing twice, and leaving what one has not joined, does nothing and emits nothing.
interface ISubscribeFacet {
    event Subscribed(uint256 indexed targetId, address indexed account);
    event Unsubscribed(uint256 indexed targetId, address indexed account);

    /// @notice No such identity.
    error UnknownTarget();

    /// @notice `UnknownTarget`.
    function subscribe(uint256 targetId) external;
    /// @notice Also when the identity is gone.
    function unsubscribe(uint256 targetId) external;

    function isSubscribed(uint256 targetId, address account) external view returns (bool);
    function subscriberCount(uint256 targetId) external view returns (uint256);
    /// @notice All of them, in no particular order; may exceed the gas limit of a node for popular identities.
    function subscribersOf(uint256 targetId) external view returns (address[] memory accounts);
    /// @notice A page of at most 200, last place first, so that whoever is subscribed throughout an iteration is seen.
    /// @param startAfter 0 for the first page, then the previous `nextCursor`.
    /// @return accounts The page.
    /// @return nextCursor 2^256-1 when there is nothing more.
    function subscribersPage(uint256 targetId, uint256 startAfter, uint256 limit)
        external
        view
        returns (address[] memory accounts, uint256 nextCursor);
}
