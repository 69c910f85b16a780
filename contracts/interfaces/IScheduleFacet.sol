// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";
import {ILedgerEvents} from "./ILedgerEvents.sol";

/// @title Recurring jobs with escrowed budgets, fired by an off-chain scheduler
/// @notice Amounts in wei of $LH, times and intervals in seconds. A job's budget is escrowed when it is made; every
/// fire debits it into the treasury, and what is left goes back to the job's owner when the job ends, however it
/// ends. Status: 0 active, 1 paused, 2 cancelled, 3 exhausted (also a goal met, see `JobCompleted`).
/// @dev The scheduler role fires jobs and splits budgets; it can move escrow to the treasury or back to the owner and
/// nowhere else. A per-fire cap bounds what a stolen scheduler key can debit; child jobs inherit it.
interface IScheduleFacet is IErrors, ILedgerEvents {
    event JobScheduled(
        uint256 indexed id,
        address indexed owner,
        uint256 indexed targetId,
        uint64 interval,
        uint128 budgetWei,
        uint64 nextRun
    );
    event ChildJobScheduled(
        uint256 indexed id, uint256 indexed parentId, uint256 indexed rootId, uint8 depth, uint128 budgetWei
    );
    event JobRan(uint256 indexed id, uint32 runsLeft, uint128 spentWei, uint64 nextRun, uint8 status);
    event JobExhausted(uint256 indexed id, uint256 refund);
    event JobCompleted(uint256 indexed id, uint256 refund);
    event JobCancelled(uint256 indexed id, uint256 refund);
    event JobReaped(uint256 indexed id, uint256 refund);
    event JobPaused(uint256 indexed id);
    event JobResumed(uint256 indexed id, uint64 nextRun);
    event JobToppedUp(uint256 indexed id, uint128 addWei, uint128 newBudget);
    event RunCapSet(uint256 indexed id, uint128 maxSpendPerRun);
    event JobLeased(uint256 indexed id, address indexed holder, uint64 until);
    event SchedulerUpdated(address indexed scheduler);
    event SchedulerSet(address indexed scheduler, bool allowed);

    error ZeroBudget();
    /// @notice The interval is below 60 seconds.
    error ZeroInterval();
    /// @notice The interval is above 365 days.
    error BadInterval();
    error ZeroRuns();
    /// @notice A task is longer than 8,192 bytes.
    error TaskTooLarge();
    /// @notice The identity the job is for does not exist.
    error UnregisteredTarget();
    /// @notice The owner has 32 live jobs.
    error TooManyActiveJobs();
    error NotScheduler();
    error UnknownJob();
    error ParentNotActive();
    /// @notice Children are at most four levels below their root.
    error MaxDepthExceeded();
    error InsufficientParentBudget();
    error JobNotActive();
    error JobNotPaused();
    /// @notice `now < nextRun`.
    error NotDue();
    /// @notice `expectedNextRun` is not the job's: another worker fired it, or its owner changed it.
    error StaleNextRun();
    error SpendExceedsBudget();
    error RunCapExceeded();
    /// @notice Another scheduler holds a lease on the job.
    error Leased();
    error NotJobOwner();
    /// @notice A lease is at most 600 seconds.
    error BadLease();
    /// @notice The job is not 30 days overdue.
    error NotStale();

    struct JobView {
        address owner;
        uint64 interval;
        uint8 status;
        uint64 nextRun;
        uint128 budgetWei;
        uint32 runsLeft;
        uint256 targetId;
    }

    /// @notice First fire one interval from now; more than 1,000,000 runs count as that many. `ZeroBudget`,
    /// `ZeroInterval`, `BadInterval`, `ZeroRuns`, `TaskTooLarge`, `UnregisteredTarget`, `NotConfigured`,
    /// `TooManyActiveJobs`, `CastOverflow` for a budget of 2^96 wei and more, then the pull.
    function scheduleJob(uint256 targetId, bytes calldata task, uint64 interval, uint128 budgetWei, uint32 maxRuns)
        external
        returns (uint256 id);
    /// @notice Scheduler: a job for the parent's owner on part of the parent's budget. `NotScheduler`, the checks
    /// of the arguments, `UnknownJob`, `ParentNotActive`, `MaxDepthExceeded`, `InsufficientParentBudget`,
    /// `TooManyActiveJobs`.
    function scheduleChildJob(
        uint256 parentJobId,
        uint256 targetId,
        bytes calldata task,
        uint64 interval,
        uint128 budgetWei,
        uint32 maxRuns
    ) external returns (uint256 id);
    /// @notice Scheduler: debits one fire and moves the job to its next slot on the original grid; a job that cannot
    /// afford the same again, or has no runs left, ends and is refunded. `NotScheduler`, `UnknownJob`, `JobNotActive`,
    /// `NotDue`, `StaleNextRun`, `SpendExceedsBudget`, `RunCapExceeded`, `Leased`.
    /// @return newNextRun Zero when the job ended.
    function recordRun(uint256 id, uint64 expectedNextRun, uint128 spentWei) external returns (uint64 newNextRun);
    /// @notice As `recordRun` for up to 32 jobs (`BatchTooLarge`, `LengthMismatch`); one that cannot be recorded is
    /// skipped.
    /// @return newNextRuns Zero for a job skipped or ended; the events tell which.
    function recordRuns(uint256[] calldata ids, uint64[] calldata expected, uint128[] calldata spent)
        external
        returns (uint64[] memory newNextRuns);
    /// @notice Scheduler: the goal is met; ends the job and refunds it. `NotScheduler`, `UnknownJob`, `JobNotActive`.
    function completeJob(uint256 id) external;
    /// @notice Scheduler: short claims, at most 32 jobs and 600 seconds, so that two workers do not both do the work.
    /// `NotScheduler`, `BadLease`, `BatchTooLarge`.
    /// @return taken False for a job that is not active or leased by somebody else.
    function leaseJobs(uint256[] calldata ids, uint32 ttl) external returns (bool[] memory taken);

    /// @notice Owner: ends the job, full refund. `UnknownJob`, `NotJobOwner`, `JobNotActive` (unless active or paused).
    function cancelJob(uint256 id) external;
    /// @notice Owner. `UnknownJob`, `NotJobOwner`, `JobNotActive`.
    function pauseJob(uint256 id) external;
    /// @notice Owner: due one interval from now. `UnknownJob`, `NotJobOwner`, `JobNotPaused`.
    function resumeJob(uint256 id) external;
    /// @notice Owner. `ZeroBudget`, `UnknownJob`, `NotJobOwner`, `JobNotActive` (unless active or paused).
    function topUpJob(uint256 id, uint128 addWei) external;
    /// @notice Owner: most a single fire may debit; 0 leaves only the budget. `UnknownJob`, `NotJobOwner`.
    function setRunCap(uint256 id, uint128 maxSpendPerRun) external;
    /// @notice Anyone: cancels and refunds a job nobody fired for 30 days past its time. `UnknownJob`, `JobNotActive`,
    /// `NotStale`.
    function reapJob(uint256 id) external;

    /// @notice Diamond owner: the first scheduler, instead of the previous one; zero for none.
    function setScheduler(address scheduler) external;
    /// @notice Diamond owner: further schedulers. `ZeroAddress`.
    function addScheduler(address scheduler, bool allowed) external;
    function schedulerAddress() external view returns (address);
    function isScheduler(address account) external view returns (bool);

    /// @notice Due jobs, oldest minute first, at most `limit` (200). Costs by what is due, not by how many jobs exist.
    /// @param startAfter 0 to start, then the previous `nextCursor`. A job that moves between pages may appear twice,
    /// none is left out.
    /// @return ids The page.
    /// @return nextCursor 2^256-1 when there is nothing more.
    function jobsDue(uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor);
    /// @notice How many jobs are due at `asOf`, counted up to `cap`.
    function dueCount(uint64 asOf, uint256 cap) external view returns (uint256 count);
    /// @notice `UnknownJob`. A job that ended has `nextRun` 0.
    function getJob(uint256 id) external view returns (JobView memory job);
    /// @notice `UnknownJob`.
    function taskOf(uint256 id) external view returns (bytes memory task);
    /// @notice Every job `owner` ever had; may exceed the gas limit of a node for huge accounts.
    function jobsOf(address owner) external view returns (uint256[] memory ids);
    /// @param startAfter Index into the list; `nextCursor` is the index to go on from.
    function jobsOfPage(address owner, uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor);
    function jobCount() external view returns (uint256);
    /// @notice Active and paused jobs of `owner`, at most 32.
    function activeJobsOf(address owner) external view returns (uint256);
    /// @notice The same as `activeJobsOf`.
    function activeJobCountOf(address owner) external view returns (uint256);
    /// @notice `UnknownJob`. A root is its own root, with parent 0 and depth 0.
    function childMetaOf(uint256 id) external view returns (uint256 parentId, uint8 depth, uint256 rootId);
    /// @return time When the job last fired, 0 for never.
    /// @return status The job's status after that.
    function lastRunOf(uint256 id) external view returns (uint64 time, uint8 status);
    function runCapOf(uint256 id) external view returns (uint128 maxSpendPerRun);
    /// @return holder The scheduler holding the lease, zero when there is none in force.
    /// @return until Last second of the lease.
    function leaseOf(uint256 id) external view returns (address holder, uint64 until);
    /// @return Whether the job ended through `completeJob`.
    function completedGoal(uint256 id) external view returns (bool);
}
