// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Percent} from "./Percent.sol";

/// @title A box of coins
/// @author the tests
contract Vault {
    using Percent for uint256;

    struct Box {
        uint128 coins;
        uint64 since;
    }

    address public immutable owner;
    mapping(address who => Box) internal boxes;
    uint256 public total;

    event Stored(address indexed who, uint256 coins);

    /// @notice There is less in the box than was asked for
    error TooFew(uint256 asked, uint256 held);

    constructor() {
        owner = msg.sender;
    }

    /// @notice Puts coins into the caller's box
    /// @dev the fee stays with nobody
    /// @param coins how many
    /// @return held what is in the box afterwards
    function store(uint128 coins) external returns (uint256 held) {
        Box storage box = boxes[msg.sender];
        box.coins += coins - uint128(uint256(coins).percent(1));
        box.since = uint64(block.timestamp);
        total += coins;
        emit Stored(msg.sender, coins);
        return box.coins;
    }

    function take(uint128 coins) external {
        Box storage box = boxes[msg.sender];
        if (box.coins < coins) revert TooFew(coins, box.coins);
        box.coins -= coins;
        total -= coins;
    }

    function held(address who) external view returns (uint256) {
        return boxes[who].coins;
    }

    function each(uint256 parts) external view returns (uint256) {
        return share(total, parts);
    }

    function share(uint256 whole, uint256 parts) internal pure returns (uint256) {
        return whole / parts;
    }
}
