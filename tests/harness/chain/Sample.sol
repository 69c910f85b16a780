// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// Exercises what a chain and its clients must carry: values, structs, events, each kind of revert.
contract Sample {
    struct Pair {
        address who;
        uint64 when;
    }

    event Changed(address indexed by, bytes32 indexed tag, uint256 value, string note);
    event Paid(address indexed by, uint256 amount);

    error TooBig(uint256 given, uint256 limit);
    error Nothing();

    uint256 public value;
    address public immutable maker;
    Pair private last;

    constructor(uint256 start) payable {
        value = start;
        maker = msg.sender;
    }

    receive() external payable {
        emit Paid(msg.sender, msg.value);
    }

    function set(uint256 given, bytes32 tag, string calldata note) external returns (uint256 old) {
        if (given > 1000) revert TooBig(given, 1000);
        old = value;
        value = given;
        last = Pair(msg.sender, uint64(block.timestamp));
        emit Changed(msg.sender, tag, given, note);
    }

    function lastChange() external view returns (Pair memory pair, uint256[] memory numbers) {
        pair = last;
        numbers = new uint256[](2);
        numbers[0] = value;
        numbers[1] = block.timestamp;
    }

    function fail(uint256 how) external pure returns (uint256) {
        if (how == 0) revert Nothing();
        if (how == 1) revert("plain words");
        if (how == 2) return 1 / (how - 2);
        if (how == 3) assert(false);
        if (how == 4) assembly { revert(0, 0) }
        if (how == 5) assembly { mstore(0, 0xdeadbeef) revert(28, 4) }
        return how;
    }

    /// Needs far more gas than it uses: the callee only gets 63/64 and must keep 200,000 unspent.
    function hungry() external {
        require(gasleft() > 200_000, "hungry");
        value += 1;
    }
}
