// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title ERC-20
interface IERC20 {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    function name() external view returns (string memory);
    function symbol() external view returns (string memory);
    function decimals() external view returns (uint8);
    function totalSupply() external view returns (uint256);
    function balanceOf(address account) external view returns (uint256);
    function allowance(address owner, address spender) external view returns (uint256);
    function approve(address spender, uint256 value) external returns (bool);
    function transfer(address to, uint256 value) external returns (bool);
    /// @dev An allowance of 2^256-1 is unlimited and never reduced.
    function transferFrom(address from, address to, uint256 value) external returns (bool);
}
