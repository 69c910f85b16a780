// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {LibCast} from "../../../contracts/libraries/LibCast.sol";
import {LibNs} from "../../../contracts/libraries/LibNs.sol";
import {LibToken} from "../../../contracts/libraries/LibToken.sol";

/// @title Whatever is relabelled in the ledger stays there, whoever asks for how much
contract LedgerProperties {
    address private constant TOKEN = address(0xbeef);

    function move(uint8 from, uint8 to, uint256 amount) external {
        LibToken.move(TOKEN, from, to, amount);
    }

    function cast96(uint256 value) external pure returns (uint96) {
        return LibCast.toUint96(value);
    }

    function cast128(uint256 value) external pure returns (uint128) {
        return LibCast.toUint128(value);
    }

    /// @dev A move either fails, and then for want of money, or changes two buckets by its amount and no third.
    function check_move(uint8 from, uint8 to, uint8 other, uint128 a, uint128 b, uint128 c, uint256 amount) external {
        if (from == to || other == from || other == to) return;
        LibNs.ledger().held[TOKEN][from] = a;
        LibNs.ledger().held[TOKEN][to] = b;
        LibNs.ledger().held[TOKEN][other] = c;
        if (_moves(from, to, amount)) {
            assert(amount <= a);
            assert(LibToken.held(TOKEN, from) == uint256(a) - amount);
            assert(LibToken.held(TOKEN, to) == uint256(b) + amount);
        } else {
            assert(amount > a);
            assert(LibToken.held(TOKEN, from) == a && LibToken.held(TOKEN, to) == b);
        }
        assert(LibToken.held(TOKEN, other) == c);
    }

    /// @dev Into itself: nothing is made.
    function check_moveToItself(uint8 bucket, uint128 a, uint256 amount) external {
        LibNs.ledger().held[TOKEN][bucket] = a;
        assert(_moves(bucket, bucket, amount) == (amount <= a));
        assert(LibToken.held(TOKEN, bucket) == a);
    }

    /// @dev The total is the sum, for any three buckets in use.
    function check_total(uint128 a, uint128 b, uint128 c) external {
        LibNs.ledger().held[TOKEN][1] = a;
        LibNs.ledger().held[TOKEN][9] = b;
        LibNs.ledger().held[TOKEN][16] = c;
        assert(LibToken.heldTotal(TOKEN) == uint256(a) + b + c);
    }

    /// @dev A cast keeps the number or reverts; none wraps.
    function check_casts(uint256 value) external view {
        (bool ok, bytes memory answer) = address(this).staticcall(abi.encodeCall(this.cast96, (value)));
        assert(ok == (value <= type(uint96).max));
        assert(!ok || abi.decode(answer, (uint256)) == value);
        (ok, answer) = address(this).staticcall(abi.encodeCall(this.cast128, (value)));
        assert(ok == (value <= type(uint128).max));
        assert(!ok || abi.decode(answer, (uint256)) == value);
    }

    /// @dev Wrong on purpose: if this one is proved, so is everything.
    function check_control(uint128 a, uint256 amount) external {
        LibNs.ledger().held[TOKEN][1] = a;
        assert(_moves(1, 2, amount) == (amount < a));
    }

    function _moves(uint8 from, uint8 to, uint256 amount) private returns (bool ok) {
        (ok,) = address(this).call(abi.encodeCall(this.move, (from, to, amount)));
    }
}
