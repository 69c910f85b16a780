// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";

/// @title The diamond's owner (EIP-173), with a two-step hand-over beside the one-step one
interface IOwnership is IErrors {
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);
    event OwnershipNominated(address indexed owner, address indexed nominee);

    /// @notice The caller of `acceptOwnership` was not nominated.
    error NotNominee();

    function owner() external view returns (address);
    function pendingOwner() external view returns (address);
    /// @notice At once. `NotOwner`; the zero address is refused (`ZeroAddress`), a diamond is never orphaned. Ends a
    /// pending nomination.
    function transferOwnership(address newOwner) external;
    /// @notice The nominee becomes owner when it accepts; zero withdraws the nomination. `NotOwner`.
    function nominateOwner(address nominee) external;
    /// @notice `NotNominee`.
    function acceptOwnership() external;
}
