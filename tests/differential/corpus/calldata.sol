// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Calldata {
    struct Pair { uint128 a; int8 b; }
    struct Deep { uint256 id; bytes data; Pair[] pairs; uint16[3] fixedPart; }
    function sum(uint256[] calldata v) external pure returns (uint256 r) { for (uint256 i; i < v.length; ++i) r += v[i]; }
    function sum8(uint8[] calldata v) external pure returns (uint256 r) { for (uint256 i; i < v.length; ++i) r += v[i]; }
    function at(uint16[] calldata v, uint256 i) external pure returns (uint16) { return v[i]; }
    function atFixed(int24[4] calldata v, uint256 i) external pure returns (int24) { return v[i]; }
    function pair(Pair calldata p) external pure returns (uint128, int8) { return (p.a, p.b); }
    function pairs(Pair[] calldata p, uint256 i) external pure returns (uint128, int8, uint256) { return (p[i].a, p[i].b, p.length); }
    function echo(bytes calldata b) external pure returns (bytes calldata) { return b; }
    function echoText(string calldata s) external pure returns (string memory) { return s; }
    function echoArray(uint256[] calldata v) external pure returns (uint256[] memory) { return v; }
    function echoSmall(uint8[] calldata v) external pure returns (uint8[] memory) { return v; }
    function echoBool(bool[] calldata v) external pure returns (bool[] calldata) { return v; }
    function echoPairs(Pair[] calldata p) external pure returns (Pair[] memory) { return p; }
    function slice(bytes calldata b, uint256 s, uint256 e) external pure returns (bytes calldata, bytes memory) {
        return (b[s:e], b[s:]);
    }
    function sliceArray(uint256[] calldata v, uint256 s) external pure returns (uint256[] memory) { return v[s:]; }
    function byteAt(bytes calldata b, uint256 i) external pure returns (bytes1, uint256) { return (b[i], b.length); }
    function many(bytes[] calldata b, uint256 i) external pure returns (bytes memory, uint256) { return (b[i], b.length); }
    function manyHash(bytes[] calldata b) external pure returns (bytes32 h) {
        for (uint256 i = 0; i < b.length; i++) h = keccak256(abi.encodePacked(h, b[i]));
    }
    function deep(Deep calldata d, uint256 i) external pure returns (uint256, bytes memory, uint128, uint16) {
        return (d.id, d.data, d.pairs[i].a, d.fixedPart[1]);
    }
    function deepCopy(Deep calldata d) external pure returns (Deep memory) { return d; }
    function deepMemory(Deep memory d) external pure returns (Deep memory) { d.id += 1; return d; }
    function jagged(uint256[][] calldata v, uint256 i, uint256 j) external pure returns (uint256) { return v[i][j]; }
    function jaggedCopy(uint16[][] memory v) external pure returns (uint16[][] memory) { return v; }
    function strings(string[] memory s) external pure returns (string[] memory) { return s; }
    function mixed(uint8 a, bytes calldata b, bool c, address d, bytes4 e) external pure returns (bytes memory) {
        return abi.encode(a, b, c, d, e);
    }
    function msgData() external pure returns (bytes calldata, bytes4) { return (msg.data, msg.sig); }
    function decode(bytes calldata b) external pure returns (uint256 a, address c, bool d) {
        (a, c, d) = abi.decode(b, (uint256, address, bool));
    }
    function decodeDynamic(bytes memory b) external pure returns (uint8 a, bytes memory c, uint16[] memory d) {
        return abi.decode(b, (uint8, bytes, uint16[]));
    }
    function decodeStruct(bytes calldata b) external pure returns (Deep memory) { return abi.decode(b, (Deep)); }
    function roundTrip(uint8 a, bytes memory c, uint16[] memory d) external pure returns (bytes memory) {
        (uint8 x, bytes memory y, uint16[] memory z) = abi.decode(abi.encode(a, c, d), (uint8, bytes, uint16[]));
        return abi.encode(x, y, z);
    }
    function encodings(uint8 a, string calldata s, Pair calldata p) external pure returns (bytes memory, bytes memory, bytes memory, bytes memory) {
        return (
            abi.encode(a, s, p),
            abi.encodePacked(a, s, p.a, p.b),
            abi.encodeWithSelector(0x12345678, a, p),
            abi.encodeWithSignature("f(uint8,string)", a, s)
        );
    }
    function encodeCall(address to, uint256 v) external pure returns (bytes memory) {
        return abi.encodeCall(IThing.move, (to, v));
    }
    function packedArrays(uint8[] calldata a, bool[2] memory b) external pure returns (bytes memory) { return abi.encodePacked(a, b); }
}

interface IThing {
    function move(address to, uint256 v) external returns (bool);
}
