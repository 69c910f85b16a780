// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Where to reach an account's devices with a push message
/// @notice Everybody sets their own. The bytes are public: put ciphertext here, for whoever does the pushing.
interface IPushFacet {
    event PushSubSet(address indexed account, bytes sub);
    event PushSubCleared(address indexed account);

    error EmptyPushSub();
    /// @notice A subscription is longer than 4,096 bytes.
    error PushSubTooLong(uint256 length);

    /// @notice Replaces the caller's subscription. `EmptyPushSub`, `PushSubTooLong`.
    function setPushSub(bytes calldata sub) external;
    /// @notice Does nothing when there is none. What was set stays readable in the chain's history.
    function clearPushSub() external;

    /// @return sub Empty when there is none.
    function pushSubOf(address account) external view returns (bytes memory sub);
    function hasPushSub(address account) external view returns (bool);
}
