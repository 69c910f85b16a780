facet Counter {
    uint256 total;
    mapping(address => uint256) count;
    event Counted(address indexed who, uint256 count, uint256 total);
    function increment() external {
        count[msg.sender] = count[msg.sender] + 1;
        total += 1;
        emit Counted(msg.sender, count[msg.sender], total);
    }
    function decrement(uint256 by) external {
        require(count[msg.sender] >= by, "not enough");
        count[msg.sender] -= by;
        total -= by;
    }
    function countOf(address who) external view returns (uint256) { return count[who]; }
    function totalCount() external view returns (uint256) { return total; }
    function average(uint256 people) external view returns (uint256) { return total / people; }
}
