pragma solidity ^0.8.24;

contract Registry {
    struct Item {
        uint256 id;
        string label;
    }

    Item[] items;

    function rename(uint256 index, string memory label) external {
        Item storage item = Item(index, label);
        item.label = label;
    }

    function copy(Item memory item) public {
        Item storage other = item;
        other.id = 1;
    }

    function first() external view returns (string memory) {
        string calldata label = items[0].label;
        return label;
    }
}
