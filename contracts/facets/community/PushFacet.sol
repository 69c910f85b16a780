// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IPushFacet} from "../../interfaces/IPushFacet.sol";
import {LibJournal} from "../../libraries/LibJournal.sol";
import {LibNs} from "../../libraries/LibNs.sol";

/// @title PushFacet: documented at IPushFacet
contract PushFacet is IPushFacet {
    uint256 private constant MAX_SUB = 4_096;

    function setPushSub(bytes calldata sub) external {
        if (sub.length == 0) revert EmptyPushSub();
        if (sub.length > MAX_SUB) revert PushSubTooLong(sub.length);
        LibNs.push().subscriptions[msg.sender] = LibJournal.write(msg.sender, sub).text;
        emit PushSubSet(msg.sender, sub);
    }

    function clearPushSub() external {
        if (LibNs.push().subscriptions[msg.sender] == address(0)) return;
        delete LibNs.push().subscriptions[msg.sender];
        emit PushSubCleared(msg.sender);
    }

    function pushSubOf(address account) external view returns (bytes memory sub) {
        address text = LibNs.push().subscriptions[account];
        if (text != address(0)) (, sub) = LibJournal.read(text);
    }

    function hasPushSub(address account) external view returns (bool) {
        return LibNs.push().subscriptions[account] != address(0);
    }
}
