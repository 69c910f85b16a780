// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ICreditsFacet} from "../../interfaces/ICreditsFacet.sol";
import {LibCredits} from "../../libraries/LibCredits.sol";
import {LibDiamond} from "../../libraries/LibDiamond.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibToken} from "../../libraries/LibToken.sol";
import {CreditsStorage} from "../../storage/CreditsStorage.sol";

/// @title CreditsFacet: documented at ICreditsFacet
contract CreditsFacet is ICreditsFacet {
    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    function setCreditsToken(address token) external {
        LibDiamond.requireOwner();
        if (token == address(0)) revert ZeroAddress();
        if (token == address(this) || token.code.length == 0) revert TokenCallFailed(token);
        CreditsStorage storage s = LibNs.credits();
        if (s.token != address(0) && LibToken.heldTotal(s.token) != 0) revert BucketsNotEmpty();
        s.token = token;
        emit CreditsTokenSet(token);
    }

    function creditsToken() external view returns (address) {
        return LibNs.credits().token;
    }

    function setDailyAllowance(uint256 amount) external {
        LibDiamond.requireOwner();
        LibNs.credits().dailyAllowance = amount;
        emit DailyAllowanceSet(amount);
    }

    function dailyAllowance() external view returns (uint256) {
        return LibNs.credits().dailyAllowance;
    }

    function claimDaily() external nonReentrant returns (uint256 amount) {
        // Check
        CreditsStorage storage s = LibNs.credits();
        address token = LibCredits.token();
        amount = s.dailyAllowance;
        if (amount == 0) revert NotConfigured();
        uint256 day = _today();
        if (s.lastClaimDay[msg.sender] == day) revert AlreadyClaimedToday(day);
        // Effect
        s.lastClaimDay[msg.sender] = day;
        // Interaction
        LibToken.mint(token, msg.sender, amount);
        emit DailyClaimed(msg.sender, day, amount);
    }

    function lastClaimDay(address account) external view returns (uint256 day) {
        return LibNs.credits().lastClaimDay[account];
    }

    function canClaim(address account) external view returns (bool) {
        CreditsStorage storage s = LibNs.credits();
        return s.token != address(0) && s.dailyAllowance != 0 && s.lastClaimDay[account] != _today();
    }

    function _today() private view returns (uint256) {
        return block.timestamp / 86_400;
    }
}
