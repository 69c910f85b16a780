// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ISessionFacet} from "../../interfaces/ISessionFacet.sol";
import {LibBuckets} from "../../libraries/LibBuckets.sol";
import {LibCast} from "../../libraries/LibCast.sol";
import {LibCredits} from "../../libraries/LibCredits.sol";
import {LibDiamond} from "../../libraries/LibDiamond.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibToken} from "../../libraries/LibToken.sol";
import {SessionTerms} from "../../storage/SessionStorage.sol";

/// @title SessionFacet: documented at ISessionFacet
contract SessionFacet is ISessionFacet {
    uint256 private constant DEFAULT_PRICE = 1e19;
    uint256 private constant DEFAULT_DURATION = 1 hours;
    uint256 private constant MAX_AHEAD = 30 days;
    uint256 private constant ANY_PRICE = type(uint256).max;

    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    function openSession() external nonReentrant returns (uint256 expiry) {
        return _open(ANY_PRICE);
    }

    function openSessionMax(uint256 maxPriceWei) external nonReentrant returns (uint256 expiry) {
        return _open(maxPriceWei);
    }

    function extendSession() external nonReentrant returns (uint256 expiry) {
        return _extend(ANY_PRICE);
    }

    function extendSessionMax(uint256 maxPriceWei) external nonReentrant returns (uint256 expiry) {
        return _extend(maxPriceWei);
    }

    function setSessionPrice(uint256 priceWei) external {
        LibDiamond.requireOwner();
        SessionTerms storage terms = LibNs.session().terms;
        terms.price = LibCast.toUint128(priceWei);
        terms.priceSet = true;
        emit SessionPriceSet(priceWei);
    }

    function setSessionDuration(uint256 duration) external {
        LibDiamond.requireOwner();
        if (duration > MAX_AHEAD) revert DurationTooLong();
        SessionTerms storage terms = LibNs.session().terms;
        // Thirty days of seconds fit 32 bits.
        terms.duration = uint32(duration);
        terms.durationSet = true;
        emit SessionDurationSet(duration);
    }

    function sessionExpiryOf(address user) external view returns (uint256) {
        return LibNs.session().expiries[user];
    }

    function sessionPrice() external view returns (uint256 price) {
        (price,) = _terms();
    }

    function sessionDuration() external view returns (uint256 duration) {
        (, duration) = _terms();
    }

    function _open(uint256 maxPrice) private returns (uint256 expiry) {
        // Check
        (uint256 price, uint256 duration) = _terms();
        if (duration == 0) revert SessionsDisabled();
        uint256 present = LibNs.session().expiries[msg.sender];
        expiry = block.timestamp + duration;
        if (present >= expiry) revert SessionRunning(present);
        // Effect, Interaction
        _buy(expiry, price, maxPrice);
        emit SessionOpened(msg.sender, expiry, price);
    }

    function _extend(uint256 maxPrice) private returns (uint256 expiry) {
        // Check
        (uint256 price, uint256 duration) = _terms();
        if (duration == 0) revert SessionsDisabled();
        uint256 present = LibNs.session().expiries[msg.sender];
        expiry = (present > block.timestamp ? present : block.timestamp) + duration;
        if (expiry > block.timestamp + MAX_AHEAD) revert TooFar();
        // Effect, Interaction
        _buy(expiry, price, maxPrice);
        emit SessionExtended(msg.sender, expiry, price);
    }

    function _buy(uint256 expiry, uint256 price, uint256 maxPrice) private {
        if (price > maxPrice) revert PriceTooHigh(price);
        LibNs.session().expiries[msg.sender] = expiry;
        if (price != 0) LibToken.pullExact(LibCredits.token(), msg.sender, price, LibBuckets.TREASURY);
    }

    function _terms() private view returns (uint256 price, uint256 duration) {
        SessionTerms memory terms = LibNs.session().terms;
        price = terms.priceSet ? terms.price : DEFAULT_PRICE;
        duration = terms.durationSet ? terms.duration : DEFAULT_DURATION;
    }
}
