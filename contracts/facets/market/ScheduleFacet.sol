// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IScheduleFacet} from "../../interfaces/IScheduleFacet.sol";
import {LibBuckets} from "../../libraries/LibBuckets.sol";
import {LibCast} from "../../libraries/LibCast.sol";
import {LibCredits} from "../../libraries/LibCredits.sol";
import {LibDiamond} from "../../libraries/LibDiamond.sol";
import {LibDueIndex} from "../../libraries/LibDueIndex.sol";
import {LibIdPages} from "../../libraries/LibIdPages.sol";
import {LibLock} from "../../libraries/LibLock.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibPage} from "../../libraries/LibPage.sol";
import {JobDraft, LibSchedule} from "../../libraries/LibSchedule.sol";
import {LibToken} from "../../libraries/LibToken.sol";
import {Job, Lease, ScheduleStorage} from "../../storage/ScheduleStorage.sol";

/// @title ScheduleFacet: documented at IScheduleFacet
contract ScheduleFacet is IScheduleFacet {
    uint8 private constant MAX_DEPTH = 4;
    uint256 private constant MAX_BATCH = 32;
    uint32 private constant MAX_LEASE = 600;
    uint256 private constant STALE_AFTER = 30 days;

    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    modifier onlyScheduler() {
        if (!_isScheduler(msg.sender)) revert NotScheduler();
        _;
    }

    // Making

    function scheduleJob(uint256 targetId, bytes calldata task, uint64 interval, uint128 budgetWei, uint32 maxRuns)
        external
        nonReentrant
        returns (uint256 id)
    {
        // Check
        JobDraft memory draft = JobDraft(msg.sender, targetId, interval, budgetWei, maxRuns);
        LibSchedule.requireDraft(draft, task);
        address token = LibCredits.token();
        // Effect
        id = LibSchedule.create(draft, task);
        // Interaction
        LibToken.pullExact(token, msg.sender, budgetWei, LibBuckets.SCHEDULE);
    }

    function scheduleChildJob(
        uint256 parentJobId,
        uint256 targetId,
        bytes calldata task,
        uint64 interval,
        uint128 budgetWei,
        uint32 maxRuns
    ) external onlyScheduler nonReentrant returns (uint256 id) {
        // Check
        JobDraft memory draft = JobDraft(address(0), targetId, interval, budgetWei, maxRuns);
        LibSchedule.requireDraft(draft, task);
        Job storage parent = LibSchedule.get(parentJobId);
        if (parent.status != LibSchedule.ACTIVE) revert ParentNotActive();
        if (parent.depth >= MAX_DEPTH) revert MaxDepthExceeded();
        if (budgetWei > parent.budget) revert InsufficientParentBudget();
        // Effect: the budget only changes jobs; its bucket holds the same as before.
        draft.owner = parent.owner;
        parent.budget -= uint96(budgetWei);
        id = LibSchedule.create(draft, task);
        _adopt(id, parentJobId, parent);
    }

    // Firing

    function recordRun(uint256 id, uint64 expectedNextRun, uint128 spentWei)
        external
        onlyScheduler
        nonReentrant
        returns (uint64 newNextRun)
    {
        LibSchedule.requireOk(LibSchedule.judge(id, expectedNextRun, spentWei, msg.sender));
        newNextRun = LibSchedule.fire(id, spentWei);
    }

    function recordRuns(uint256[] calldata ids, uint64[] calldata expected, uint128[] calldata spent)
        external
        onlyScheduler
        nonReentrant
        returns (uint64[] memory newNextRuns)
    {
        if (ids.length > MAX_BATCH) revert BatchTooLarge(MAX_BATCH);
        if (expected.length != ids.length || spent.length != ids.length) revert LengthMismatch();
        newNextRuns = new uint64[](ids.length);
        for (uint256 i = 0; i < ids.length; i++) {
            if (LibSchedule.judge(ids[i], expected[i], spent[i], msg.sender) != LibSchedule.OK) continue;
            newNextRuns[i] = LibSchedule.fire(ids[i], spent[i]);
        }
    }

    function completeJob(uint256 id) external onlyScheduler nonReentrant {
        // Check
        Job storage job = LibSchedule.get(id);
        _requireLive(job);
        // Effect
        address owner = job.owner;
        uint128 refund = LibSchedule.close(id, job, LibSchedule.EXHAUSTED);
        job.completed = true;
        // Interaction
        if (refund != 0) LibToken.pushOrOwe(LibCredits.token(), owner, refund, LibBuckets.SCHEDULE);
        emit JobCompleted(id, refund);
    }

    function leaseJobs(uint256[] calldata ids, uint32 ttl) external onlyScheduler returns (bool[] memory taken) {
        if (ttl > MAX_LEASE) revert BadLease();
        if (ids.length > MAX_BATCH) revert BatchTooLarge(MAX_BATCH);
        taken = new bool[](ids.length);
        uint64 until = uint64(block.timestamp) + ttl;
        ScheduleStorage storage s = LibNs.schedule();
        for (uint256 i = 0; i < ids.length; i++) {
            uint256 id = ids[i];
            Job storage job = s.jobs[id];
            if (job.owner == address(0) || job.status != LibSchedule.ACTIVE) continue;
            if (job.leased && !LibSchedule.mayLease(s.leases[id], msg.sender)) continue;
            job.leased = true;
            job.limited = true;
            s.leases[id] = Lease(msg.sender, uint40(until));
            taken[i] = true;
            emit JobLeased(id, msg.sender, until);
        }
    }

    // Owning

    function cancelJob(uint256 id) external nonReentrant {
        // Check
        Job storage job = _ownJob(id);
        _requireLive(job);
        // Effect
        uint128 refund = LibSchedule.close(id, job, LibSchedule.CANCELLED);
        // Interaction
        if (refund != 0) LibToken.push(LibCredits.token(), msg.sender, refund, LibBuckets.SCHEDULE);
        emit JobCancelled(id, refund);
    }

    function pauseJob(uint256 id) external {
        Job storage job = _ownJob(id);
        if (job.status != LibSchedule.ACTIVE) revert JobNotActive();
        job.status = LibSchedule.PAUSED;
        LibDueIndex.remove(id, job.nextRun);
        emit JobPaused(id);
    }

    function resumeJob(uint256 id) external {
        Job storage job = _ownJob(id);
        if (job.status != LibSchedule.PAUSED) revert JobNotPaused();
        uint256 nextRun = block.timestamp + job.interval;
        job.status = LibSchedule.ACTIVE;
        job.nextRun = uint40(nextRun);
        LibDueIndex.insert(id, nextRun);
        emit JobResumed(id, uint64(nextRun));
    }

    function topUpJob(uint256 id, uint128 addWei) external nonReentrant {
        // Check
        if (addWei == 0) revert ZeroBudget();
        Job storage job = _ownJob(id);
        _requireLive(job);
        // Effect
        uint96 budget = LibCast.toUint96(uint256(job.budget) + addWei);
        job.budget = budget;
        // Interaction
        LibToken.pullExact(LibCredits.token(), msg.sender, addWei, LibBuckets.SCHEDULE);
        emit JobToppedUp(id, addWei, budget);
    }

    function setRunCap(uint256 id, uint128 maxSpendPerRun) external {
        Job storage job = _ownJob(id);
        job.runCap = maxSpendPerRun;
        job.limited = maxSpendPerRun != 0 || job.leased;
        emit RunCapSet(id, maxSpendPerRun);
    }

    function reapJob(uint256 id) external nonReentrant {
        // Check
        Job storage job = LibSchedule.get(id);
        if (job.status != LibSchedule.ACTIVE) revert JobNotActive();
        if (block.timestamp <= job.nextRun + STALE_AFTER) revert NotStale();
        // Effect
        address owner = job.owner;
        uint128 refund = LibSchedule.close(id, job, LibSchedule.CANCELLED);
        // Interaction
        if (refund != 0) LibToken.pushOrOwe(LibCredits.token(), owner, refund, LibBuckets.SCHEDULE);
        emit JobReaped(id, refund);
    }

    // Roles

    function setScheduler(address scheduler) external {
        LibDiamond.requireOwner();
        LibNs.schedule().scheduler = scheduler;
        emit SchedulerUpdated(scheduler);
    }

    function addScheduler(address scheduler, bool allowed) external {
        LibDiamond.requireOwner();
        if (scheduler == address(0)) revert ZeroAddress();
        LibNs.schedule().schedulers[scheduler] = allowed;
        emit SchedulerSet(scheduler, allowed);
    }

    function schedulerAddress() external view returns (address) {
        return LibNs.schedule().scheduler;
    }

    function isScheduler(address account) external view returns (bool) {
        return _isScheduler(account);
    }

    // Views

    function jobsDue(uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor)
    {
        return LibDueIndex.page(startAfter, LibPage.clamp(limit));
    }

    function dueCount(uint64 asOf, uint256 cap) external view returns (uint256 count) {
        return LibDueIndex.count(asOf, cap);
    }

    function getJob(uint256 id) external view returns (JobView memory view_) {
        Job storage job = LibSchedule.get(id);
        view_.owner = job.owner;
        view_.interval = job.interval;
        view_.status = job.status;
        view_.nextRun = job.nextRun;
        view_.budgetWei = job.budget;
        view_.runsLeft = job.runsLeft;
        view_.targetId = job.targetId;
    }

    function taskOf(uint256 id) external view returns (bytes memory task) {
        LibSchedule.get(id);
        return LibNs.schedule().tasks[id];
    }

    function jobsOf(address owner) external view returns (uint256[] memory ids) {
        ScheduleStorage storage s = LibNs.schedule();
        return LibIdPages.all(s.lists[owner], s.owners[owner].total);
    }

    function jobsOfPage(address owner, uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor)
    {
        ScheduleStorage storage s = LibNs.schedule();
        return LibIdPages.slice(s.lists[owner], s.owners[owner].total, startAfter, LibPage.clamp(limit));
    }

    function jobCount() external view returns (uint256) {
        return LibNs.schedule().count;
    }

    function activeJobsOf(address owner) external view returns (uint256) {
        return LibNs.schedule().owners[owner].live;
    }

    function activeJobCountOf(address owner) external view returns (uint256) {
        return LibNs.schedule().owners[owner].live;
    }

    function childMetaOf(uint256 id) external view returns (uint256 parentId, uint8 depth, uint256 rootId) {
        Job storage job = LibSchedule.get(id);
        return (job.parentId, job.depth, job.depth == 0 ? id : job.rootId);
    }

    function lastRunOf(uint256 id) external view returns (uint64 time, uint8 status) {
        Job storage job = LibNs.schedule().jobs[id];
        return (job.lastRunAt, LibSchedule.lastRunStatus(job));
    }

    function runCapOf(uint256 id) external view returns (uint128 maxSpendPerRun) {
        return LibNs.schedule().jobs[id].runCap;
    }

    function leaseOf(uint256 id) external view returns (address holder, uint64 until) {
        Lease storage lease = LibNs.schedule().leases[id];
        if (block.timestamp <= lease.until) return (lease.holder, lease.until);
    }

    function completedGoal(uint256 id) external view returns (bool) {
        return LibNs.schedule().jobs[id].completed;
    }

    // Rules

    /// @dev Ties a child to its tree; it is as tightly capped as its parent.
    function _adopt(uint256 id, uint256 parentId, Job storage parent) private {
        Job storage job = LibNs.schedule().jobs[id];
        uint8 depth = parent.depth + 1;
        uint256 rootId = depth == 1 ? parentId : parent.rootId;
        job.depth = depth;
        // Both have been listed by `create`, which admits no id beyond 32 bits.
        job.parentId = uint32(parentId);
        job.rootId = uint32(rootId);
        uint128 cap = parent.runCap;
        if (cap != 0) {
            job.runCap = cap;
            job.limited = true;
        }
        emit ChildJobScheduled(id, parentId, rootId, depth, job.budget);
    }

    function _isScheduler(address account) private view returns (bool) {
        ScheduleStorage storage s = LibNs.schedule();
        return account == s.scheduler || s.schedulers[account];
    }

    function _ownJob(uint256 id) private view returns (Job storage job) {
        job = LibSchedule.get(id);
        if (msg.sender != job.owner) revert NotJobOwner();
    }

    function _requireLive(Job storage job) private view {
        if (job.status > LibSchedule.PAUSED) revert JobNotActive();
    }
}
