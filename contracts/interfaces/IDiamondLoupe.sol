// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Reading what a diamond does (ERC-2535, ERC-165)
/// @notice For tools and tests: these views walk all selectors and are not priced for use by other contracts, except
/// `facetAddress` and `supportsInterface`.
interface IDiamondLoupe {
    struct Facet {
        address facetAddress;
        bytes4[] functionSelectors;
    }

    function facets() external view returns (Facet[] memory facets_);
    function facetFunctionSelectors(address facet) external view returns (bytes4[] memory selectors);
    function facetAddresses() external view returns (address[] memory addresses);
    /// @return facet The facet that answers `selector`, or zero.
    function facetAddress(bytes4 selector) external view returns (address facet);
    function supportsInterface(bytes4 interfaceId) external view returns (bool);
}
