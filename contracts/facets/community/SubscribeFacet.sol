// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ISubscribeFacet} from "../../interfaces/ISubscribeFacet.sol";
import {LibAccountSet} from "../../libraries/LibAccountSet.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibRegistry} from "../../libraries/LibRegistry.sol";

/// @title SubscribeFacet: documented at ISubscribeFacet
contract SubscribeFacet is ISubscribeFacet {
    function subscribe(uint256 targetId) external {
        if (LibRegistry.ownerOf(targetId) == address(0)) revert UnknownTarget();
        if (!LibAccountSet.add(LibNs.subscribe().subscribers[targetId], msg.sender)) return;
        emit Subscribed(targetId, msg.sender);
    }

    function unsubscribe(uint256 targetId) external {
        if (!LibAccountSet.remove(LibNs.subscribe().subscribers[targetId], msg.sender)) return;
        emit Unsubscribed(targetId, msg.sender);
    }

    function isSubscribed(uint256 targetId, address account) external view returns (bool) {
        return LibAccountSet.has(LibNs.subscribe().subscribers[targetId], account);
    }

    function subscriberCount(uint256 targetId) external view returns (uint256) {
        return LibAccountSet.length(LibNs.subscribe().subscribers[targetId]);
    }

    function subscribersOf(uint256 targetId) external view returns (address[] memory accounts) {
        return LibAccountSet.all(LibNs.subscribe().subscribers[targetId]);
    }

    function subscribersPage(uint256 targetId, uint256 startAfter, uint256 limit)
        external
        view
        returns (address[] memory accounts, uint256 nextCursor)
    {
        return LibAccountSet.page(LibNs.subscribe().subscribers[targetId], startAfter, limit);
    }
}
