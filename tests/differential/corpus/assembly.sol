// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

contract Assembly {
    uint256 x = 5;
    mapping(uint256 => uint256) m;
    struct Store { uint256 a; mapping(address => uint8) b; }
    bytes32 private constant POSITION = keccak256("assembly.store");
    function layout() internal pure returns (Store storage s) { bytes32 p = POSITION; assembly { s.slot := p } }
    function setStore(uint256 a, uint8 b) external { Store storage s = layout(); s.a = a; s.b[msg.sender] = b; }
    function getStore() external view returns (uint256, uint8) { return (layout().a, layout().b[msg.sender]); }
    function slots() external pure returns (uint256 a, uint256 b) { assembly { a := x.slot b := m.slot } }
    function math(uint256 a, uint256 b) external pure returns (uint256 r) {
        assembly {
            function sq(v) -> w { w := mul(v, v) }
            function two(v, w) -> p, q { if lt(v, w) { p := v q := w leave } p := w q := v }
            let p, q := two(a, b)
            r := add(sq(p), sub(q, p))
            switch mod(a, 4)
            case 0 { r := xor(r, 1) }
            case 1 { r := not(r) }
            default { for { let i := 0 } lt(i, 3) { i := add(i, 1) } { if eq(i, 1) { continue } r := add(r, i) } }
        }
    }
    function loopy(uint256 n) external pure returns (uint256 s) {
        assembly { for { let i := 0 } 1 { i := add(i, 1) } { if gt(i, and(n, 15)) { break } s := add(shl(1, s), i) } }
    }
    function memorySafe(uint256 a, uint256 b) external pure returns (bytes32 h) {
        assembly ("memory-safe") { mstore(0, a) mstore(0x20, b) h := keccak256(0, 0x40) }
    }
    function alloc(uint256 n) external pure returns (bytes memory r) {
        assembly ("memory-safe") {
            n := and(n, 63)
            r := mload(0x40)
            mstore(r, n)
            let p := add(r, 0x20)
            for { let i := 0 } lt(i, n) { i := add(i, 1) } { mstore8(add(p, i), i) }
            mstore(0x40, and(add(add(p, n), 31), not(31)))
        }
    }
    function dirty(uint256 v) external pure returns (uint8 a, bool b, address c, bytes4 d) {
        assembly { a := v b := v c := v d := v }
    }
    function calldataParts(bytes calldata data, uint256[] calldata v) external pure returns (uint256 a, uint256 b, uint256 c, uint256 d) {
        assembly { a := data.length b := data.offset c := v.length d := calldataload(v.offset) }
    }
    function reslice(bytes calldata data) external pure returns (bytes calldata r) {
        assembly { r.offset := data.offset r.length := div(data.length, 2) }
    }
    function rawReturn(uint256 v) external pure returns (uint256) { assembly { mstore(0, add(v, 1)) return(0, 32) } }
    function rawRevert(uint256 v) external pure { assembly { mstore(0, v) revert(28, 4) } }
    function storage_(uint256 v) external returns (uint256 r) { assembly { sstore(x.slot, add(sload(x.slot), v)) r := sload(x.slot) } }
    function transient_(uint256 v) external returns (uint256 r) { assembly { tstore(v, add(v, 1)) r := tload(v) } }
    function logs(uint256 v) external { assembly { mstore(0, v) log2(0, 32, v, 7) } }
    function copy(bytes calldata d) external pure returns (bytes32 h) {
        assembly ("memory-safe") { let p := mload(0x40) calldatacopy(p, d.offset, d.length) h := keccak256(p, d.length) }
    }
    function constantSlot() external pure returns (bytes32 r) { assembly { r := POSITION2 } }
    bytes32 private constant POSITION2 = 0x1122334455667788112233445566778811223344556677881122334455667788;
    function mixed(uint256 k, uint256 v) external returns (uint256 r) {
        m[k] = v;
        bytes32 h;
        assembly { mstore(0, k) mstore(32, m.slot) h := keccak256(0, 64) r := sload(h) }
        r += m[k + 1];
        assembly { mstore(0, r) }
        m[k + 1] = r;
        assembly { mstore(0, r) r := add(r, mload(0)) }
    }
    function bits(uint256 a, uint256 b) external pure returns (uint256 c, uint256 d, uint256 e, uint256 f) {
        assembly { c := byte(and(a, 31), b) d := signextend(and(a, 31), b) e := sar(and(a, 255), b) f := sdiv(a, b) }
    }
}

contract Proxy {
    address immutable target;
    constructor() { target = address(new Logic()); }
    fallback() external payable {
        address t = target;
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), t, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            switch ok case 0 { revert(0, returndatasize()) } default { return(0, returndatasize()) }
        }
    }
    receive() external payable {}
}
contract Logic {
    uint256 count;
    error No(uint256 c);
    function inc(uint256 by) external payable returns (uint256) { if (by > 100) revert No(count); count += by; return count; }
}

contract Recover {
    function recover(bytes32 h, uint8 v, bytes32 r, bytes32 s) external pure returns (address) { return ecrecover(h, v, r, s); }
}
