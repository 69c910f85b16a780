// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

contract Timelock is TimelockController {
    uint256 public value;

    constructor() TimelockController(1 hours, one(address(this)), one(address(0)), msg.sender) {}

    function one(address who) private pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = who;
    }

    function set(uint256 to) external returns (uint256) {
        require(msg.sender == address(this), "only through the timelock");
        value = to;
        return to;
    }

    function plan(uint8 to, bytes32 salt) external returns (bytes32 id) {
        bytes memory data = abi.encodeCall(this.set, (to));
        this.schedule(address(this), 0, data, 0, salt, 3600);
        return this.hashOperation(address(this), 0, data, 0, salt);
    }

    function run(uint8 to, bytes32 salt) external {
        this.execute(address(this), 0, abi.encodeCall(this.set, (to)), 0, salt);
    }
}
