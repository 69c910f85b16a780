// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC1271} from "./IERC1271.sol";
import {IERC6551Account} from "./IERC6551Account.sol";
import {IERC6551Executable} from "./IERC6551Executable.sol";
import {IERC721Receiver} from "./IERC721Receiver.sol";

/// @title The account every identity owns: whoever holds the identity acts through it
/// @notice Acts only by plain calls (operation 0). Authorised are the holder and the signers that very holder enrolled;
/// when the identity changes hands, the old holder's signers stop counting, and count again if that holder returns.
/// Buyers should compare `state()` at settlement with what they saw when they bid.
/// @dev Signatures (ERC-1271): 65 bytes by an authorised signer; or the 20-byte address of a contract holder
/// followed by a signature that holder accepts, at most three holders deep. The digest is taken as it is. Verifiers
/// must bind the account's address in it, as all Facetworks types do: a digest without the account can be replayed
/// between accounts of one holder.
interface ITokenBoundAccount is IERC6551Account, IERC6551Executable, IERC1271, IERC721Receiver {
    event SignerAdded(address indexed holder, address indexed signer);
    event SignerRemoved(address indexed holder, address indexed signer);

    /// @notice An operation other than 0, a call.
    error OnlyCall();
    /// @notice The caller is neither the holder nor one of the holder's signers.
    error NotAuthorised();
    /// @notice The caller is not the holder.
    error OnlyOwner();
    /// @notice The account executes already.
    error Reentrancy();
    error ZeroAddress();
    error LengthMismatch();
    error BatchTooLarge(uint256 max);
    /// @notice An account cannot hold the identity it belongs to.
    error OwnershipCycle();

    /// @notice The holder of the identity; zero on any chain but the identity's own, and when the identity is gone.
    function owner() external view returns (address);
    /// @notice At most 16 calls, all or nothing (`BatchTooLarge`, `LengthMismatch`, `NotAuthorised`). A failing call's
    /// own revert data is passed on.
    function executeBatch(address[] calldata targets, uint256[] calldata values, bytes[] calldata data)
        external
        payable;
    /// @notice Holder only (`OnlyOwner`).
    function addSigner(address signer) external;
    function removeSigner(address signer) external;
    function isAuthorizedSigner(address signer) external view returns (bool);
    function supportsInterface(bytes4 interfaceId) external view returns (bool);
}
