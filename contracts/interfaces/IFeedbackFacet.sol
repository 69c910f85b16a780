// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";

/// @title A public log of feedback
/// @notice Entries are numbered from 0; times in seconds.
interface IFeedbackFacet is IErrors {
    event FeedbackSubmitted(address indexed sender, uint64 timestamp, string text);
    event FeedbackCleared(uint256 count);

    error EmptyFeedback();
    /// @notice A text is longer than 2,048 bytes.
    error FeedbackTooLong(uint256 length);
    error UnknownFeedback();

    /// @notice Appends 1 to 2,048 bytes. `EmptyFeedback`, `FeedbackTooLong`.
    function submitFeedback(string calldata text) external;
    /// @notice Diamond owner only (`NotOwner`): starts over with an empty log, at the same price however long it was.
    function clearFeedback() external;

    function feedbackCount() external view returns (uint256);
    /// @notice `UnknownFeedback` at or past the end.
    function feedbackAt(uint256 index) external view returns (address sender, uint64 timestamp, string memory text);
    /// @notice At most `count` (200) entries from `start`; empty at or past the end.
    function feedbackRange(uint256 start, uint256 count)
        external
        view
        returns (address[] memory senders, uint64[] memory timestamps, string[] memory texts);
}
