// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";

/// @title Messages to identities
/// @notice Messages are numbered from 0 and public; times in seconds. The inbox belongs to the identity and passes on
/// with it: messages, read pointer, fee and block list. A fee, in wei of $LH, is paid to the identity's account by
/// whoever names the most they would pay; `sendMessage` never pays.
interface IMessageFacet is IErrors {
    event MessageSent(uint256 indexed toId, address indexed from, uint256 index, uint256 feeWei, string body);
    event MessagesRead(uint256 indexed toId, uint256 upTo);
    event InboxFeeSet(uint256 indexed toId, uint256 feeWei);
    event BlockSet(uint256 indexed toId, address indexed sender, bool blocked);

    error EmptyMessage();
    /// @notice A message is longer than 1,024 bytes.
    error MessageTooLong(uint256 length);
    /// @notice No such identity.
    error UnknownTarget();
    /// @notice The inbox's owner does not take messages from the caller.
    error SenderBlocked();
    /// @notice The inbox takes `feeWei` per message: `sendMessagePaid` pays it.
    error FeeRequired(uint256 feeWei);
    /// @notice The inbox takes `feeWei` per message, more than the caller would pay.
    error InboxFeeTooHigh(uint256 feeWei);
    /// @notice The caller does not hold the identity.
    error NotInboxOwner();
    /// @notice A read pointer moves neither back nor beyond the last message.
    error BadReadPointer();
    error UnknownMessage();

    /// @notice Sends 1 to 1,024 bytes to an inbox without a fee. `EmptyMessage`, `MessageTooLong`, `UnknownTarget`,
    /// `SenderBlocked`, `FeeRequired`.
    /// @return index The message's place.
    function sendMessage(uint256 toId, string calldata body) external returns (uint256 index);
    /// @notice As `sendMessage`, paying the inbox's fee, at most `maxFeeWei`. `EmptyMessage`, `MessageTooLong`,
    /// `UnknownTarget`, `SenderBlocked`, `InboxFeeTooHigh`, `NotConfigured`, then the payment.
    function sendMessagePaid(uint256 toId, string calldata body, uint256 maxFeeWei) external returns (uint256 index);
    /// @notice Holder only: everything before index `upTo` is read. `NotInboxOwner`, `BadReadPointer`.
    function markRead(uint256 toId, uint256 upTo) external;
    /// @notice Holder only. Zero, the default, makes messages free. `NotInboxOwner`.
    function setInboxFee(uint256 toId, uint128 feeWei) external;
    /// @notice Holder only. `NotInboxOwner`. It keeps out an address; who would take another one is kept out by a fee.
    function setBlocked(uint256 toId, address sender, bool blocked) external;

    function inboxCount(uint256 toId) external view returns (uint256);
    /// @return How many messages are read.
    function inboxLastRead(uint256 toId) external view returns (uint256);
    function unreadCount(uint256 toId) external view returns (uint256);
    function inboxFee(uint256 toId) external view returns (uint256);
    function isBlocked(uint256 toId, address sender) external view returns (bool);
    /// @notice `UnknownMessage` at or past the end.
    function messageAt(uint256 toId, uint256 index)
        external
        view
        returns (address from, uint64 time, string memory body);
    /// @notice At most `count` (200) messages from `start`; empty at or past the end.
    function inboxRange(uint256 toId, uint256 start, uint256 count)
        external
        view
        returns (address[] memory senders, uint64[] memory times, string[] memory bodies);
}
