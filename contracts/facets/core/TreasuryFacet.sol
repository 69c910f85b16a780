// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ITreasuryFacet} from "../../interfaces/ITreasuryFacet.sol";
import {LibBuckets} from "../../libraries/LibBuckets.sol";
import {LibCredits} from "../../libraries/LibCredits.sol";
import {LibDiamond} from "../../libraries/LibDiamond.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibToken} from "../../libraries/LibToken.sol";

/// @title TreasuryFacet: documented at ITreasuryFacet
contract TreasuryFacet is ITreasuryFacet {
    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    function treasuryBalance() external view returns (uint256) {
        address token = LibNs.credits().token;
        return token == address(0) ? 0 : LibToken.held(token, LibBuckets.TREASURY);
    }

    function bucketOf(address token, uint8 bucket) external view returns (uint256) {
        return LibToken.held(token, bucket);
    }

    function owedOf(address token, address account) external view returns (uint256) {
        return LibNs.owed().owed[token][account];
    }

    function withdrawTreasury(address to, uint256 amount) external nonReentrant {
        LibDiamond.requireOwner();
        _withdraw(LibCredits.token(), to, amount);
        emit TreasuryWithdrawn(to, amount);
    }

    function withdrawTreasuryOf(address token, address to, uint256 amount) external nonReentrant {
        LibDiamond.requireOwner();
        _withdraw(token, to, amount);
        emit TreasuryTokenWithdrawn(token, to, amount);
    }

    function skim(address token) external nonReentrant returns (uint256 amount) {
        if (token == address(this)) revert TokenCallFailed(token);
        amount = LibToken.absorb(token, LibBuckets.TREASURY);
        if (amount != 0) emit Skimmed(token, amount);
    }

    function claimOwed(address token) external nonReentrant returns (uint256 amount) {
        amount = _claim(token, msg.sender);
    }

    function claimOwedTo(address token, address to) external nonReentrant {
        _claim(token, to);
    }

    function _withdraw(address token, address to, uint256 amount) private {
        if (amount == 0) revert ZeroAmount();
        LibToken.push(token, to, amount, LibBuckets.TREASURY);
    }

    function _claim(address token, address to) private returns (uint256 amount) {
        // Check
        mapping(address => uint256) storage owed = LibNs.owed().owed[token];
        amount = owed[msg.sender];
        if (amount == 0) revert ZeroAmount();
        // Effect
        owed[msg.sender] = 0;
        // Interaction
        LibToken.push(token, to, amount, LibBuckets.OWED);
        emit OwedClaimed(token, msg.sender, to, amount);
    }
}
