pragma solidity ^0.8.24;

contract Shop {
    uint256[] xs;
    mapping(address => uint256) m;
    function run() external returns (uint256) {
        delete m;
        uint256 last = xs.pop();
        uint256 n = xs.push(3);
        xs.remove(0);
        xs.length--;
        xs.length = 0;
        m.push(3);
        return last + n + xs.size;
    }
}
