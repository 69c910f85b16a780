// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

type Price is uint128;

contract Conversions {
    enum Level { Low, Mid, High }
    function narrow(uint256 a) external pure returns (uint8, uint16, uint128, int8) {
        return (uint8(a), uint16(a), uint128(a), int8(uint8(a)));
    }
    function lowHash(uint8 a) external view returns (uint160, uint64, bool) {
        bytes32 hash = (a < 99 ? msg.sender : address(1)).codehash; // of an account without code, or of none
        return (uint160(uint256(hash)), uint64(uint256(hash)), uint256(uint160(uint256(hash))) == uint256(hash));
    }
    function widen(uint8 a, int8 b) external pure returns (uint256, int256, uint16) { return (a, b, uint16(a)); }
    function signs(int8 a, uint8 b) external pure returns (uint8, int8, int256) { return (uint8(a), int8(b), int256(a)); }
    function signs256(int256 a, uint256 b) external pure returns (uint256, int256) { return (uint256(a), int256(b)); }
    function narrowSigned(int256 a) external pure returns (int8, int128) { return (int8(a), int128(a)); }
    function addresses(address a, uint160 b, bytes20 c) external pure returns (uint160, address, bytes20, address) {
        return (uint160(a), address(b), bytes20(a), address(c));
    }
    function fixedBytes(bytes4 a, bytes32 b, uint32 c) external pure returns (bytes8, bytes2, uint32, bytes4, uint256, bytes32) {
        return (bytes8(a), bytes2(b), uint32(a), bytes4(c), uint256(b), bytes32(uint256(c)));
    }
    function toEnum(uint256 a) external pure returns (Level) { return Level(a); }
    function fromEnum(Level a) external pure returns (uint8, uint256) { return (uint8(a), uint256(a)); }
    function enumBounds() external pure returns (Level, Level) { return (type(Level).min, type(Level).max); }
    function bounds() external pure returns (uint256, int256, int8, uint8) {
        return (type(uint256).max, type(int256).min, type(int8).min, type(uint8).max);
    }
    function wrapped(uint128 a) external pure returns (Price, uint128) {
        Price p = Price.wrap(a);
        return (p, Price.unwrap(p));
    }
    function literals() external pure returns (bytes4, bytes32, uint8, address, bytes3) {
        return (0x12345678, "hello", 0xff, 0xdCad3a6d3569DF655070DEd06cb7A1b2Ccd1D3AF, hex"010203");
    }
    function byteOf(bytes32 a, uint256 i) external pure returns (bytes1) { return a[i]; }
    function byteOf4(bytes4 a) external pure returns (bytes1, bytes1) { return (a[0], a[3]); }
    function lengthOf(bytes7 a) external pure returns (uint256) { return a.length; }
    function bytesToFixed(bytes calldata a) external pure returns (bytes4, bytes32) { return (bytes4(a), bytes32(a)); }
    function bytesToFixedMemory(bytes memory a) external pure returns (bytes4, bytes32) { return (bytes4(a), bytes32(a)); }
    function payableAddress(address a) external pure returns (address payable) { return payable(a); }
    function conditional(bool c, uint8 a, uint16 b) external pure returns (uint16) { return c ? a : b; }
    function bitwise(uint8 a, uint8 b, bytes2 c, bytes2 d) external pure returns (uint8, uint8, uint8, bytes2, bytes2) {
        return (a & b, a | b, a ^ b, c & d, c | d);
    }
}

/// Constants with their highest bit set and zeros at the end, which code makes by a shift.
contract HighWords {
    uint256 public kept = 0xa1b2c3d4e5 << 216; // by code that runs once, where size alone counts

    function words() external pure returns (bytes4, bytes3, bytes32, uint256, int256, bytes8) {
        return (0xa1b2c3d4, 0x80ff01, bytes32(bytes5(0xfe01020304)), 0xc0ffee << 232, type(int256).min, 0xffffffffffffff00);
    }
}
