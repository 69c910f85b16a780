// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IVaultFacet} from "../interfaces/IVaultFacet.sol";

/// @title Whether operators of a rollup had the chance to redeem: the sequencer uptime gate
/// @notice While a sequencer is down, and for a grace period after it came back, an expired reservation must not be
/// taken away from an operator who could not send a transaction. The feed can only delay a release: one that reverts,
/// answers too little, nonsense or the future, or says "down" for more than three days, opens the gate.
library LibSequencer {
    uint256 internal constant DOWN_MAX_AGE = 3 days;
    uint256 private constant FEED_GAS = 200_000;
    /// @dev latestRoundData() answers (roundId, answer, startedAt, updatedAt, answeredInRound).
    uint256 private constant LATEST_ROUND_DATA = 0xfeaf968c;
    uint256 private constant UP = 0;
    uint256 private constant DOWN = 1;

    /// @dev `SequencerDown`, `GracePeriodNotOver`. No feed, no gate.
    function requireUp(address feed, uint256 grace) internal view {
        if (feed == address(0)) return;
        (bool ok, uint256 answer, uint256 startedAt) = _latest(feed);
        if (!ok || startedAt > block.timestamp) return;
        uint256 age = block.timestamp - startedAt;
        if (answer == UP && age <= grace) revert IVaultFacet.GracePeriodNotOver();
        if (answer == DOWN && age <= DOWN_MAX_AGE) revert IVaultFacet.SequencerDown();
    }

    /// @dev Copies five words of the answer, however long it is. A caller cannot fake a broken feed by being short of
    /// gas: a feed that runs out of less than its 200,000 leaves a sixty-fourth of that, some 3,000 gas, and the
    /// release that would follow needs several times as much.
    function _latest(address feed) private view returns (bool ok, uint256 answer, uint256 startedAt) {
        uint256 selector = LATEST_ROUND_DATA;
        uint256 gasLimit = FEED_GAS;
        assembly ("memory-safe") {
            let round := mload(0x40)
            mstore(0x00, selector)
            ok := staticcall(gasLimit, feed, 0x1c, 0x04, round, 0xa0)
            ok := and(ok, gt(returndatasize(), 0x9f))
            answer := mload(add(round, 0x20))
            startedAt := mload(add(round, 0x40))
        }
    }
}
