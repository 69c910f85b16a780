// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "../interfaces/IErrors.sol";

/// @title One lock word for the whole diamond, in transient storage (EIP-1153)
/// @notice Facets share the diamond's transient storage as they share its storage, so a token callback during a bounty
/// payout finds every other guarded function closed too. The word is cleared on exit and, whatever happens, by the end
/// of the transaction.
library LibLock {
    /// @dev The ERC-7201 location of "facetworks.guard".
    bytes32 internal constant GUARD = 0x10d2ee27714e6385c88d83ccafdae4b34d1385971b935297a39b02dfc6ee7900;

    function enter() internal {
        bytes32 slot = GUARD;
        bool entered;
        assembly ("memory-safe") {
            entered := tload(slot)
        }
        if (entered) revert IErrors.Reentrancy();
        assembly ("memory-safe") {
            tstore(slot, 1)
        }
    }

    function exit() internal {
        bytes32 slot = GUARD;
        assembly ("memory-safe") {
            tstore(slot, 0)
        }
    }
}
