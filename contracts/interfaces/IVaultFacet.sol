// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";

/// @title The vault: deposit once, pay many operators for metered work with cumulative receipts
/// @notice A consumer deposits the vault's six-decimal token and names a session key. The key signs a reservation,
/// which sets funds aside for one operator, and then one receipt per answer, each stating the sum owed so far. The
/// operator redeems the highest one, for as many answers as it likes in one transaction. Amounts in base units of the
/// token, times in seconds, fees in 1/10,000.
/// @dev A cycle of a pair (consumer, operator) runs from the reservation that found nothing locked until nothing is
/// locked again. Receipts name their cycle and the epoch of the key, so none survives either. An operator redeems its
/// highest receipt before a cycle drains or expires: what is not locked any more cannot be paid. Funds stay
/// redeemable for `redeemGrace` after expiry and, until somebody releases them, beyond. Signatures are 65-byte ECDSA
/// by the session key; contracts cannot sign. Every deadline is inclusive ("until t" while now <= t) but the
/// withdrawal timelock, which is over at `now >= requestedAt + withdrawTimelock`.
interface IVaultFacet is IErrors {
    event Deposited(address indexed consumer, uint256 amount, address sessionKey);
    event SessionKeySet(address indexed consumer, address sessionKey, uint256 keyEpoch);
    event ReservesFrozenSet(address indexed consumer, bool frozen);
    event SpendPolicySet(address indexed consumer, uint128 maxLocked, uint128 dailyReserve);
    event Reserved(address indexed consumer, address indexed operator, uint256 amount, uint64 expiry, uint64 cycle);
    /// @notice `paid` is what the consumer spent; the operator received `paid - fee`. `cumulative` is what the cycle
    /// has paid so far.
    event Redeemed(
        address indexed consumer, address indexed operator, uint256 paid, uint256 fee, uint256 cumulative
    );
    event ReleasedExpired(address indexed consumer, address indexed operator, uint256 amount);
    event ReleasedByOperator(address indexed consumer, address indexed operator, uint256 amount);
    event WithdrawRequested(address indexed consumer, uint64 at, uint256 authorized);
    /// @notice By the consumer, by a deposit of its own, or by a reservation that took all free funds.
    event WithdrawRequestCancelled(address indexed consumer);
    event Withdrawn(address indexed consumer, address indexed to, uint256 amount);

    /// @notice The guardian has halted deposits and reserves.
    error Paused();
    error BadAmount();
    /// @notice The consumer has no session key, or names none.
    error NoSessionKey();
    error SameSessionKey();
    /// @notice Funds are locked; the key behind their receipts cannot change.
    error SessionKeyInUse();
    error ReservesAreFrozen();
    /// @notice The operator is nobody, the diamond or the token.
    error BadOperator();
    /// @notice Not the consumer's next reserve nonce.
    error BadNonce();
    /// @notice Not in the future, or further away than `maxReserveTtl`.
    error BadExpiry();
    /// @notice More than the consumer's unreserved funds.
    error InsufficientFree();
    /// @notice The consumer's own limit on what may be locked, in all or per day.
    error PolicyExceeded();
    /// @notice The receipt states no more than the cycle has paid.
    error StaleReceipt();
    /// @notice Nothing is locked for the operator.
    error ExceedsReservation();
    /// @notice No receipt of the batch could be paid.
    error NothingRedeemed();
    /// @notice `now <= expiry + redeemGrace`.
    error NotExpired();
    /// @notice The rollup's sequencer is down.
    error SequencerDown();
    /// @notice The sequencer has been back for no longer than `redeemGrace`.
    error GracePeriodNotOver();
    /// @notice Nothing free to authorise, or more than is authorised.
    error InsufficientWithdrawable();
    error WithdrawNotRequested();
    error TimelockActive();
    error BadAddress();

    // Consumer

    /// @notice The first deposit registers `sessionKey_`; later ones ignore it. Ends a pending withdrawal request.
    /// Credits what arrives. `NotConfigured`, `Paused`, `BadAmount`, `NoSessionKey`, then the pull; `ZeroAmount` when
    /// nothing arrives, `CastOverflow` when the vault would hold more than 2^56 - 1.
    function deposit(uint256 amount, address sessionKey_) external;
    /// @notice Anyone, out of their own funds, for a consumer who has a key; leaves its withdrawal request alone.
    /// `NotConfigured`, `Paused`, `BadAmount`, `NoSessionKey`, then as `deposit`.
    function depositFor(address consumer, uint256 amount) external;
    /// @notice Anyone, on the consumer's EIP-3009 authorisation to the diamond, whose nonce is `depositNonce`. As
    /// `deposit` for the rest; a token that refuses is `TokenCallFailed`.
    function depositWithAuthorization(
        address consumer,
        address sessionKey_,
        uint256 amount,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 salt,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;
    /// @notice Every signature of the former key dies. `NoSessionKey`, `SameSessionKey`, `SessionKeyInUse`.
    function setSessionKey(address key) external;
    /// @notice Halts new and larger reservations; what is reserved stays redeemable. No event when nothing changes.
    function setReservesFrozen(bool frozen) external;
    /// @notice The most the session key may have locked at a time, and reserve per day (UTC); 0 is no limit. Days are
    /// calendar days: the last minute of one and the first of the next may both be used in full. `CastOverflow`.
    function setSpendPolicy(uint128 maxLocked, uint128 dailyReserve) external;
    /// @notice Authorises what is free now to be withdrawn after `withdrawTimelock`. A repeat starts over.
    /// `InsufficientWithdrawable`.
    function requestWithdraw() external;
    /// @notice `WithdrawNotRequested`.
    function cancelWithdraw() external;
    /// @notice To the consumer itself, see below.
    function withdraw(uint256 amount) external;
    /// @notice Pays what is authorised; the request ends when all of it is. `BadAddress`, `WithdrawNotRequested`,
    /// `TimelockActive`, `BadAmount`, `InsufficientWithdrawable`.
    function withdraw(uint256 amount, address to) external;

    // Reservations

    /// @notice Anyone, on the session key's signature: locks `amount` for `operator`. Opens a cycle when nothing is
    /// locked; otherwise adds to it and moves its expiry to the later of the two, at most `maxReserveTtl` after it
    /// began. `NotConfigured`, `Paused`, `ReservesAreFrozen`, `BadAmount`, `BadOperator`, `BadNonce`, `BadExpiry`,
    /// `NoSessionKey`, `BadSignature`, `InsufficientFree`, `PolicyExceeded`, `CastOverflow`.
    function reserve(
        address consumer,
        address operator,
        uint256 amount,
        uint64 expiry,
        uint256 nonce,
        bytes calldata sig
    ) external;
    /// @notice Anyone: pays the operator what a receipt states beyond what the cycle has paid, as far as funds are
    /// locked. `NoSessionKey`, `BadSignature`, `StaleReceipt`, `ExceedsReservation`.
    function redeem(address consumer, address operator, uint256 cumulative, bytes calldata sig) external;
    /// @notice Anyone: one receipt of each of up to 64 consumers, paid in one transfer. Signatures are in EIP-2098
    /// form. `LengthMismatch`, `BatchTooLarge(64)`, `NothingRedeemed`; a receipt that fails does not touch the others.
    /// @return paid What the operator received.
    /// @return results Per receipt: 0 paid, 1 no key, 2 bad signature, 3 stale, 4 nothing locked.
    function redeemBatch(
        address operator,
        address[] calldata consumers,
        uint256[] calldata cumulatives,
        bytes32[] calldata rs,
        bytes32[] calldata vss
    ) external returns (uint256 paid, uint8[] memory results);
    /// @notice Anyone, after expiry and grace: what is locked is free again. Nothing locked, nothing happens.
    /// `NotExpired`, `SequencerDown`, `GracePeriodNotOver`.
    function releaseExpired(address consumer, address operator) external;
    /// @notice As `releaseExpired` for up to 64 pairs; those that cannot be released yet are skipped.
    /// `LengthMismatch`, `BatchTooLarge(64)`, `SequencerDown`, `GracePeriodNotOver`.
    function releaseExpiredBatch(address[] calldata consumers, address[] calldata operators) external;
    /// @notice Operator: gives up `amount` of what is locked for it. `BadAmount`.
    function releaseByOperator(address consumer, uint256 amount) external;

    // Views

    function vaultDomainSeparator() external view returns (bytes32);
    /// @notice The EIP-3009 nonce a consumer signs for `depositWithAuthorization`.
    function depositNonce(address consumer, address sessionKey_, bytes32 salt) external view returns (bytes32);
    /// @notice What a consumer may reserve, or request to withdraw.
    function withdrawable(address consumer) external view returns (uint256);
    /// @notice Free and locked.
    function balance(address consumer) external view returns (uint256);
    function lockedTotal(address consumer) external view returns (uint256);
    /// @notice Sum of all balances.
    function totalBalance() external view returns (uint256);
    function sessionKey(address consumer) external view returns (address);
    function keyEpoch(address consumer) external view returns (uint256);
    /// @notice The nonce of the next reservation.
    function reserveNonce(address consumer) external view returns (uint256);
    function ops(address consumer, address operator)
        external
        view
        returns (uint256 locked, uint256 redeemed, uint64 expiry, uint64 created, uint64 cycle);
    /// @notice The most that redeeming in the present cycle can cost.
    function cycleFeeBps(address consumer, address operator) external view returns (uint16);
    /// @notice Zero while nothing is requested.
    function withdrawRequestedAt(address consumer) external view returns (uint64);
    function withdrawAuthorized(address consumer) external view returns (uint256);
    function reservesFrozen(address consumer) external view returns (bool);
    /// @return maxLocked Zero is no limit, as for `dailyReserve`.
    /// @return dailyReserve The most that can be reserved in one day.
    /// @return reservedToday Counted only while there is a daily limit.
    function spendPolicy(address consumer)
        external
        view
        returns (uint256 maxLocked, uint256 dailyReserve, uint256 reservedToday);
    /// @notice What `redeem` would take with a rightly signed receipt; zeros when it would revert.
    function redeemable(address consumer, address operator, uint256 cumulative)
        external
        view
        returns (uint256 pay, uint256 fee);
}
