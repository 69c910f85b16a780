pragma facet wrapping;
facet Arithmetic {
    uint256 a;
    uint256 b;
    bool flag;
    bytes32 tag;
    function add(uint256 x, uint256 y) external pure returns (uint256) { return x + y; }
    function sub(uint256 x, uint256 y) external pure returns (uint256) { return x - y; }
    function mul(uint256 x, uint256 y) external pure returns (uint256) { return x * y; }
    function div(uint256 x, uint256 y) external pure returns (uint256) { return x / y; }
    function mod(uint256 x, uint256 y) external pure returns (uint256) { return x % y; }
    function mixed(uint256 x, uint256 y) external pure returns (uint256) { return (x + y * 3) / (y - 1) % (x - 7) - x * y; }
    function compare(uint256 x, uint256 y) external pure returns (bool) { return (x < y) == (x >= y); }
    function same(bool x, bool y) external pure returns (bool) { return x != y; }
    function set(uint256 x, bool y, bytes32 z) external { a = x; b = a * 2; flag = y; tag = z; }
    function change(uint256 x) external { a += x; a -= b; a *= 3; a /= x; a %= 1000; }
    function read() external view returns (uint256) { return a + b; }
    function isTag(bytes32 z) external view returns (bool) { return tag == z; }
    function units() external pure returns (uint256) { return 3 ether + 2 days - 0x10; }
}
