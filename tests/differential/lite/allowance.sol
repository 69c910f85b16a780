pragma facet wrapping;
facet Allowance {
    mapping(address => uint256) private balance;
    mapping(address => mapping(address => uint256)) allowed;
    event Moved(address indexed from, address indexed to, uint256 amount);
    event Allowed(address indexed from, address indexed to, uint256 indexed amount);
    function mint(address to, uint256 amount) external { balance[to] += amount; emit Moved(0, to, amount); }
    function allow(address to, uint256 amount) external { allowed[msg.sender][to] = amount; emit Allowed(msg.sender, to, amount); }
    function move(address from, address to, uint256 amount) external {
        require(to != 0, "no receiver");
        if (from != msg.sender) {
            require(allowed[from][msg.sender] >= amount, "not allowed");
            allowed[from][msg.sender] -= amount;
        } else {
            emit Allowed(from, to, 0);
        }
        balance[from] = balance[from] - amount;
        balance[to] = balance[to] + amount;
        emit Moved(from, to, amount);
    }
    function balanceOf(address who) external view returns (uint256) { return balance[who]; }
    function allowance(address from, address to) external view returns (uint256) { return allowed[from][to]; }
}
