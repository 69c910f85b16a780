// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "../interfaces/IErrors.sol";
import {ILedgerEvents} from "../interfaces/ILedgerEvents.sol";
import {Authorization} from "./LibAuthorization.sol";
import {LibBuckets} from "./LibBuckets.sol";
import {LibNs} from "./LibNs.sol";
import {LibTokenCall} from "./LibTokenCall.sol";

/// @title Every movement of tokens in, out of and through the diamond, with the ledger that says what they are for
/// @notice Amounts in the token's base units. A movement writes one ledger word. Callers hold the shared lock and have
/// written their own state; whatever a token does in a callback finds the diamond consistent and its doors closed.
library LibToken {
    // Ledger

    function held(address token, uint8 bucket) internal view returns (uint256) {
        return LibNs.ledger().held[token][bucket];
    }

    /// @dev Sum over all buckets.
    function heldTotal(address token) internal view returns (uint256 total) {
        mapping(uint256 => uint256) storage buckets = LibNs.ledger().held[token];
        for (uint256 bucket = 1; bucket <= LibBuckets.LAST; bucket++) {
            total += buckets[bucket];
        }
    }

    /// @dev Re-labels what is already here.
    function move(address token, uint8 from, uint8 to, uint256 amount) internal {
        _take(token, from, amount);
        LibNs.ledger().held[token][to] += amount;
    }

    /// @dev Puts a surplus nobody accounted for into `bucket`; the balance covers every bucket before and after.
    function absorb(address token, uint8 bucket) internal returns (uint256 surplus) {
        uint256 balance = LibTokenCall.balanceOf(token, address(this));
        uint256 total = heldTotal(token);
        if (balance <= total) return 0;
        surplus = balance - total;
        LibNs.ledger().held[token][bucket] += surplus;
    }

    function decimals(address token) internal view returns (uint256) {
        return LibTokenCall.decimals(token);
    }

    // In

    /// @dev Pulls exactly `amount` or reverts `TokenDelta`.
    function pullExact(address token, address from, uint256 amount, uint8 bucket) internal {
        uint256 received = _pull(token, from, amount);
        if (received != amount) revert IErrors.TokenDelta(amount, received);
        LibNs.ledger().held[token][bucket] += amount;
    }

    /// @dev Credits whatever arrives, for tokens that take a fee; nothing arriving is `ZeroAmount`.
    function pullDelta(address token, address from, uint256 amount, uint8 bucket)
        internal
        returns (uint256 received)
    {
        received = _pull(token, from, amount);
        if (received == 0) revert IErrors.ZeroAmount();
        LibNs.ledger().held[token][bucket] += received;
    }

    /// @dev As `pullDelta`, on an EIP-3009 authorisation to the diamond instead of an allowance. The token lets only
    /// the payee run it, so nobody can spend the authorisation outside this call.
    function pullAuthorized(
        address token,
        Authorization memory auth,
        uint8 v,
        bytes32 r,
        bytes32 s,
        uint8 bucket
    ) internal returns (uint256 received) {
        if (token == address(this)) revert IErrors.TokenCallFailed(token);
        uint256 before = LibTokenCall.balanceOf(token, address(this));
        if (!LibTokenCall.receiveWithAuthorization(token, auth, v, r, s)) revert IErrors.TokenCallFailed(token);
        uint256 afterwards = LibTokenCall.balanceOf(token, address(this));
        received = afterwards > before ? afterwards - before : 0;
        if (received == 0) revert IErrors.ZeroAmount();
        LibNs.ledger().held[token][bucket] += received;
    }

    // Out

    /// @dev Pays `to` or reverts: for callers who are paid themselves or choose whom to pay.
    function push(address token, address to, uint256 amount, uint8 bucket) internal {
        _requirePayee(token, to);
        _take(token, bucket, amount);
        if (!_pay(token, to, amount)) revert IErrors.TokenCallFailed(token);
    }

    /// @dev Pays `to`, or keeps the money claimable when the token refuses: for settlements anyone may trigger, so that
    /// a blocked recipient cannot freeze them.
    function pushOrOwe(address token, address to, uint256 amount, uint8 bucket) internal returns (bool paid) {
        _take(token, bucket, amount);
        if (_pay(token, to, amount)) return true;
        LibNs.ledger().held[token][LibBuckets.OWED] += amount;
        LibNs.owed().owed[token][to] += amount;
        emit ILedgerEvents.Owed(token, to, amount);
    }

    // Through

    /// @dev Moves `amount` between third parties on the payer's allowance; the payee must gain exactly that.
    function relay(address token, address from, address to, uint256 amount) internal {
        if (!tryRelay(token, from, to, amount)) revert IErrors.TokenCallFailed(token);
    }

    /// @dev As `relay`, but answers false when the token refuses. A token that accepts and moves something else still
    /// reverts: there is no going on with a token that lies.
    function tryRelay(address token, address from, address to, uint256 amount) internal returns (bool) {
        _requirePayee(token, to);
        if (from == address(this)) return false;
        if (amount == 0) return true;
        uint256 before = from == to ? 0 : LibTokenCall.balanceOf(token, to);
        if (!LibTokenCall.transferFrom(token, from, to, amount)) return false;
        if (from != to) _requireGain(token, to, before, amount);
        return true;
    }

    /// @dev Runs an EIP-3009 authorisation at `token`: no allowance, no custody; the payee must gain exactly the
    /// amount.
    function relayAuthorized(address token, Authorization memory auth, uint8 v, bytes32 r, bytes32 s) internal {
        _requirePayee(token, auth.to);
        uint256 before = auth.from == auth.to ? 0 : LibTokenCall.balanceOf(token, auth.to);
        if (!LibTokenCall.transferWithAuthorization(token, auth, v, r, s)) revert IErrors.TokenCallFailed(token);
        if (auth.from != auth.to) _requireGain(token, auth.to, before, auth.value);
    }

    /// @dev What an account has, in base units: for rules that measure it, not for the ledger.
    function balanceOf(address token, address account) internal view returns (uint256) {
        return LibTokenCall.balanceOf(token, account);
    }

    function isAuthorizationUsed(address token, address authorizer, bytes32 nonce) internal view returns (bool) {
        return LibTokenCall.authorizationState(token, authorizer, nonce);
    }

    /// @dev Creates credits; the token has made the diamond an issuer. Nothing of the ledger changes.
    function mint(address token, address to, uint256 amount) internal {
        if (!LibTokenCall.mint(token, to, amount)) revert IErrors.TokenCallFailed(token);
    }

    /// @dev As `mint`, with a word for whoever reads the token's events.
    function mintWithMemo(address token, address to, uint256 amount, bytes32 memo) internal {
        if (!LibTokenCall.mintWithMemo(token, to, amount, memo)) revert IErrors.TokenCallFailed(token);
    }

    /// @dev Creates credits into `bucket`; the diamond must gain exactly `amount`.
    function mintHeld(address token, uint256 amount, uint8 bucket) internal {
        uint256 before = LibTokenCall.balanceOf(token, address(this));
        mint(token, address(this), amount);
        _requireGain(token, address(this), before, amount);
        LibNs.ledger().held[token][bucket] += amount;
    }

    /// @dev Destroys credits out of `bucket`; the diamond must lose exactly `amount`.
    function burnHeld(address token, uint256 amount, uint8 bucket) internal {
        _take(token, bucket, amount);
        uint256 before = LibTokenCall.balanceOf(token, address(this));
        if (!LibTokenCall.burn(token, amount)) revert IErrors.TokenCallFailed(token);
        uint256 afterwards = LibTokenCall.balanceOf(token, address(this));
        uint256 dropped = before > afterwards ? before - afterwards : 0;
        if (dropped != amount) revert IErrors.TokenDelta(amount, dropped);
    }

    function totalSupply(address token) internal view returns (uint256) {
        return LibTokenCall.totalSupply(token);
    }

    function _requireGain(address token, address to, uint256 before, uint256 amount) private view {
        uint256 afterwards = LibTokenCall.balanceOf(token, to);
        uint256 gained = afterwards > before ? afterwards - before : 0;
        if (gained != amount) revert IErrors.TokenDelta(amount, gained);
    }

    function _pull(address token, address from, uint256 amount) private returns (uint256) {
        if (token == address(this)) revert IErrors.TokenCallFailed(token);
        uint256 before = LibTokenCall.balanceOf(token, address(this));
        if (!LibTokenCall.transferFrom(token, from, address(this), amount)) revert IErrors.TokenCallFailed(token);
        uint256 afterwards = LibTokenCall.balanceOf(token, address(this));
        return afterwards > before ? afterwards - before : 0;
    }

    function _pay(address token, address to, uint256 amount) private returns (bool) {
        uint256 before = LibTokenCall.balanceOf(token, address(this));
        bool paid = LibTokenCall.transfer(token, to, amount);
        uint256 afterwards = LibTokenCall.balanceOf(token, address(this));
        uint256 dropped = before > afterwards ? before - afterwards : 0;
        // A refusal that moved money all the same must not be owed on top.
        uint256 expected = paid ? amount : 0;
        if (dropped != expected) revert IErrors.TokenDelta(expected, dropped);
        return paid;
    }

    function _take(address token, uint8 bucket, uint256 amount) private {
        mapping(uint256 => uint256) storage buckets = LibNs.ledger().held[token];
        uint256 available = buckets[bucket];
        if (available < amount) revert IErrors.BucketUnderflow(bucket);
        buckets[bucket] = available - amount;
    }

    /// @dev The diamond is no token (it answers ERC-721 calls of the same name) and pays neither itself nor nobody.
    function _requirePayee(address token, address to) private view {
        if (to == address(0)) revert IErrors.ZeroAddress();
        if (to == address(this) || token == address(this)) revert IErrors.TokenCallFailed(token);
    }
}
