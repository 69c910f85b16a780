// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IFeedbackFacet} from "../../interfaces/IFeedbackFacet.sol";
import {LibDiamond} from "../../libraries/LibDiamond.sol";
import {Entry, LibJournal} from "../../libraries/LibJournal.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibPage} from "../../libraries/LibPage.sol";
import {FeedbackStorage} from "../../storage/FeedbackStorage.sol";

/// @title FeedbackFacet: documented at IFeedbackFacet
contract FeedbackFacet is IFeedbackFacet {
    uint256 private constant MAX_TEXT = 2_048;

    function submitFeedback(string calldata text) external {
        // Check
        uint256 length = bytes(text).length;
        if (length == 0) revert EmptyFeedback();
        if (length > MAX_TEXT) revert FeedbackTooLong(length);
        // Effect
        FeedbackStorage storage s = LibNs.feedback();
        uint64 index = s.count;
        s.count = index + 1;
        s.entries[s.generation][index] = LibJournal.write(msg.sender, bytes(text));
        emit FeedbackSubmitted(msg.sender, uint64(block.timestamp), text);
    }

    function clearFeedback() external {
        LibDiamond.requireOwner();
        FeedbackStorage storage s = LibNs.feedback();
        uint256 count = s.count;
        if (count == 0) return;
        s.generation += 1;
        s.count = 0;
        emit FeedbackCleared(count);
    }

    function feedbackCount() external view returns (uint256) {
        return LibNs.feedback().count;
    }

    function feedbackAt(uint256 index) external view returns (address sender, uint64 timestamp, string memory text) {
        FeedbackStorage storage s = LibNs.feedback();
        if (index >= s.count) revert UnknownFeedback();
        Entry storage entry = s.entries[s.generation][index];
        bytes memory body;
        (sender, body) = LibJournal.read(entry.text);
        return (sender, entry.time, string(body));
    }

    function feedbackRange(uint256 start, uint256 count)
        external
        view
        returns (address[] memory senders, uint64[] memory timestamps, string[] memory texts)
    {
        FeedbackStorage storage s = LibNs.feedback();
        return LibJournal.columns(s.entries[s.generation], start, LibPage.sizeOf(s.count, start, count));
    }
}
