// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC20} from "./IERC20.sol";
import {IERC3009} from "./IERC3009.sol";
import {IERC5267} from "./IERC5267.sol";
import {IErrors} from "./IErrors.sol";

/// @title FwCredits: the $LH credits token
/// @notice ERC-20 with 18 decimals, memo variants, EIP-3009 under the domain ("Localharness Credits", "1"), one issuing
/// role, a supply cap and a strict rolling mint window. All amounts in wei of 1e-18 $LH, all times in seconds.
/// @dev Limits tighten at once and loosen after `CAP_LOOSEN_TIMELOCK`: whoever steals the owner key cannot print money
/// before holders have had two days to leave.
interface IFwCredits is IERC20, IERC3009, IERC5267, IErrors {
    event TransferWithMemo(address indexed from, address indexed to, uint256 amount, bytes32 indexed memo);
    event Mint(address indexed to, uint256 amount);
    event Burn(address indexed from, uint256 amount);
    event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender);
    event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender);
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);
    event SupplyCapChanged(uint256 oldCap, uint256 newCap);
    event SupplyCapProposed(uint256 newCap, uint64 readyAt);
    event SupplyCapCancelled(uint256 newCap);
    event MintWindowChanged(uint256 cap, uint64 windowSecs);
    event MintWindowProposed(uint256 cap, uint64 windowSecs, uint64 readyAt);
    event MintWindowCancelled(uint256 cap, uint64 windowSecs);

    /// @notice The caller lacks the role, or is not the owner.
    error Unauthorized();
    /// @notice The zero address or the token itself cannot hold credits.
    error InvalidRecipient();
    /// @notice Nothing can be minted or burned in zero amounts.
    error InvalidAmount();
    error InsufficientBalance(uint256 current, uint256 requested, address from);
    error InsufficientAllowance();
    error SupplyCapExceeded();
    /// @notice The amount does not fit under the cap of the rolling window.
    error MintWindowCapExceeded();
    /// @notice A window is 24 seconds to 365 days and divisible by 24; no window is cap 0 with 0 seconds.
    error InvalidWindow();
    /// @notice The change would allow more than is allowed now; propose it instead.
    error NotTightening();
    error NothingPending();
    /// @notice `block.timestamp < readyAt`.
    error TimelockNotElapsed();
    /// @notice Below the present supply, or a proposal that does not raise the cap.
    error InvalidSupplyCap();
    /// @notice A proposal of this kind is waiting; apply or cancel it first.
    error ChangePending();

    /// @return "credits".
    function currency() external view returns (string memory);
    function version() external view returns (string memory);
    function DOMAIN_SEPARATOR() external view returns (bytes32);

    function transferWithMemo(address to, uint256 amount, bytes32 memo) external returns (bool);
    function transferFromWithMemo(address from, address to, uint256 amount, bytes32 memo) external returns (bool);

    /// @notice `ISSUER_ROLE` only. Checks in order: `Unauthorized`, `InvalidRecipient`, `InvalidAmount`,
    /// `SupplyCapExceeded`, `MintWindowCapExceeded`.
    function mint(address to, uint256 amount) external;
    function mintWithMemo(address to, uint256 amount, bytes32 memo) external;
    /// @notice Destroys the caller's own credits.
    function burn(uint256 amount) external;
    function burnWithMemo(uint256 amount, bytes32 memo) external;

    /// @return keccak256("LH.ISSUER_ROLE").
    function ISSUER_ROLE() external view returns (bytes32);
    /// @return 2 days, in seconds.
    function CAP_LOOSEN_TIMELOCK() external view returns (uint64);
    function hasRole(bytes32 role, address account) external view returns (bool);
    /// @notice Owner only.
    function grantRole(bytes32 role, address account) external;
    function revokeRole(bytes32 role, address account) external;
    /// @notice Gives up a role of the caller's own.
    function renounceRole(bytes32 role) external;
    function owner() external view returns (address);
    function transferOwnership(address newOwner) external;

    function supplyCap() external view returns (uint256);
    /// @return newCap Zero when nothing is pending.
    /// @return readyAt When it may be applied.
    function pendingSupplyCap() external view returns (uint256 newCap, uint64 readyAt);
    /// @notice Owner only, at once; cancels a pending raise. `NotTightening`, `InvalidSupplyCap`.
    function lowerSupplyCap(uint256 newCap) external;
    /// @notice Owner only, takes effect through `applySupplyCap` two days later. `ChangePending`, `InvalidSupplyCap`.
    function proposeSupplyCap(uint256 newCap) external;
    function applySupplyCap() external;
    function cancelSupplyCap() external;

    /// @return cap Most that may be minted in any `windowSecs` seconds; 0 is unlimited.
    /// @return windowSecs Length of the window.
    /// @return used What the last `windowSecs` seconds count against the cap (rounded up to a 24th of the window).
    function mintWindow() external view returns (uint256 cap, uint64 windowSecs, uint256 used);
    function pendingMintWindow() external view returns (uint256 cap, uint64 windowSecs, uint64 readyAt);
    /// @notice Owner only, at once: a smaller or equal cap over an equal or longer window; cancels a pending loosening.
    /// `InvalidWindow`, `NotTightening`.
    function tightenMintWindow(uint256 cap, uint64 windowSecs) external;
    /// @notice Owner only, takes effect through `applyMintWindow` two days later. `ChangePending`, `InvalidWindow`.
    function proposeMintWindow(uint256 cap, uint64 windowSecs) external;
    function applyMintWindow() external;
    function cancelMintWindow() external;
}
