pragma solidity ^0.8.24;

contract Order {
    enum State { Open, Paid, Closed }

    State public state;

    function set(uint256 value) external {
        state = value;
        state = 1;
        state = Paid;
        state = State.Payed;
        state = State(7);
        if (state == 2) {
            state = "Open";
        }
    }
}
