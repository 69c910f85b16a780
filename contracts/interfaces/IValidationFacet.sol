// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";
import {ILedgerEvents} from "./ILedgerEvents.sol";

/// @title Verdicts about work, with money behind them
/// @notice Stakes in wei of $LH, times in seconds. A validator stakes on whether an identity's work is valid. For 3
/// days anyone else may stake the same amount against it; then the resolver has 7 days to say who is right, and the
/// winner gets both stakes. A verdict that nobody challenges stands, and its stake goes back; without a decision each
/// side gets its own. Status: 0 open, 1 challenged, 2 reclaimed, 3 validator won, 4 challenger won, 5 drawn.
/// @dev The resolver is fixed when the verdict is staked: the poster of the bounty that `workRef` names, when there is
/// such a bounty by then; otherwise the diamond's owner, whoever that is when it comes to resolving. Whoever stakes or
/// challenges should read `validationResolverOf` first. Payments are pushed or, where the token refuses, kept claimable
/// (`claimOwed`).
interface IValidationFacet is IErrors, ILedgerEvents {
    event ValidationStaked(
        uint256 indexed id,
        address indexed validator,
        uint256 indexed subjectTokenId,
        bytes32 workRef,
        bool valid,
        uint128 stakeWei,
        uint64 challengeDeadline
    );
    event ValidationChallenged(
        uint256 indexed id, address indexed challenger, uint128 stakeWei, uint64 resolveDeadline
    );
    event ValidationResolved(uint256 indexed id, address indexed winner, bool validatorWon, uint128 payoutWei);
    event StakeReclaimed(uint256 indexed id, address indexed validator, uint128 stakeWei);
    event ValidationDrawn(
        uint256 indexed id, address indexed validator, address indexed challenger, uint128 stakeWei
    );

    error ZeroStake();
    /// @notice An account has at most 1,000,000 $LH in stakes, as validator and as challenger together.
    error StakeCapExceeded();
    /// @notice The identity does not exist.
    error UnknownSubject();
    /// @notice The caller holds the identity, or is its account.
    error SelfValidation();
    /// @notice The caller has staked on this identity and this work before.
    error AlreadyValidated();
    /// @notice The caller has 64 verdicts that are open or challenged.
    error TooManyActiveValidations();
    error UnknownValidation();
    error NotOpen();
    /// @notice The time to challenge has passed.
    error ChallengeWindowClosed();
    /// @notice A validator cannot challenge itself.
    error SelfChallenge();
    error NotChallenged();
    /// @notice The time to resolve has passed.
    error ResolveWindowClosed();
    error NotResolver();
    /// @notice Nobody judges a dispute of their own.
    error ResolverIsDisputant();
    error ChallengeWindowStillOpen();
    error ResolveWindowStillOpen();

    /// @notice Anyone but the identity's holder and account: stakes `stakeWei` on whether the work is valid. Once per
    /// validator, identity and work, for ever. `ZeroStake`, `StakeCapExceeded`, `UnknownSubject`, `SelfValidation`,
    /// `AlreadyValidated`, `TooManyActiveValidations`, `NotConfigured`, then the pull.
    /// @param workRef What the verdict is about: a bounty's id, or any other reference.
    /// @param subjectTokenId The identity that did the work.
    /// @param valid The verdict.
    function stakeValidation(bytes32 workRef, uint256 subjectTokenId, bool valid, uint256 stakeWei)
        external
        returns (uint256 id);
    /// @notice Anyone but the validator, for 3 days: stakes the same amount on the opposite. `UnknownValidation`,
    /// `NotOpen`, `ChallengeWindowClosed`, `SelfChallenge`, `StakeCapExceeded`, `NotConfigured`, then the pull.
    function challengeValidation(uint256 id) external;
    /// @notice The resolver, for 7 days after the challenge: both stakes go to the side that is right.
    /// `UnknownValidation`, `NotChallenged`, `ResolveWindowClosed`, `NotResolver`, `ResolverIsDisputant`.
    function resolveValidation(uint256 id, bool validatorWins) external;
    /// @notice Anyone, once nobody can challenge any more: the stake goes back to the validator. `UnknownValidation`,
    /// `NotOpen`, `ChallengeWindowStillOpen`.
    function reclaimStake(uint256 id) external;
    /// @notice Anyone, once the resolver's time has passed: each side gets its own stake back. `UnknownValidation`,
    /// `NotChallenged`, `ResolveWindowStillOpen`.
    function reclaimUnresolved(uint256 id) external;

    /// @notice `UnknownValidation`. `challenger` and `resolveDeadline` are zero while nobody challenges.
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
        );
    /// @notice `UnknownValidation`. Who may resolve it: the poster noted when it was staked, or the diamond's present
    /// owner.
    function validationResolverOf(uint256 id) external view returns (address);
    /// @return Whether `validator` has ever staked on this identity and this work.
    function hasValidated(address validator, uint256 subjectTokenId, bytes32 workRef) external view returns (bool);
    /// @notice Every verdict about `workRef`; may exceed the gas limit of a node for work that many have judged.
    function validationsOfWork(bytes32 workRef) external view returns (uint256[] memory ids);
    /// @param startAfter Index into the list; `nextCursor` is the index to go on from.
    function validationsOfWorkPage(bytes32 workRef, uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor);
    /// @notice Every verdict `validator` has staked on; may exceed the gas limit of a node for huge accounts.
    function validationsOf(address validator) external view returns (uint256[] memory ids);
    /// @param startAfter Index into the list; `nextCursor` is the index to go on from.
    function validationsOfPage(address validator, uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor);
    function validationCount() external view returns (uint256);
    /// @return What `account` has in stakes now, on either side, in wei.
    function validationStakedOf(address account) external view returns (uint256);
    /// @return How many open and challenged verdicts `validator` has staked on.
    function activeValidationCountOf(address validator) external view returns (uint256);
}
