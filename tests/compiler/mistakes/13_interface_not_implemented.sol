pragma solidity ^0.8.24;

interface IShop {
    function buy(uint256 id) external payable;
    function price(uint256 id) external view returns (uint256);
}

contract Shop is IShop {
    mapping(uint256 => uint256) prices;

    function buy(uint256 id) external payable {
        require(msg.value == prices[id], "wrong price");
    }

    function price(uint128 id) external view returns (uint256) {
        return prices[id];
    }
}
