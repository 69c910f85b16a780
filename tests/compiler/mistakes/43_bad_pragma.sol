pragma solidity ^0.7.0;
pragma solidty 0.8.20;

contract Old {}
