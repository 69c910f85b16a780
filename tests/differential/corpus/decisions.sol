// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

// What the optimizer must not decide too soon: conditions made in one place and asked in another, words whose bits
// are known in part, and storage that a constructor changes by calling back.
contract Decisions {
    uint256 public stored;
    uint256 transient fleeting;
    uint256[] list;

    function isLarge(uint256 a) internal pure returns (bool) { if (a > 5) return true; return false; }
    function either(uint256 a, bool b) internal pure returns (bool) { return a > 7 || (b && a > 3); }

    function asked(uint256 a, bool b) external pure returns (uint256) {
        if (isLarge(a)) return 1;
        if (!either(a, b)) return 2;
        return isLarge(a + 1) ? 3 : 4;
    }
    function kept(uint256 a, bool b) external pure returns (bool c, uint256 d) {
        c = a > 3 && b;
        if (c) d = a;
        else d = 9;
        if (!c) d++;
    }
    function order(uint256 a, bool b, uint256 i) external returns (uint256) {
        bool ok = a > 5 ? true : b;
        uint256 found = list[i % 4];
        require(ok, "not allowed");
        list.push(a);
        return found;
    }
    function calls(uint256 a, bool b) external returns (uint256) {
        bool ok = a > 5 || b;
        this.fail(a);
        require(ok, "not allowed");
        return stored;
    }
    function refuse(uint256 a) internal { stored = a; require(a % 4 != 3, "three"); list.push(a); }
    function inner(uint256 a, bool b) external returns (uint256) {
        bool ok = a > 5 ? true : b;
        refuse(a);
        require(ok, "not allowed");
        refuse(a + 1);
        return stored;
    }
    function plain(uint256 a, bool b) external pure returns (uint256) {
        require(a > 5 ? true : b, "not allowed");
        return a;
    }
    function shifted(uint256 a) external pure returns (uint256 p, uint256 q, uint256 r) {
        assembly {
            p := shr(8, shl(8, a))
            q := signextend(0, and(a, 0xff))
            r := signextend(1, and(a, 0x7fff))
        }
    }
    function ignored(uint256 a) external returns (uint256) {
        stored = a;
        address(this).call(abi.encodeCall(this.bump, ()));
        return stored;
    }
    function fail(uint256 a) external { stored = a; assert(a != 1); }
    function grow(uint256 a) external { list.push(a); }

    function bits(uint256 a, uint256 b, uint256 c) external pure returns (uint256 p, uint256 q, uint256 r, uint256 s) {
        assembly {
            p := and(or(lt(a, b), shl(8, c)), 0xff00)
            q := and(or(and(c, 0xff), shl(4, lt(a, b))), 0xf0)
            r := shr(8, or(lt(a, b), and(c, 0xffff)))
            s := and(xor(byte(31, a), shl(16, b)), 0xffffff)
        }
    }
    function created(uint256 a, bytes32 salt) external returns (uint256, uint256, uint256) {
        stored = a;
        fleeting = a;
        new Caller();
        uint256 before = stored;
        new Caller{salt: salt}();
        stored += 1;
        return (before, stored, fleeting);
    }
    function bump() external { unchecked { stored += 3; fleeting += 5; } }
}

contract Caller {
    constructor() { Decisions(msg.sender).bump(); }
}
