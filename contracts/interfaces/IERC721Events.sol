// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title The event of every change of hands (ERC-721), whichever facet caused it
interface IERC721Events {
    event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);
}
