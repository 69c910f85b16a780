// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC721Events} from "../interfaces/IERC721Events.sol";
import {IMainIdentityEvents} from "../interfaces/IMainIdentityEvents.sol";
import {LibRegistry} from "../libraries/LibRegistry.sol";

/// @title Burns any identity for anyone, to be cut into a diamond under test
contract BurnFacet is IERC721Events, IMainIdentityEvents {
    function burn(uint256 id) external {
        LibRegistry.burn(id);
    }
}
