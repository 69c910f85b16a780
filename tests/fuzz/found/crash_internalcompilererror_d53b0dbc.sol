// SPDX-License-Identifier: MIT
pragma solidity ^0.8.29;
enum E0 { M0, M1, M2 }
type Own is uint256;
using {own_add as +, own_sub as -, own_minus as -, own_eq as ==, own_less as <} for Own global;
function own_add(Own a, Own b) pure returns (Own) { unchecked { return Own.wrap(Own.unwrap(a) + Own.unwrap(b)); } }
function own_sub(Own a, Own b) pure returns (Own) { unchecked { return Own.wrap(Own.unwrap(a) - Own.unwrap(b)); } }
function own_minus(Own a) pure returns (Own) { return Own.wrap(uint256(0) - Own.unwrap(a)); }
function own_eq(Own a, Own b) pure returns (bool) { return Own.unwrap(a) == Own.unwrap(b); }
function own_less(Own a, Own b) pure returns (bool) { return Own.unwrap(a) < Own.unwrap(b); }
struct S0 { int128 m0; bool m1; Own m2; }
struct S1 { string m0; bytes m1; }
error Er0(uint160, int32, bytes1);
interface Peer {
    function peer0(uint64[2] memory) external payable returns (uint8);
    function peer1(S1 memory, string memory) external payable returns (string memory);
}
contract Sibling {
    bytes32 immutable kept;
    constructor() payable {
        kept = keccak256(abi.encode(msg.value));
        require(uint8(kept[0]) < 200, "sibling");
    }
    function look() external view returns (bytes32) { return kept; }
}
abstract contract A {
    Own internal xa0 = Own.wrap(uint256(1));
    uint64 public xa1 = uint64(3);
    bytes32 internal seen;
    function family(bool a1) public virtual returns (bool r2) {
        E0 v3 = E0(uint64(7) % 4);
    }
}
abstract contract B is A {
    address xb0;
    function family(bool a1) public virtual override returns (bool r2) {
        for (uint256 i3 = 0; i3 < 1; i3++) {
            try Peer(address(uint160(0xbad0))).peer1(S1({m0: "a text of more than thirty-two bytes, so it is kept elsewhere", m1: bytes("a")}), "exactly thirty-one bytes long..") returns (string memory r4) {
                seen = keccak256(abi.encode(seen, r4));
                int160 v5;
            } catch Error(string memory text) {
                seen = keccak256(abi.encode(seen, text));
            } catch (bytes memory data) {
                seen = keccak256(abi.encode(seen, data));
            }
            seen = bytes32(hex"7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff");
            delete seen;
        }
        uint40 v6 = (uint40(0) ^ uint40(2));
        return r2;
    }
}
abstract contract C is A {
    Own xc0 = Own.wrap(uint256(7));
    function family(bool a1) public virtual override returns (bool r2) {
        a1 = a1;
        (xc0, seen, a1) = ((xa0 + Own.wrap(uint256(3))), seen, (uint32(3) > uint32(0)));
        return a1;
    }
}
contract Main is B, C {
    bool[][] internal x0;
    mapping(bytes => bytes) internal x1;
    bool public x2;
    constructor() {
        (x2, x0[1][1], x1[x1[bytes("a")]][0]) = (x2, (x0[1][1] = x2), x1[x1[bytes("exactly thirty-one bytes long..")]][0]);
    }
    function family(bool a1) public override(B, C) returns (bool) {
        x1[x1[x1[bytes("")]]][uint256(115792089237316195423570985008687907853269984665640564039457584007913129639934)] = (x2 ? x1[bytes("a text of more than thirty-two bytes, so it is kept elsewhere")][uint256(115792089237316195423570985008687907853269984665640564039457584007913129639935) % (x1[bytes("a text of more than thirty-two bytes, so it is kept elsewhere")].length + 1)] : ((x1[x1[x1[bytes("a text of more than thirty-two bytes, so it is kept elsewhere")]]][0] | x1[bytes("exactly thirty-one bytes long..")][1]) ^ (x1[bytes("")][1] | bytes1(hex"ff"))));
        return (x2 != (x0[1][1] = true));
    }
    function f0(Own a1, bytes8 a2) external returns (bytes32) {
        try Peer(address(uint160(0xbad0))).peer0([xa1, uint64(7)]) returns (uint8 r3) {
            seen = keccak256(abi.encode(seen, r3));
            uint64 v4 = (uint64(1) | uint64(7));
        } catch (bytes memory data) {
            seen = keccak256(abi.encode(seen, data));
        }
        {
            uint256 i5 = 0;
            while (i5++ < 1) {
                try this.family(x2) returns (bool r6) {
                    seen = keccak256(abi.encode(seen, r6));
                    uint24[2] memory v7 = [uint24(3), uint24(2)];
                } catch Error(string memory text) {
                    seen = keccak256(abi.encode(seen, text));
                }
            }
        }
        try this.family(true) returns (bool r8) {
            seen = keccak256(abi.encode(seen, r8));
            if (r8) {
                (seen, r8, a1) = ((~seen), x2, (Own.wrap(uint256(7)) - xa0));
                bytes storage v9 = x1[x1[x1[x1[bytes("a text of more than thirty-two bytes, so it is kept elsewhere")]]]];
            } else {
                x0[0] = new bool[](uint256(0) % 5);
            }
        } catch Panic(uint256 code) {
            seen = keccak256(abi.encode(seen, code));
        } catch (bytes memory data) {
            seen = keccak256(abi.encode(seen, data));
        }
        return ((seen >> 1) << 15);
    }
    function last(string calldata a1, uint16[] calldata a2, E0 a3) external returns (uint16 r4) {
        Sibling s5 = new Sibling();
        seen = keccak256(abi.encode(seen, s5.look()));
        x1[bytes("a")][0] = x1[bytes("exactly thirty-one bytes long..")][0];
        this.f0(xa0, bytes8(hex"805a5a5a5a5a5a5a"));
    }
}
