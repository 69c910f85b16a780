// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ITitheFacet} from "../../interfaces/ITitheFacet.sol";
import {LibCast} from "../../libraries/LibCast.sol";
import {LibCredits} from "../../libraries/LibCredits.sol";
import {LibGuild} from "../../libraries/LibGuild.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibToken} from "../../libraries/LibToken.sol";
import {Tithe} from "../../storage/TitheStorage.sol";

/// @title TitheFacet: documented at ITitheFacet
contract TitheFacet is ITitheFacet {
    uint256 private constant WHOLE = 10_000;
    uint256 private constant PERIOD = 24 hours;

    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    function setTithe(uint256 guildId, uint256 bps) external {
        // Check
        if (bps == 0 || bps > WHOLE) revert InvalidBps();
        LibGuild.requireExists(guildId);
        uint128 checkpoint = LibCast.toUint128(LibToken.balanceOf(LibCredits.token(), msg.sender));
        // Effect: guilds are identities, whose ids fit 32 bits. When it was last looked at stays.
        Tithe storage tithe = LibNs.tithe().tithes[msg.sender];
        tithe.guildId = uint32(guildId);
        tithe.bps = uint16(bps);
        tithe.checkpoint = checkpoint;
        emit TitheSet(msg.sender, guildId, bps, checkpoint);
    }

    function setTitheCap(uint256 perPeriodMax) external {
        // Check
        Tithe storage tithe = _titheOf(msg.sender);
        // Effect
        tithe.perPeriodMax = LibCast.toUint128(perPeriodMax);
        emit TitheCapSet(msg.sender, perPeriodMax);
    }

    function revokeTithe() external {
        // Check
        Tithe storage tithe = _titheOf(msg.sender);
        // Effect
        emit TitheRevoked(msg.sender, tithe.guildId);
        tithe.guildId = 0;
        tithe.bps = 0;
        tithe.checkpoint = 0;
        tithe.perPeriodMax = 0;
    }

    function collectTithe(address account) external nonReentrant returns (uint256 amount) {
        // Check
        Tithe storage tithe = _titheOf(account);
        if (block.timestamp < tithe.lastAt + PERIOD) revert TooSoon();
        uint256 guildId = tithe.guildId;
        uint256 before = tithe.checkpoint;
        uint256 balance = LibToken.balanceOf(LibCredits.token(), account);
        if (balance >= before) {
            amount = _shareOf(tithe, balance - before);
            if (amount == 0) revert NothingToCollect();
        }
        // Effect
        uint256 checkpoint = balance - amount;
        tithe.checkpoint = LibCast.toUint128(checkpoint);
        tithe.lastAt = uint40(block.timestamp);
        // Interaction
        if (amount != 0) LibGuild.fund(guildId, account, amount);
        emit TitheCollected(account, guildId, amount, checkpoint);
    }

    function titheOf(address account) external view returns (uint256 guildId, uint256 bps) {
        Tithe storage tithe = LibNs.tithe().tithes[account];
        return (tithe.guildId, tithe.bps);
    }

    function titheDetailsOf(address account) external view returns (TitheDetails memory details) {
        Tithe storage tithe = LibNs.tithe().tithes[account];
        details.checkpoint = tithe.checkpoint;
        details.perPeriodMax = tithe.perPeriodMax;
        details.lastAt = tithe.lastAt;
    }

    /// @dev Rounded in favour of the account.
    function _shareOf(Tithe storage tithe, uint256 income) private view returns (uint256 share) {
        share = LibCast.toUint128(income) * uint256(tithe.bps) / WHOLE;
        uint256 cap = tithe.perPeriodMax;
        if (cap != 0 && share > cap) share = cap;
    }

    function _titheOf(address account) private view returns (Tithe storage tithe) {
        tithe = LibNs.tithe().tithes[account];
        if (tithe.bps == 0) revert NoTithe();
    }
}
