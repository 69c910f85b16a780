facet Escrow {
    mapping(uint256 => address) payer;
    mapping(uint256 => address) payee;
    mapping(uint256 => uint256) amount;
    mapping(uint256 => bool) settled;
    uint256 nextId;
    event Opened(uint256 indexed id, address payer, address payee, uint256 amount);
    event Settled(uint256 indexed id, bool paid);
    function open(address to, uint256 value) external {
        require(to != msg.sender, "self");
        require(value > 0, "nothing");
        payer[nextId] = msg.sender;
        payee[nextId] = to;
        amount[nextId] = value;
        emit Opened(nextId, msg.sender, to, value);
        nextId = nextId + 1;
    }
    function settle(uint256 id, bool paid) external {
        require(settled[id] == false, "settled");
        require(payer[id] == msg.sender, "not yours");
        settled[id] = true;
        if (paid == true) { amount[id] = 0; }
        emit Settled(id, paid);
    }
    function amountOf(uint256 id) external view returns (uint256) { return amount[id]; }
    function payeeOf(uint256 id) external view returns (address) { return payee[id]; }
    function isSettled(uint256 id) external view returns (bool) { return settled[id]; }
}
