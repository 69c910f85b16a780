// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title What a diamond answers by itself (ERC-2535); everything else belongs to a facet
interface IDiamond {
    /// @notice No facet answers `selector`.
    error FunctionNotFound(bytes4 selector);
    /// @notice The owner or the first facet given to the constructor is the zero address.
    error ZeroAddress();
    /// @notice The first facet has no code, or its cut failed without saying why.
    error InitFailed();
}
