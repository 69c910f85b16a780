// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IMainIdentityFacet} from "../../interfaces/IMainIdentityFacet.sol";
import {LibBuckets} from "../../libraries/LibBuckets.sol";
import {LibCredits} from "../../libraries/LibCredits.sol";
import {LibDiamond} from "../../libraries/LibDiamond.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibRegistry} from "../../libraries/LibRegistry.sol";
import {LibToken} from "../../libraries/LibToken.sol";
import {MainIdentityStorage} from "../../storage/MainIdentityStorage.sol";

/// @title MainIdentityFacet: documented at IMainIdentityFacet
contract MainIdentityFacet is IMainIdentityFacet {
    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    function registerMain(uint256 id) external nonReentrant {
        // Check
        address owner = LibRegistry.ownerOf(id);
        if (owner == address(0)) revert UnknownToken();
        if (msg.sender != owner) revert NotOwner();
        MainIdentityStorage storage s = LibNs.mainIdentity();
        if (s.mainOf[msg.sender] == id) return;
        // Effect
        s.mainOf[msg.sender] = id;
        // Interaction
        uint256 cost = s.mainCost;
        if (cost != 0) LibToken.pullExact(LibCredits.token(), msg.sender, cost, LibBuckets.TREASURY);
        emit MainRegistered(msg.sender, id);
    }

    function clearMain() external {
        MainIdentityStorage storage s = LibNs.mainIdentity();
        uint256 id = s.mainOf[msg.sender];
        if (id == 0) return;
        s.mainOf[msg.sender] = 0;
        emit MainCleared(msg.sender, id);
    }

    function setMainCost(uint256 cost) external {
        LibDiamond.requireOwner();
        MainIdentityStorage storage s = LibNs.mainIdentity();
        emit MainCostUpdated(s.mainCost, cost);
        s.mainCost = cost;
    }

    function mainCost() external view returns (uint256) {
        return LibNs.mainIdentity().mainCost;
    }

    function mainOf(address account) external view returns (uint256 id) {
        return LibNs.mainIdentity().mainOf[account];
    }

    function mainNameOf(address account) external view returns (string memory name) {
        return LibRegistry.nameOf(LibNs.mainIdentity().mainOf[account]);
    }

    function isMain(uint256 id) external view returns (bool) {
        address owner = LibRegistry.ownerOf(id);
        return owner != address(0) && LibNs.mainIdentity().mainOf[owner] == id;
    }
}
