// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IReleaseFacet} from "../../interfaces/IReleaseFacet.sol";
import {LibDiamond} from "../../libraries/LibDiamond.sol";
import {LibGuild} from "../../libraries/LibGuild.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibRegistry} from "../../libraries/LibRegistry.sol";
import {ReleaseStorage} from "../../storage/ReleaseStorage.sol";

/// @title ReleaseFacet: documented at IReleaseFacet
contract ReleaseFacet is IReleaseFacet {
    uint256 private constant MAX_BATCH = 200;

    function releaseName(uint256 id) external {
        // Check
        address owner = LibRegistry.ownerOf(id);
        if (owner == address(0) || msg.sender != owner) revert NotOwner();
        if (LibNs.mainIdentity().mainOf[owner] == id) revert CannotReleaseMain();
        if (LibGuild.exists(id)) revert CannotReleaseGuild();
        // Effect
        _burn(id, owner);
    }

    function adminBurnNames(uint256[] calldata ids) external {
        // Check
        _requireAdmin();
        if (ids.length > MAX_BATCH) revert BatchTooLarge(MAX_BATCH);
        // Effect
        for (uint256 i = 0; i < ids.length; i++) {
            _burnIfAlive(ids[i]);
        }
    }

    function adminResetAll() external returns (bool done) {
        // Check
        ReleaseStorage storage s = _requireAdmin();
        uint256 lastId = LibNs.registry().config.lastId;
        if (lastId == 0) return true;
        // Effect
        uint256 before = s.cursor;
        uint256 toId = before + MAX_BATCH;
        done = toId >= lastId;
        if (done) toId = lastId;
        for (uint256 id = before + 1; id <= toId; id++) {
            _burnIfAlive(id);
        }
        // No more than `lastId`, which has 32 bits.
        s.cursor = done ? 0 : uint32(toId);
        emit ResetProgress(before + 1, toId, done);
    }

    function sealAdmin() external {
        _requireAdmin().isSealed = true;
        emit AdminBurnSealed();
    }

    function isAdminSealed() external view returns (bool) {
        return LibNs.release().isSealed;
    }

    function resetCursor() external view returns (uint256) {
        return LibNs.release().cursor;
    }

    function _burnIfAlive(uint256 id) private {
        address owner = LibRegistry.ownerOf(id);
        if (owner != address(0) && LibGuild.treasury(id) == 0) _burn(id, owner);
    }

    function _burn(uint256 id, address owner) private {
        string memory name = LibRegistry.nameOf(id);
        LibRegistry.burn(id);
        emit NameReleased(id, name, owner);
    }

    function _requireAdmin() private view returns (ReleaseStorage storage s) {
        LibDiamond.requireOwner();
        s = LibNs.release();
        if (s.isSealed) revert AdminSealed();
    }
}
