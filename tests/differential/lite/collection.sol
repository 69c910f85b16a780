/// A tiny collection.
facet Art {
    address owner;
    bool paused;
    uint256 total;
    mapping(uint256 => address) ownerOf_;
    mapping(address => mapping(bytes32 => uint256)) grid;
    event Minted(uint256 indexed id, address to, bytes32 tag);
    function name() external pure returns (string) { return "Ärt"; }
    function mint(uint256 id, address to, bytes32 tag) external {
        require(ownerOf_[id] == 0, "taken");
        ownerOf_[id] = to;
        total += 1;
        grid[to][tag] = total / id % 7 - 1;
        total -= 2;
        total /= id - 3;
        if (to == msg.sender) { owner = 0; paused = true; } else if (total > 5) { total = total * 3; }
        emit Minted(id, to, tag);
    }
    function get(address a, bytes32 t) external view returns (uint256) { return grid[a][t]; }
    function ratio(uint256 a, uint256 b) external pure returns (uint256) { return a / b + a % (b - 1) / (a / 2); }
    function who(uint256 id) external view returns (address) { return ownerOf_[id]; }
    function now_() external view returns (uint256) { return block.timestamp + block.number; }
    function both() external view returns (bool) { return paused == true; }
}
