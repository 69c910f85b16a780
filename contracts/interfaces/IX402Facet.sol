// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Authorization} from "../libraries/LibAuthorization.sol";
import {IErrors} from "./IErrors.sol";

/// @title Payments on signed authorisations: the x402 "exact" and "upto" schemes in $LH
/// @notice The payer signs `PaymentAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256
/// validBefore,bytes32 nonce)` under the domain ("localharness-x402", "1", chain id, diamond) and has approved the
/// diamond once. Values in wei of $LH, times in seconds; valid strictly inside `(validAfter, validBefore)`.
/// Signatures may be ECDSA, ERC-1271 or ERC-6492; the wallet has 200,000 gas to answer, a deployment 2,000,000. The
/// diamond never holds the money: it moves from payer to payee, exactly.
/// @dev Checks of every path, in order: `AuthAlreadyUsed`, `AuthNotYetValid`, `AuthExpired`, `BadPayee`,
/// `BadSignature`; then the token: `NotConfigured`, `TokenCallFailed`, `TokenDelta`. Nonces are bits (word `nonce
/// >> 8`), so a payer who counts upwards saves gas; any 32 bytes are a nonce. A batch reports per item: 0 settled,
/// 1 used, 2 not yet valid, 3 expired, 4 bad signature, 5 token failed, 6 bad payee, 7 amount above the maximum, 8
/// caller is no facilitator of the payee.
interface IX402Facet is IErrors {
    event PaymentSettled(address indexed from, address indexed to, uint256 value, bytes32 indexed nonce);
    event PaymentSettled3009(
        address indexed token, address indexed from, address indexed to, uint256 value, bytes32 nonce
    );
    event PaymentCancelled(address indexed from, bytes32 indexed nonce);
    event FacilitatorSet(address indexed payee, address indexed facilitator, bool allowed);
    event PayTokenSet(address indexed token, bool allowed);
    event SigDeployerSet(address indexed deployer);

    /// @notice The payee is the zero address, the diamond, or not the agent's account.
    error BadPayee();
    /// @notice `actualValue > maxValue`.
    error AmountExceedsMax();
    /// @notice The payee has named facilitators and the caller is none of them, nor the payee, nor its holder.
    error NotFacilitator();
    /// @notice The agent's price is `price`; the authorisation is below it or more than a tenth above it.
    error PriceChanged(uint256 price);
    /// @notice `settle3009` works with the tokens the owner has listed.
    error TokenNotAllowed();

    function x402DomainSeparator() external view returns (bytes32);
    /// @return used Whether the nonce was settled or cancelled.
    function authorizationState(address from, bytes32 nonce) external view returns (bool used);

    /// @notice Moves exactly `value` from payer to payee. Anyone may submit; the signature fixes everything.
    function settle(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// @notice Moves `actualValue` of the `maxValue` that was signed; the nonce is spent even for zero. Extra
    /// checks first: `AmountExceedsMax`, `NotFacilitator`.
    /// @dev Open to anyone until the payee names a facilitator: list one before advertising such a price, or a
    /// bystander can burn the authorisation by settling zero of it.
    function settleUpto(
        address from,
        address to,
        uint256 maxValue,
        uint256 actualValue,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// @notice Settles up to 64 authorisations (`BatchTooLarge`, `LengthMismatch`). Neighbours with the same payer
    /// and payee are verified one by one and moved together; each has its event. Strict: the first failure reverts
    /// everything with its own error. Otherwise the outcome is that of settling one by one and ignoring failures;
    /// only a token that accepts a transfer and moves another amount still reverts everything (`TokenDelta`).
    function settleBatch(Authorization[] calldata auths, bytes[] calldata signatures, bool strict)
        external
        returns (uint8[] memory results);
    function settleUptoBatch(
        Authorization[] calldata auths,
        uint256[] calldata actuals,
        bytes[] calldata signatures,
        bool strict
    ) external returns (uint8[] memory results);

    /// @notice Runs an EIP-3009 authorisation at a listed token. Base units of that token.
    /// `TokenNotAllowed`, `BadPayee`, `TokenCallFailed`, `TokenDelta`.
    /// @return settled False, without revert or event, when the token has seen the nonce before.
    function settle3009(
        address token,
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (bool settled);

    /// @notice As `settle`, to the account of identity `tokenId` and only at its present price: not below, at most 10 %
    /// above. `BadPayee` and `PriceChanged` come before `BadSignature`.
    function settleForAgent(
        uint256 tokenId,
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// @notice Burns an unused nonce: by the payer with an empty signature, or by anyone with the payer's signature of
    /// `CancelPayment(address from,bytes32 nonce)`. `AuthAlreadyUsed`, `BadSignature`.
    function cancelAuthorization(address from, bytes32 nonce, bytes calldata signature) external;

    /// @notice Names or drops one of the caller's facilitators. `ZeroAddress`. Nothing happens when nothing changes.
    function setFacilitator(address facilitator, bool allowed) external;
    /// @notice As `setFacilitator` for the account of an identity, by its holder (`NotOwner`).
    function setFacilitatorFor(uint256 tokenId, address facilitator, bool allowed) external;
    function isFacilitator(address payee, address facilitator) external view returns (bool);
    function facilitatorCount(address payee) external view returns (uint256);

    /// @notice Diamond owner only.
    function setPayToken(address token, bool allowed) external;
    function isPayToken(address token) external view returns (bool);
    /// @notice Diamond owner only, once (`ZeroAddress`, `AlreadyInitialised`). Until then ERC-6492 signatures are
    /// invalid.
    function setSigDeployer(address deployer) external;
    function sigDeployer() external view returns (address);
}
