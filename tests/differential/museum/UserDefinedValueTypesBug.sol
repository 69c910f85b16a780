// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// Types of one's own are packed as the types under them.

type Small is uint8;
type Tag is bytes3;
type Who is address;

contract Exhibit {
    struct Record {
        Small a;
        Tag tag;
        Who who;
        bool on;
    }

    Small public a;
    Tag public tag;
    Who public who;
    Record public record;
    Small[] public list;
    mapping(Small => Tag) public tags;

    function set(uint8 x, bytes3 y, address z) external returns (uint256 word) {
        a = Small.wrap(x);
        tag = Tag.wrap(y);
        who = Who.wrap(z);
        record = Record(a, tag, who, x > 3);
        list.push(a);
        list.push(Small.wrap(x / 2));
        tags[a] = tag;
        assembly {
            word := sload(record.slot)
        }
    }
}
