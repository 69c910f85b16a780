// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {VestingWallet} from "@openzeppelin/contracts/finance/VestingWallet.sol";
import {VestingWalletCliff} from "@openzeppelin/contracts/finance/VestingWalletCliff.sol";

contract Vesting is VestingWalletCliff {
    constructor()
        payable
        VestingWallet(address(0xbeef), uint64(block.timestamp) + 100, 10_000)
        VestingWalletCliff(1_000)
    {}

    function at(uint32 offset) external view returns (uint256) {
        return vestedAmount(uint64(start() + offset));
    }
}
