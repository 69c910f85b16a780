pragma solidity ^0.8.24;

contract Ledger {
    struct Entry {
        address account;
        uint256 amount;
    }

    Entry[] private entries;

    function add(uint256 amount) external {
        entries.psuh(Entry(msg.sender, amount));
    }

    function amountOf(uint256 index) external view returns (uint256) {
        return entries[index].amonut;
    }

    function count() external view returns (uint256) {
        return entries.length();
    }
}
