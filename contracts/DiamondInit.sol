// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {DiamondStorage} from "./storage/DiamondStorage.sol";
import {LibNs} from "./libraries/LibNs.sol";

/// @title One-time state of the first cut: the ERC-165 ids the diamond answers to
contract DiamondInit {
    function init() external {
        DiamondStorage storage s = LibNs.diamond();
        s.interfaces[0x01ffc9a7] = true; // ERC-165
        s.interfaces[0x1f931c1c] = true; // ERC-2535 diamondCut
        s.interfaces[0x48e2b093] = true; // ERC-2535 loupe
        s.interfaces[0x7f5828d0] = true; // EIP-173
        s.interfaces[0x80ac58cd] = true; // ERC-721
        s.interfaces[0x5b5e139f] = true; // ERC-721 metadata
    }
}
