pragma solidity ^0.8.24;

contract Owned {}

contract Token is Owned {}

contract Sale is Owned, Token {}

contract Wrong is Token, Owned {}
