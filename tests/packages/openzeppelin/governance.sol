// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";

contract Governance is GovernorCountingSimple {
    uint256 public done;

    constructor() Governor("Governance") {}

    function suggest(uint8 n) external returns (uint256) {
        (address[] memory to, uint256[] memory wei_, bytes[] memory data) = action(n);
        return propose(to, wei_, data, "suggestion");
    }

    function finish(uint8 n) external returns (uint256) {
        (address[] memory to, uint256[] memory wei_, bytes[] memory data) = action(n);
        return execute(to, wei_, data, keccak256("suggestion"));
    }

    function vote(uint8 n, uint8 support) external returns (uint256) {
        (address[] memory to, uint256[] memory wei_, bytes[] memory data) = action(n);
        return castVote(hashProposal(to, wei_, data, keccak256("suggestion")), support % 4);
    }

    function act(uint256 n) external onlyGovernance {
        done = n;
    }

    function action(uint8 n) private view returns (address[] memory to, uint256[] memory wei_, bytes[] memory data) {
        to = new address[](1);
        wei_ = new uint256[](1);
        data = new bytes[](1);
        to[0] = address(this);
        data[0] = abi.encodeCall(this.act, (n % 3));
    }

    function clock() public view override returns (uint48) {
        return uint48(block.number);
    }

    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=blocknumber&from=default";
    }

    function votingDelay() public pure override returns (uint256) {
        return 0;
    }

    function votingPeriod() public pure override returns (uint256) {
        return 3;
    }

    function quorum(uint256) public pure override returns (uint256) {
        return 2;
    }

    function _getVotes(address who, uint256, bytes memory) internal pure override returns (uint256) {
        return who == address(0) ? 0 : 1 + (uint160(who) % 2);
    }
}
