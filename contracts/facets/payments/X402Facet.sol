// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IX402Facet} from "../../interfaces/IX402Facet.sol";
import {Authorization} from "../../libraries/LibAuthorization.sol";
import {LibCredits} from "../../libraries/LibCredits.sol";
import {LibDiamond} from "../../libraries/LibDiamond.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNonces} from "../../libraries/LibNonces.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibRegistry} from "../../libraries/LibRegistry.sol";
import {LibTba} from "../../libraries/LibTba.sol";
import {LibToken} from "../../libraries/LibToken.sol";
import {LibX402} from "../../libraries/LibX402.sol";
import {Batch, LibX402Batch} from "../../libraries/LibX402Batch.sol";
import {Payee, X402Storage} from "../../storage/X402Storage.sol";

/// @title X402Facet: documented at IX402Facet
contract X402Facet is IX402Facet {
    uint256 private constant MAX_BATCH = 64;

    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    function x402DomainSeparator() external view returns (bytes32) {
        return LibX402.separator();
    }

    function authorizationState(address from, bytes32 nonce) external view returns (bool used) {
        return LibNonces.isUsed(LibNs.x402().nonces, from, nonce);
    }

    function settle(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external nonReentrant {
        Authorization memory auth = Authorization(from, to, value, validAfter, validBefore, nonce);
        // Check, Effect
        LibX402.requireOk(LibX402.open(auth), address(0));
        // Interaction
        _collect(auth, value, signature);
    }

    function settleUpto(
        address from,
        address to,
        uint256 maxValue,
        uint256 actualValue,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external nonReentrant {
        Authorization memory auth = Authorization(from, to, maxValue, validAfter, validBefore, nonce);
        // Check, Effect
        if (actualValue > maxValue) revert AmountExceedsMax();
        if (!LibX402.mayCapture(to, msg.sender)) revert NotFacilitator();
        LibX402.requireOk(LibX402.open(auth), address(0));
        // Interaction
        _collect(auth, actualValue, signature);
    }

    function settleForAgent(
        uint256 tokenId,
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external nonReentrant {
        Authorization memory auth = Authorization(from, to, value, validAfter, validBefore, nonce);
        // Check, Effect
        LibX402.requireOk(LibX402.open(auth), address(0));
        if (LibRegistry.ownerOf(tokenId) == address(0) || to != LibTba.accountOf(tokenId)) revert BadPayee();
        uint256 price = LibRegistry.priceOf(tokenId);
        // A tenth above, rounded down: value <= price * 110 / 100 without the overflow.
        if (value < price || value - price > price / 10) revert PriceChanged(price);
        // Interaction
        _collect(auth, value, signature);
    }

    function settleBatch(Authorization[] calldata auths, bytes[] calldata signatures, bool strict)
        external
        nonReentrant
        returns (uint8[] memory results)
    {
        uint256[] memory actuals = new uint256[](_batchSize(auths.length, signatures.length));
        for (uint256 i = 0; i < actuals.length; i++) {
            actuals[i] = auths[i].value;
        }
        results = new uint8[](actuals.length);
        Batch memory batch = Batch(LibCredits.token(), strict, false, actuals, results);
        LibX402Batch.settleAll(batch, auths, signatures);
    }

    function settleUptoBatch(
        Authorization[] calldata auths,
        uint256[] calldata actuals,
        bytes[] calldata signatures,
        bool strict
    ) external nonReentrant returns (uint8[] memory results) {
        if (actuals.length != auths.length) revert LengthMismatch();
        results = new uint8[](_batchSize(auths.length, signatures.length));
        Batch memory batch = Batch(LibCredits.token(), strict, true, actuals, results);
        LibX402Batch.settleAll(batch, auths, signatures);
    }

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
    ) external nonReentrant returns (bool settled) {
        // Check
        if (!LibNs.x402().payTokens[token]) revert TokenNotAllowed();
        if (to == address(0) || to == address(this)) revert BadPayee();
        if (LibToken.isAuthorizationUsed(token, from, nonce)) return false;
        // Interaction
        Authorization memory auth = Authorization(from, to, value, validAfter, validBefore, nonce);
        LibToken.relayAuthorized(token, auth, v, r, s);
        emit PaymentSettled3009(token, from, to, value, nonce);
        return true;
    }

    function cancelAuthorization(address from, bytes32 nonce, bytes calldata signature) external nonReentrant {
        // Effect
        if (!LibNonces.use(LibNs.x402().nonces, from, nonce)) revert AuthAlreadyUsed();
        // Check
        bool allowed =
            signature.length == 0 ? msg.sender == from : LibX402.isCancelSigned(from, nonce, signature);
        if (!allowed) revert BadSignature();
        emit PaymentCancelled(from, nonce);
    }

    function setFacilitator(address facilitator, bool allowed) external {
        if (LibNs.x402().payees[msg.sender].identity == 0) {
            // An account acting for itself is known by its code; its holder may capture for it from now on.
            uint256 identity = LibTba.identityOf(msg.sender);
            if (identity != 0) LibNs.x402().payees[msg.sender].identity = uint64(identity);
        }
        _setFacilitator(msg.sender, facilitator, allowed);
    }

    function setFacilitatorFor(uint256 tokenId, address facilitator, bool allowed) external {
        address owner = LibRegistry.ownerOf(tokenId);
        if (owner == address(0) || msg.sender != owner) revert NotOwner();
        address payee = LibTba.accountOf(tokenId);
        // Registered ids fit 32 bits.
        LibNs.x402().payees[payee].identity = uint64(tokenId);
        _setFacilitator(payee, facilitator, allowed);
    }

    function isFacilitator(address payee, address facilitator) external view returns (bool) {
        return LibNs.x402().isFacilitator[payee][facilitator];
    }

    function facilitatorCount(address payee) external view returns (uint256) {
        return LibNs.x402().payees[payee].facilitators;
    }

    function setPayToken(address token, bool allowed) external {
        LibDiamond.requireOwner();
        if (token == address(0)) revert ZeroAddress();
        LibNs.x402().payTokens[token] = allowed;
        emit PayTokenSet(token, allowed);
    }

    function isPayToken(address token) external view returns (bool) {
        return LibNs.x402().payTokens[token];
    }

    function setSigDeployer(address deployer) external {
        LibDiamond.requireOwner();
        if (deployer == address(0)) revert ZeroAddress();
        X402Storage storage s = LibNs.x402();
        if (s.sigDeployer != address(0)) revert AlreadyInitialised();
        s.sigDeployer = deployer;
        emit SigDeployerSet(deployer);
    }

    function sigDeployer() external view returns (address) {
        return LibNs.x402().sigDeployer;
    }

    function _collect(Authorization memory auth, uint256 amount, bytes calldata signature) private {
        if (!LibX402.isSigned(auth, signature)) revert BadSignature();
        LibToken.relay(LibCredits.token(), auth.from, auth.to, amount);
        emit PaymentSettled(auth.from, auth.to, amount, auth.nonce);
    }

    function _setFacilitator(address payee, address facilitator, bool allowed) private {
        if (facilitator == address(0)) revert ZeroAddress();
        X402Storage storage s = LibNs.x402();
        if (s.isFacilitator[payee][facilitator] == allowed) return;
        s.isFacilitator[payee][facilitator] = allowed;
        Payee storage record = s.payees[payee];
        if (allowed) {
            record.facilitators += 1;
            record.latest = facilitator;
        } else {
            record.facilitators -= 1;
            if (record.latest == facilitator) record.latest = address(0);
        }
        emit FacilitatorSet(payee, facilitator, allowed);
    }

    function _batchSize(uint256 auths, uint256 signatures) private pure returns (uint256) {
        if (auths != signatures) revert LengthMismatch();
        if (auths > MAX_BATCH) revert BatchTooLarge(MAX_BATCH);
        return auths;
    }
}
