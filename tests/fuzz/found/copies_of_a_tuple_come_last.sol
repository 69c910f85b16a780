// The parts of a tuple are evaluated before the first of them is copied to memory: a copy can fail (dirty bytes in
// calldata), and a later part can fail in another way, or change what is copied.
contract Main {
    struct S0 { bytes1 m0; uint64 n; }
    S0 kept = S0(0x11, 3);
    uint8[] list = [1, 2, 3];

    function last(S0 calldata a1) external returns (bytes20, S0 memory, bool) {
        return (bytes20(hex"7fffffffffffffffffffffffffffffffffffffff"), a1, ((int64(1) + type(int64).max) != int64(15)));
    }

    function assigned(S0 calldata a1, uint8 x) external pure returns (S0 memory a, uint8 b) { (a, b) = (a1, x + 200); }

    function declared(S0 calldata a1, uint8 x) external pure returns (S0 memory, uint8) {
        (S0 memory a, uint8 b) = (a1, x + 200);
        return (a, b);
    }

    function returned(S0[] calldata a1, uint8 x) external pure returns (S0[] memory, S0 memory, uint8) {
        return (a1[1:], a1[0], x + 200);
    }

    function either(S0 calldata a1, uint8 x) external pure returns (S0 memory, uint8) {
        return x > 9 ? (a1, x + 200) : (a1, x - 3);
    }

    function stored(uint8 x) external returns (S0 memory a, uint8[] memory b, uint64 c) { (a, b, c) = (kept, list, change(x)); }

    function storedAndDeclared(uint8 x) external returns (S0 memory, uint8[] memory, uint64) {
        (S0 memory a, uint64 c, uint8[] memory b) = (kept, change(x), list);
        return (a, b, c);
    }

    function storedAndReturned(uint8 x) external returns (S0 memory, uint64, uint8[] memory) { return (kept, change(x), list); }

    function change(uint8 x) internal returns (uint64) {
        kept.n += x;
        list[x % 3] = x;
        return kept.n;
    }
}
