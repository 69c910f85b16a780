pragma facet checked;

facet Points {
    mapping(address => uint256) points;
    event Scored(address indexed who, uint256 amount);

    function score(uint256 amount) external returns (uint256) {
        points[msg.sender] += amount;
        return points[msg.sender];
    }

    function top(address a, address b) external view returns (uint256) {
        require(a != b, "same");
        return points[a];
    }

    function reset() public {
        points[msg.sender] = 0;
        emit Score(msg.sender, 0);
    }

    function add(uint256 amount) external payable onlyOwner {
        points[msg.sender] += amount && 1;
    }
}
