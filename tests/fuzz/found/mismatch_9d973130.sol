// SPDX-License-Identifier: MIT
pragma solidity ^0.8.29;
enum E0 { M0, M1, M2, M3, M4 }
struct S0 { uint32 m0; string m1; bytes20 m2; int24 m3; }
struct S1 { uint256[] m0; uint16[1] m1; S0 m2; }
event Ev0(int128, E0 indexed, bytes);
event Ev1(S0 indexed, S0 indexed, bytes);
library L {
    function lib0(address[][1] memory a1) internal returns (uint16) {
        a1[uint256(7) % 1] = new address[](2);
        emit Ev1(S0({m0: uint32(3), m1: "exactly thirty-one bytes long..", m2: bytes20(hex"ff00000000000000000000000000000000000000"), m3: int24(8388607)}), S0({m0: uint32(6), m1: "a", m2: bytes20(hex"ffffffffffffffffffffffffffffffffffffffff"), m3: int24(1)}), abi.encode(E0.M3, bytes("")));
        return ((uint16(0) ** 3) + uint16(1));
    }
    function lib1() internal returns (bytes1, int16) {
        bool v1 = ((uint8(5) < uint8(3)) ? (bytes32(hex"0100000000000000000000000000000000000000000000000000000000000000") == (bytes32(hex"005a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a") ^ bytes32(hex"7f00000000000000000000000000000000000000000000000000000000000000"))) : true);
        v1 = v1;
        return ((bytes1(hex"7f") | bytes1(uint8(16))), ((int16(16) % int16(15)) ** uint8(3)));
    }
}
interface Peer {
    function peer0(bytes31[] memory) external payable returns (string memory);
    function peer1(bool) external payable;
    function peer2(uint256) external payable returns (uint256);
}
contract Sibling {
    bytes32 immutable kept;
    constructor() payable {
        kept = keccak256(abi.encode(msg.value));
    }
    function look() external view returns (bytes32) { return kept; }
}
abstract contract A {
    mapping(int16 => mapping(bool => int248[3])) xa0;
    bytes32 internal seen;
    function family(E0 a1) public virtual returns (E0) {
        if ((seen > bytes32(uint256(115792089237316195423570985008687907853269984665640564039457584007913129639934)))) {
            unchecked {
                Sibling s2 = new Sibling();
                seen = keccak256(abi.encode(seen, s2.look()));
            }
        }
        int128 v3 = int128(int8((uint8(8) + uint8(1))));
        return E0((uint248(2) | uint248(7)) % 6);
    }
}
abstract contract B is A {
    address xb0;
    function family(E0 a1) public virtual override returns (E0) {
        xb0 = xb0;
        return E0.M3;
    }
}
abstract contract C is A {
    mapping(bytes31 => uint64) xc0;
    function family(E0 a1) public virtual override returns (E0) {
        require((!false), "a text of more than thirty-two bytes, so it is kept elsewhere");
        return a1;
    }
}
contract Main is B, C {
    S0 internal x0;
    bool x1;
    bool constant K = true;
    constructor(S0 memory a1) {
        if ((!(uint16(32768) > uint16(4)))) {
            int24 v2 = a1.m3;
        }
        if ((bytes32(uint256(2)) >= seen)) {
            if (((uint248(11) | uint248(2)) == uint248(7))) {
                uint128 v3 = (uint128((~bytes16(hex"005a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"))) | ((uint128(1) & uint128(0)) % (K ? uint128(2) : uint128(7))));
                emit Ev1(S0({m0: a1.m0, m1: a1.m1, m2: x0.m2, m3: x0.m3}), S0(uint32(11), x0.m1, a1.m2, a1.m3), abi.encode(uint64(1), [K, false, false]));
            }
            x0.m3 ^= x0.m3;
        }
    }
    function h0(uint256 a1) internal returns (uint256) {
        a1 = (((int16(0) <= int16(5)) && (uint128(340282366920938463463374607431768211455) <= uint128(14))) ? a1 : a1);
        if ((uint160(7) != uint160(11))) {
            seen = (seen ^ seen);
            x0 = S0(x0.m0, x0.m1, bytes20(hex"ff00000000000000000000000000000000000000"), x0.m3);
        } else {
            x0.m2 = bytes20(hex"005a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a");
            E0 v2 = E0.M1;
        }
        return (~(a1 + a1));
    }
    function h1(uint256 a1) internal returns (uint256) {
        assert((uint8(0) <= (uint8(0) & uint8(19))));
        if (((x0.m3 == int24(-1)) == (uint160(6) <= uint160(7)))) {
            x0.m3 = ((int24(int24(2)) | x0.m3++) - (~(x0.m3 << 255)));
        }
        return a1;
    }
    function family(E0 a1) public override(B, C) returns (E0 r2) {
        try new Sibling() returns (Sibling s3) {
            seen = keccak256(abi.encode(seen, s3.look()));
        } catch (bytes memory data) {
            seen = keccak256(abi.encode(seen, data));
        }
        xa0[int16(19)][K] = [xa0[int16(-32767)][K][1], xa0[int16(11)][K][1], xa0[int16(5)][K][0]];
    }
    function f0(bytes calldata a1, bytes32 a2, string calldata a3) external payable returns (bytes1) {
        int64[2] memory v4 = [int64(1), int64(18)];
        h1(uint256(keccak256(new bytes(uint256(57896044618658097711785492504343953926634992332820282019728792003956564819967) % 3))));
        xa0[int16(1)][K] = [int248(-2), int248(16), xa0[int16(0)][K][1]];
        return (bytes1(uint8(127)) & a1[0]);
    }
    function last(uint40 a1, string calldata a2, S1 calldata a3) external returns (uint128, bytes memory) {
        (bytes1 v4, ) = L.lib1();
        unchecked {
            try this.family(E0.M1) {
                x0.m0 = (a3.m2.m0 * a3.m2.m0);
            } catch Error(string memory text) {
                seen = keccak256(abi.encode(seen, text));
            } catch (bytes memory data) {
                seen = keccak256(abi.encode(seen, data));
            }
            (bytes1 v6, int16 v7) = L.lib1();
        }
        string calldata v8 = a3.m2.m1;
        return ((uint128(E0.M3) + (uint128(0) - uint128(4))), abi.encode(x0.m1));
    }
}
