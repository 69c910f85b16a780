pragma solidity ^0.8.24;

contract Shop {
    enum State { Open, Closed, };
    struct Thing { uint256 a; };
    function run() external {};
}
;
