pragma solidity ^0.8.24;

contract Names {
    string public first = "Ada";

    function full(string memory last) external view returns (string memory) {
        return first + " " + last;
    }

    function size(string memory text) external pure returns (uint256) {
        return text.length;
    }

    function letter(string memory text) external pure returns (bytes1) {
        return text[0];
    }

    function show(uint256 n) external pure returns (string memory) {
        return string(n);
    }
}
