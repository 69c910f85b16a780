pragma solidity ^0.8.24;

interface IERC20 {
    function transfer(address to, uint256 amount) external returns (bool);
    function balanceOf(address who) external view returns (uint256);
}

contract Shop {
    address token;
    IERC20 coin = 0x5B38Da6a701c568545dCfcB03FcB875f56beddC4;
    constructor(address at) {
        coin = at;
    }
    function run() external returns (uint256) {
        token.transfer(msg.sender, 1);
        token.balanceOf(msg.sender);
        uint256 b = coin.balanceOf;
        coin.transfer(1, msg.sender);
        IERC20.transfer(msg.sender, 1);
        return b;
    }
}
