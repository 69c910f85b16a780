// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IValidationFacet} from "../../interfaces/IValidationFacet.sol";
import {LibBounty} from "../../libraries/LibBounty.sol";
import {LibBuckets} from "../../libraries/LibBuckets.sol";
import {LibCast} from "../../libraries/LibCast.sol";
import {LibCredits} from "../../libraries/LibCredits.sol";
import {LibDiamond} from "../../libraries/LibDiamond.sol";
import {LibIdList} from "../../libraries/LibIdList.sol";
import {IdPages, LibIdPages} from "../../libraries/LibIdPages.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibPage} from "../../libraries/LibPage.sol";
import {LibRegistry} from "../../libraries/LibRegistry.sol";
import {LibTba} from "../../libraries/LibTba.sol";
import {LibToken} from "../../libraries/LibToken.sol";
import {Backing, Challenge, Staker, Validation, ValidationStorage} from "../../storage/ValidationStorage.sol";

/// @title ValidationFacet: documented at IValidationFacet
contract ValidationFacet is IValidationFacet {
    uint8 private constant OPEN = 0;
    uint8 private constant CHALLENGED = 1;
    uint8 private constant RECLAIMED = 2;
    uint8 private constant VALIDATOR_WON = 3;
    uint8 private constant CHALLENGER_WON = 4;
    uint8 private constant DRAWN = 5;

    uint64 private constant CHALLENGE_WINDOW = 3 days;
    uint64 private constant RESOLUTION_WINDOW = 7 days;
    uint64 private constant MAX_ACTIVE_PER_VALIDATOR = 64;
    /// @dev Fits the 80 bits of a stake.
    uint256 private constant MAX_STAKED = 1_000_000e18;

    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    function stakeValidation(bytes32 workRef, uint256 subjectTokenId, bool valid, uint256 stakeWei)
        external
        nonReentrant
        returns (uint256 id)
    {
        // Check
        if (stakeWei == 0) revert ZeroStake();
        _requireRoom(stakeWei);
        address owner = LibRegistry.ownerOf(subjectTokenId);
        if (owner == address(0)) revert UnknownSubject();
        if (msg.sender == owner || msg.sender == LibTba.accountOrZero(subjectTokenId)) revert SelfValidation();
        bytes32 key = _key(msg.sender, subjectTokenId, workRef);
        if (LibNs.validation().backings[key].stake != 0) revert AlreadyValidated();
        if (LibNs.validation().stakers[msg.sender].live >= MAX_ACTIVE_PER_VALIDATOR) {
            revert TooManyActiveValidations();
        }
        // Effect
        uint64 deadline = uint64(block.timestamp) + CHALLENGE_WINDOW;
        LibNs.validation().backings[key] = Backing(LibBounty.posterOf(uint256(workRef)), uint80(stakeWei));
        id = _admit(workRef, stakeWei);
        // Registered ids fit 32 bits.
        LibNs.validation().validations[id] =
            Validation(msg.sender, uint32(subjectTokenId), uint40(deadline), OPEN, valid);
        // Interaction
        LibToken.pullExact(LibCredits.token(), msg.sender, stakeWei, LibBuckets.VALIDATION);
        emit ValidationStaked(id, msg.sender, subjectTokenId, workRef, valid, uint128(stakeWei), deadline);
    }

    function challengeValidation(uint256 id) external nonReentrant {
        // Check
        Validation storage validation = _open(id);
        if (block.timestamp > validation.deadline) revert ChallengeWindowClosed();
        if (msg.sender == validation.validator) revert SelfChallenge();
        uint80 stake = _backing(id, validation).stake;
        _requireRoom(stake);
        // Effect
        ValidationStorage storage s = LibNs.validation();
        uint64 deadline = uint64(block.timestamp) + RESOLUTION_WINDOW;
        validation.status = CHALLENGED;
        s.challenges[id] = Challenge(msg.sender, uint40(deadline));
        s.stakers[msg.sender].staked += stake;
        // Interaction
        LibToken.pullExact(LibCredits.token(), msg.sender, stake, LibBuckets.VALIDATION);
        emit ValidationChallenged(id, msg.sender, stake, deadline);
    }

    function resolveValidation(uint256 id, bool validatorWins) external nonReentrant {
        // Check
        Validation storage validation = _challenged(id);
        Challenge memory challenge = LibNs.validation().challenges[id];
        if (block.timestamp > challenge.deadline) revert ResolveWindowClosed();
        Backing memory backing = _backing(id, validation);
        if (msg.sender != _resolver(backing.resolver)) revert NotResolver();
        address validator = validation.validator;
        if (msg.sender == validator || msg.sender == challenge.challenger) revert ResolverIsDisputant();
        // Effect
        _close(validation, validatorWins ? VALIDATOR_WON : CHALLENGER_WON, backing.stake);
        LibNs.validation().stakers[challenge.challenger].staked -= backing.stake;
        // Interaction
        address winner = validatorWins ? validator : challenge.challenger;
        uint256 payout = uint256(backing.stake) * 2;
        LibToken.pushOrOwe(LibCredits.token(), winner, payout, LibBuckets.VALIDATION);
        emit ValidationResolved(id, winner, validatorWins, uint128(payout));
    }

    function reclaimStake(uint256 id) external nonReentrant {
        // Check
        Validation storage validation = _open(id);
        if (block.timestamp <= validation.deadline) revert ChallengeWindowStillOpen();
        // Effect
        address validator = validation.validator;
        uint80 stake = _backing(id, validation).stake;
        _close(validation, RECLAIMED, stake);
        // Interaction
        LibToken.pushOrOwe(LibCredits.token(), validator, stake, LibBuckets.VALIDATION);
        emit StakeReclaimed(id, validator, stake);
    }

    function reclaimUnresolved(uint256 id) external nonReentrant {
        // Check
        Validation storage validation = _challenged(id);
        Challenge memory challenge = LibNs.validation().challenges[id];
        if (block.timestamp <= challenge.deadline) revert ResolveWindowStillOpen();
        // Effect
        address validator = validation.validator;
        uint80 stake = _backing(id, validation).stake;
        _close(validation, DRAWN, stake);
        LibNs.validation().stakers[challenge.challenger].staked -= stake;
        // Interaction
        address token = LibCredits.token();
        LibToken.pushOrOwe(token, validator, stake, LibBuckets.VALIDATION);
        LibToken.pushOrOwe(token, challenge.challenger, stake, LibBuckets.VALIDATION);
        emit ValidationDrawn(id, validator, challenge.challenger, stake);
    }

    function getValidation(uint256 id)
        external
        view
        returns (
            address validator,
            address challenger,
            uint256 subjectTokenId,
            bytes32 workRef,
            uint128 stakeWei,
            uint64 challengeDeadline,
            uint64 resolveDeadline,
            uint8 status,
            bool valid
        )
    {
        Validation storage validation = _get(id);
        Challenge storage challenge = LibNs.validation().challenges[id];
        validator = validation.validator;
        challenger = challenge.challenger;
        subjectTokenId = validation.subject;
        workRef = LibNs.validation().workRefs[id];
        stakeWei = _backing(id, validation).stake;
        challengeDeadline = validation.deadline;
        resolveDeadline = challenge.deadline;
        status = validation.status;
        valid = validation.valid;
    }

    function validationResolverOf(uint256 id) external view returns (address) {
        return _resolver(_backing(id, _get(id)).resolver);
    }

    function hasValidated(address validator, uint256 subjectTokenId, bytes32 workRef) external view returns (bool) {
        return LibNs.validation().backings[_key(validator, subjectTokenId, workRef)].stake != 0;
    }

    function validationsOfWork(bytes32 workRef) external view returns (uint256[] memory ids) {
        IdPages storage list = LibNs.validation().works[workRef];
        (ids,) = LibIdList.slice(list, 0, LibIdList.length(list));
    }

    function validationsOfWorkPage(bytes32 workRef, uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor)
    {
        return LibIdList.slice(LibNs.validation().works[workRef], startAfter, LibPage.clamp(limit));
    }

    function validationsOf(address validator) external view returns (uint256[] memory ids) {
        ValidationStorage storage s = LibNs.validation();
        return LibIdPages.all(s.lists[validator], s.stakers[validator].total);
    }

    function validationsOfPage(address validator, uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor)
    {
        ValidationStorage storage s = LibNs.validation();
        return LibIdPages.slice(s.lists[validator], s.stakers[validator].total, startAfter, LibPage.clamp(limit));
    }

    function validationCount() external view returns (uint256) {
        return LibNs.validation().count;
    }

    function validationStakedOf(address account) external view returns (uint256) {
        return LibNs.validation().stakers[account].staked;
    }

    function activeValidationCountOf(address validator) external view returns (uint256) {
        return LibNs.validation().stakers[validator].live;
    }

    /// @dev A new number, in the work's list and in the caller's, whose stake it counts.
    function _admit(bytes32 workRef, uint256 stake) private returns (uint256 id) {
        ValidationStorage storage s = LibNs.validation();
        Staker memory staker = s.stakers[msg.sender];
        s.stakers[msg.sender] = Staker(LibCast.toUint96(staker.staked + stake), staker.total + 1, staker.live + 1);
        id = s.count + 1;
        s.count = id;
        s.workRefs[id] = workRef;
        LibIdPages.set(s.lists[msg.sender], staker.total, id);
        LibIdList.append(s.works[workRef], id);
    }

    /// @dev Ends a validation for its validator: its place is free, its stake is for the caller to move.
    function _close(Validation storage validation, uint8 status, uint80 stake) private {
        address validator = validation.validator;
        validation.status = status;
        Staker memory staker = LibNs.validation().stakers[validator];
        LibNs.validation().stakers[validator] = Staker(staker.staked - stake, staker.total, staker.live - 1);
    }

    /// @dev `StakeCapExceeded`.
    function _requireRoom(uint256 stake) private view {
        if (stake > MAX_STAKED - LibNs.validation().stakers[msg.sender].staked) revert StakeCapExceeded();
    }

    /// @dev `UnknownValidation`. Every validation has a validator.
    function _get(uint256 id) private view returns (Validation storage validation) {
        validation = LibNs.validation().validations[id];
        if (validation.validator == address(0)) revert UnknownValidation();
    }

    /// @dev `UnknownValidation`, `NotOpen`.
    function _open(uint256 id) private view returns (Validation storage validation) {
        validation = _get(id);
        if (validation.status != OPEN) revert NotOpen();
    }

    /// @dev `UnknownValidation`, `NotChallenged`.
    function _challenged(uint256 id) private view returns (Validation storage validation) {
        validation = _get(id);
        if (validation.status != CHALLENGED) revert NotChallenged();
    }

    function _backing(uint256 id, Validation storage validation) private view returns (Backing storage) {
        ValidationStorage storage s = LibNs.validation();
        return s.backings[_key(validation.validator, validation.subject, s.workRefs[id])];
    }

    function _resolver(address pinned) private view returns (address) {
        return pinned == address(0) ? LibDiamond.owner() : pinned;
    }

    function _key(address validator, uint256 subject, bytes32 workRef) private pure returns (bytes32) {
        return keccak256(abi.encode(validator, subject, workRef));
    }
}
