facet Clock {
    uint256 opensAt;
    uint256 closesAt;
    address keeper;
    mapping(bytes32 => uint256) bookedAt;
    event Booked(bytes32 indexed slot, address who, uint256 at);
    function open(uint256 from, uint256 length) external {
        require(keeper == 0);
        require(from >= block.timestamp, "in the past");
        keeper = msg.sender;
        opensAt = from;
        closesAt = from + length;
    }
    function book(bytes32 slot) external {
        require(block.timestamp >= opensAt);
        if (block.timestamp <= closesAt) {
            if (bookedAt[slot] == 0) { bookedAt[slot] = block.timestamp; emit Booked(slot, msg.sender, block.timestamp); }
            else { require(keeper == msg.sender, "taken"); bookedAt[slot] = 0; }
        }
    }
    function isOpen() external view returns (bool) { return opensAt <= block.timestamp; }
    function left() external view returns (uint256) { return closesAt - block.timestamp; }
    function height() external view returns (uint256) { return block.number; }
}
