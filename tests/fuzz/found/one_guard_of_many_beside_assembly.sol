// Many guards of an external function become one long chain, beside assembly that may write any memory: once that
// needed memory for values the stack cannot reach, and was refused.
pragma solidity ^0.8.29;
struct S0 { bytes m0; int24 m1; uint40 m2; bool m3; }
struct S1 { S0 m0; uint128 m1; S0 m2; }
contract Main {
    function f0(uint8 a1, S1 calldata a2, bytes calldata a3) external pure returns (uint24) {
        a1 |= uint8((a2.m0.m0[1] | bytes1(hex"ff")));
    }
    function last(uint64[3] calldata a1, bytes32 a2, int24 a3) external returns (bytes2) {
                uint256 w5;
                assembly {
                    if eq(and(w5, 7), 5) { mstore(0, a2) return(0, 32) }
                }
    }
}
