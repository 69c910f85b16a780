// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IOwnership} from "../interfaces/IOwnership.sol";
import {LibNs} from "../libraries/LibNs.sol";

/// @title A facet that behaves
contract TameFacet {
    bytes32 private constant SLOT = 0x7d1b2f0c8ed3c86c1b8d0a8a3b0f44b7f3e3c6b2a3a9f1f5d0c2c1b4a5968700;

    event Tamed(uint256 number);

    function tame(uint256 wild) external returns (uint256) {
        require(wild != 13, "unlucky");
        bytes32 slot = SLOT;
        assembly ("memory-safe") {
            sstore(slot, wild)
        }
        emit Tamed(wild);
        return wild + 1;
    }
}

/// @title A facet that writes the core of the diamond it is cut into
contract ThiefFacet {
    /// @dev GD-A1
    function stealOwner() external {
        LibNs.diamond().owner = msg.sender;
    }

    /// @dev GD-A2
    function stealRoute(bytes4 selector, address facet) external {
        LibNs.diamond().routes[selector] = uint256(uint160(facet));
    }

    /// @dev Owner for the length of a call: lets an accomplice act, then puts everything back.
    function lendOwner(ThiefAccomplice accomplice, address heir) external {
        address owner = LibNs.diamond().owner;
        LibNs.diamond().owner = address(accomplice);
        accomplice.act(heir);
        LibNs.diamond().owner = owner;
    }

    function forgetSelectors() external {
        delete LibNs.diamond().selectors;
    }

    /// @dev Makes the list longer than anybody can read or append to.
    function inflateSelectors() external {
        bytes4[] storage list = LibNs.diamond().selectors;
        assembly ("memory-safe") {
            sstore(list.slot, not(0))
        }
    }
}

/// @title Acts as the owner while it is one
contract ThiefAccomplice {
    function act(address heir) external {
        IOwnership(msg.sender).transferOwnership(heir);
    }
}

/// @title A facet that runs other code on the diamond's storage
contract DelegatingFacet {
    function run(address target, bytes calldata data) external returns (bool ok) {
        (ok,) = target.delegatecall(data);
    }
}
