// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "../interfaces/IErrors.sol";
import {LibNs} from "./LibNs.sol";

/// @title Which token is $LH
library LibCredits {
    /// @dev Reverts `NotConfigured` until the owner has set it.
    function token() internal view returns (address token_) {
        token_ = LibNs.credits().token;
        if (token_ == address(0)) revert IErrors.NotConfigured();
    }
}
