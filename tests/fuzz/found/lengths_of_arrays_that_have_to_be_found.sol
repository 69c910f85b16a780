// The length of a fixed array is known, but finding the array is not free of effects: an index may be out of
// bounds, a call may do something. Once the expression was not evaluated at all.
contract Main {
    uint8[2][] stored;
    uint256 public calls;
    struct Holder { uint8[2][3] inner; }
    mapping(uint256 => Holder) holders;

    constructor() { stored.push(); }

    function given(uint160[1][] calldata a) external pure returns (uint256) { return a[0].length; }

    function copied(uint160[4][] memory a, uint256 i) public pure returns (uint256) { return a[i].length; }

    function kept(uint256 i) external view returns (uint256) { return stored[i].length; }

    function deep(uint256 key, uint256 i) external view returns (uint256) { return holders[key].inner[i].length; }

    function called() external returns (uint256) { return counted().length; }

    function bytesOf(bytes7[2][] calldata a, uint256 i, uint256 j) external pure returns (uint256) {
        return a[i][j].length;
    }

    function counted() internal returns (uint8[5] memory a) { calls++; a[0] = 1; }
}
