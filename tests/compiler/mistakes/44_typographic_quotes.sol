pragma solidity ^0.8.24;

contract Quotes {
    string public name = “Facet”;
    string public other = ‘x’;
    string public smile = "café";
    uint256 public wide = 1 – 1;
}
