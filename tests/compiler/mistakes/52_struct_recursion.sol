pragma solidity ^0.8.24;

contract Trees {
    struct Node {
        uint256 value;
        Node left;
        Node right;
    }

    struct Person {
        Pet pet;
    }

    struct Pet {
        Person owner;
    }

    struct Nothing {}
}
