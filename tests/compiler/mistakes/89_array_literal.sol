pragma solidity ^0.8.24;

contract Shop {
    function run(uint256 amount) external {
        uint256[] memory xs = [1, 2, 3];
        uint256[] memory ys = new uint256[];
        uint256[3] memory zs = new uint256[](3);
        uint256[] memory ws = new uint256[3];
        amount = xs.length + ys.length + zs.length + ws.length;
    }
}
