pragma solidity ^0.8.24;

contract A is B {}

contract B is C {}

contract C is A {}
