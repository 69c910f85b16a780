// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IMessageFacet} from "../../interfaces/IMessageFacet.sol";
import {LibCredits} from "../../libraries/LibCredits.sol";
import {Entry, LibJournal} from "../../libraries/LibJournal.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibPage} from "../../libraries/LibPage.sol";
import {LibRegistry} from "../../libraries/LibRegistry.sol";
import {LibTba} from "../../libraries/LibTba.sol";
import {LibToken} from "../../libraries/LibToken.sol";
import {Inbox, MessageStorage} from "../../storage/MessageStorage.sol";

/// @title MessageFacet: documented at IMessageFacet
contract MessageFacet is IMessageFacet {
    uint256 private constant MAX_BODY = 1_024;

    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    function sendMessage(uint256 toId, string calldata body) external returns (uint256 index) {
        // Check
        Inbox storage inbox = _openInbox(toId, bytes(body).length);
        if (inbox.fee != 0) revert FeeRequired(inbox.fee);
        // Effect
        index = _append(toId, inbox, body);
        emit MessageSent(toId, msg.sender, index, 0, body);
    }

    function sendMessagePaid(uint256 toId, string calldata body, uint256 maxFeeWei)
        external
        nonReentrant
        returns (uint256 index)
    {
        // Check
        Inbox storage inbox = _openInbox(toId, bytes(body).length);
        uint256 fee = inbox.fee;
        if (fee > maxFeeWei) revert InboxFeeTooHigh(fee);
        // Effect
        index = _append(toId, inbox, body);
        // Interaction
        if (fee != 0) LibToken.relay(LibCredits.token(), msg.sender, LibTba.accountOf(toId), fee);
        emit MessageSent(toId, msg.sender, index, fee, body);
    }

    function markRead(uint256 toId, uint256 upTo) external {
        // Check
        Inbox storage inbox = _ownInbox(toId);
        uint256 present = inbox.lastRead;
        if (upTo < present || upTo > inbox.count) revert BadReadPointer();
        if (upTo == present) return;
        // Effect: no more than `count`, which has 48 bits.
        inbox.lastRead = uint48(upTo);
        emit MessagesRead(toId, upTo);
    }

    function setInboxFee(uint256 toId, uint128 feeWei) external {
        Inbox storage inbox = _ownInbox(toId);
        if (inbox.fee == feeWei) return;
        inbox.fee = feeWei;
        emit InboxFeeSet(toId, feeWei);
    }

    function setBlocked(uint256 toId, address sender, bool blocked) external {
        _ownInbox(toId);
        mapping(address => bool) storage list = LibNs.message().blocked[toId];
        if (list[sender] == blocked) return;
        list[sender] = blocked;
        emit BlockSet(toId, sender, blocked);
    }

    function inboxCount(uint256 toId) external view returns (uint256) {
        return LibNs.message().inboxes[toId].count;
    }

    function inboxLastRead(uint256 toId) external view returns (uint256) {
        return LibNs.message().inboxes[toId].lastRead;
    }

    function unreadCount(uint256 toId) external view returns (uint256) {
        Inbox storage inbox = LibNs.message().inboxes[toId];
        return inbox.count - inbox.lastRead;
    }

    function inboxFee(uint256 toId) external view returns (uint256) {
        return LibNs.message().inboxes[toId].fee;
    }

    function isBlocked(uint256 toId, address sender) external view returns (bool) {
        return LibNs.message().blocked[toId][sender];
    }

    function messageAt(uint256 toId, uint256 index)
        external
        view
        returns (address from, uint64 time, string memory body)
    {
        MessageStorage storage s = LibNs.message();
        if (index >= s.inboxes[toId].count) revert UnknownMessage();
        Entry storage entry = s.entries[toId][index];
        bytes memory text;
        (from, text) = LibJournal.read(entry.text);
        return (from, entry.time, string(text));
    }

    function inboxRange(uint256 toId, uint256 start, uint256 count)
        external
        view
        returns (address[] memory senders, uint64[] memory times, string[] memory bodies)
    {
        MessageStorage storage s = LibNs.message();
        uint256 size = LibPage.sizeOf(s.inboxes[toId].count, start, count);
        return LibJournal.columns(s.entries[toId], start, size);
    }

    function _append(uint256 toId, Inbox storage inbox, string calldata body) private returns (uint256 index) {
        index = inbox.count;
        inbox.count = uint48(index) + 1;
        LibNs.message().entries[toId][index] = LibJournal.write(msg.sender, bytes(body));
    }

    function _openInbox(uint256 toId, uint256 length) private view returns (Inbox storage) {
        if (length == 0) revert EmptyMessage();
        if (length > MAX_BODY) revert MessageTooLong(length);
        if (LibRegistry.ownerOf(toId) == address(0)) revert UnknownTarget();
        if (LibNs.message().blocked[toId][msg.sender]) revert SenderBlocked();
        return LibNs.message().inboxes[toId];
    }

    function _ownInbox(uint256 toId) private view returns (Inbox storage) {
        address owner = LibRegistry.ownerOf(toId);
        if (owner == address(0) || msg.sender != owner) revert NotInboxOwner();
        return LibNs.message().inboxes[toId];
    }
}
