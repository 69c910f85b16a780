pragma solidity ^0.8.24;

contract Check {
    error TooLow(uint256 given, uint256 wanted);
    event Low(uint256 given);

    function f(uint256 a) external {
        if (a < 1) revert TooLow(a);
        if (a < 2) revert TooLow("low", 2);
        if (a < 3) revert Low(a);
        if (a < 4) revert TooLow;
        require(a < 5, 5);
        require("a" == "b");
    }
}
