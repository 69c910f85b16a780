// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IOwnership} from "../../interfaces/IOwnership.sol";
import {LibDiamond} from "../../libraries/LibDiamond.sol";
import {LibNs} from "../../libraries/LibNs.sol";

/// @title OwnershipFacet: documented at IOwnership
contract OwnershipFacet is IOwnership {
    function owner() external view returns (address) {
        return LibDiamond.owner();
    }

    function pendingOwner() external view returns (address) {
        return LibNs.diamond().pendingOwner;
    }

    function transferOwnership(address newOwner) external {
        LibDiamond.requireOwner();
        if (newOwner == address(0)) revert ZeroAddress();
        LibDiamond.setOwner(newOwner);
    }

    function nominateOwner(address nominee) external {
        LibDiamond.requireOwner();
        LibNs.diamond().pendingOwner = nominee;
        emit OwnershipNominated(msg.sender, nominee);
    }

    function acceptOwnership() external {
        if (msg.sender != LibNs.diamond().pendingOwner) revert NotNominee();
        LibDiamond.setOwner(msg.sender);
    }
}
