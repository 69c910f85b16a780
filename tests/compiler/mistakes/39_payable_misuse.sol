pragma solidity ^0.8.24;

contract Pay {
    function pay() external {
        require(msg.value > 0, "nothing sent");
    }

    function helper() internal payable {}

    receive() external {}

    function forward(Pay other) external payable {
        other.pay{value: msg.value}();
        other.pay().value(1)();
    }
}
