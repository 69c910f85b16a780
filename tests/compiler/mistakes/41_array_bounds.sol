pragma solidity ^0.8.24;

contract Fixed {
    uint256[3] public items;

    function last() external view returns (uint256) {
        return items[3];
    }

    function grow() external {
        items.push(4);
        items = [1, 2, 3, 4];
    }

    uint256[0] nothing;
    uint256[-1] less;
}
