pragma solidity ^0.8.24;

contract Shop {
    enum State { Open, Closed }
    State state;
    function run() external returns (uint256) {
        state = Open;
        state = 1;
        state = State.open;
        if (state == 1) return 2;
        if (state == "Open") return 2;
        return State.Closed;
    }
}
