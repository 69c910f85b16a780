facet Poll {
    mapping(bytes32 => uint256) votesFor;
    mapping(bytes32 => uint256) votesAgainst;
    mapping(bytes32 => mapping(address => bool)) voted;
    address chair;
    function symbol() external pure returns (string) { return "a name that is longer than thirty-two bytes, to be sure"; }
    function empty() external pure returns (string) { return ""; }
    function sit() external { require(chair == 0, "there is a chair"); chair = msg.sender; }
    function vote(bytes32 topic, bool yes) external {
        require(voted[topic][msg.sender] == false, "voted");
        voted[topic][msg.sender] = true;
        if (yes) { votesFor[topic] += 1; } else { votesAgainst[topic] += 1; }
    }
    function share(bytes32 topic) external view returns (uint256) { return votesFor[topic] * 100 / (votesFor[topic] + votesAgainst[topic]); }
    function leads(bytes32 topic) external view returns (bool) { return votesFor[topic] > votesAgainst[topic]; }
    function chairIs(address who) external view returns (bool) { return chair == who; }
    function home() external pure returns (address) { return 0xdCad3a6d3569DF655070DEd06cb7A1b2Ccd1D3AF; }
}
