// What an event's indexed arguments refer to is hashed when all of its arguments are known: the hash of the first one
// reverts without data here, for want of a valid enum, and the second one with a panic before that.
enum E0 { M0, M1 }
struct S0 { string m0; bytes m1; E0 m2; bytes m3; }
event Ev0(S0 indexed, S0 indexed, uint8, uint32[3] indexed) anonymous;
contract Main {
    function last(S0[] calldata a1, bytes4 a2) external returns (int256 r3) {
            emit Ev0(a1[0], S0({m0: a1[0].m0, m1: a1[0].m3, m2: E0.M1, m3: a1[1].m1}), type(uint8).min, [uint32(1), uint32(4294967295), uint32(9)]);
    }

    event Ev1(bytes indexed, string indexed, bytes indexed, uint256);
    bytes kept = "kept";

    function changed(uint8 x, string calldata t) external {
        bytes memory m = "memory";
        emit Ev1(m, "text", kept, change(m, x));
        emit Ev1(m, t, m, 1);
        emit Ev1(bytes.concat(m, bytes1(x)), string(abi.encodePacked(t, x)), abi.encode(x, m), change(m, x / 2));
    }

    function change(bytes memory m, uint8 x) internal returns (uint256) {
        m[x % 6] = bytes1(x);
        kept[x % 4] = bytes1(x);
        return x;
    }
}
