// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IScheduleFacet} from "../interfaces/IScheduleFacet.sol";
import {Job, Lease, ScheduleStorage} from "../storage/ScheduleStorage.sol";
import {LibBuckets} from "./LibBuckets.sol";
import {LibCast} from "./LibCast.sol";
import {LibCredits} from "./LibCredits.sol";
import {LibDueIndex} from "./LibDueIndex.sol";
import {LibIdPages} from "./LibIdPages.sol";
import {LibNs} from "./LibNs.sol";
import {LibRegistry} from "./LibRegistry.sol";
import {LibToken} from "./LibToken.sol";

/// @dev What a new job is made of.
struct JobDraft {
    address owner;
    uint256 targetId;
    uint64 interval;
    uint128 budget;
    uint32 runs;
}

/// @title The life of a job's record and escrow
library LibSchedule {
    uint8 internal constant ACTIVE = 0;
    uint8 internal constant PAUSED = 1;
    uint8 internal constant CANCELLED = 2;
    uint8 internal constant EXHAUSTED = 3;

    /// @dev Verdicts on a fire.
    uint8 internal constant OK = 0;
    uint8 internal constant UNKNOWN = 1;
    uint8 internal constant NOT_ACTIVE = 2;
    uint8 internal constant NOT_DUE = 3;
    uint8 internal constant STALE = 4;
    uint8 internal constant OVER_BUDGET = 5;
    uint8 internal constant OVER_CAP = 6;
    uint8 internal constant LEASED = 7;

    uint64 internal constant MIN_INTERVAL = 60;
    uint64 internal constant MAX_INTERVAL = 365 days;
    uint32 internal constant MAX_RUNS = 1_000_000;
    uint64 internal constant MAX_ACTIVE = 32;
    uint256 internal constant MAX_TASK = 8_192;

    function get(uint256 id) internal view returns (Job storage job) {
        job = LibNs.schedule().jobs[id];
        if (job.owner == address(0)) revert IScheduleFacet.UnknownJob();
    }

    function requireDraft(JobDraft memory draft, bytes calldata task) internal view {
        if (draft.budget == 0) revert IScheduleFacet.ZeroBudget();
        if (draft.interval < MIN_INTERVAL) revert IScheduleFacet.ZeroInterval();
        if (draft.interval > MAX_INTERVAL) revert IScheduleFacet.BadInterval();
        if (draft.runs == 0) revert IScheduleFacet.ZeroRuns();
        if (task.length > MAX_TASK) revert IScheduleFacet.TaskTooLarge();
        if (LibRegistry.ownerOf(draft.targetId) == address(0)) revert IScheduleFacet.UnregisteredTarget();
    }

    /// @dev Numbers the job, lists it under its owner and puts it into the due index. `TooManyActiveJobs`.
    function create(JobDraft memory draft, bytes calldata task) internal returns (uint256 id) {
        ScheduleStorage storage s = LibNs.schedule();
        uint64 live = s.owners[draft.owner].live;
        if (live >= MAX_ACTIVE) revert IScheduleFacet.TooManyActiveJobs();
        uint64 total = s.owners[draft.owner].total;
        s.owners[draft.owner].live = live + 1;
        s.owners[draft.owner].total = total + 1;
        id = s.count + 1;
        s.count = id;
        LibIdPages.set(s.lists[draft.owner], total, id);
        s.tasks[id] = task;
        uint256 nextRun = block.timestamp + draft.interval;
        Job storage job = s.jobs[id];
        job.owner = draft.owner;
        job.interval = uint32(draft.interval);
        job.nextRun = uint40(nextRun);
        job.budget = LibCast.toUint96(draft.budget);
        job.runsLeft = uint24(draft.runs < MAX_RUNS ? draft.runs : MAX_RUNS);
        // Registered ids fit 32 bits.
        job.targetId = uint32(draft.targetId);
        LibDueIndex.insert(id, nextRun);
        emit IScheduleFacet.JobScheduled(
            id, draft.owner, draft.targetId, draft.interval, draft.budget, uint64(nextRun)
        );
    }

    /// @dev Whether `caller` may fire the job now; the first thing wrong decides.
    function judge(uint256 id, uint64 expected, uint128 spent, address caller) internal view returns (uint8) {
        ScheduleStorage storage s = LibNs.schedule();
        Job storage job = s.jobs[id];
        if (job.owner == address(0)) return UNKNOWN;
        if (job.status != ACTIVE) return NOT_ACTIVE;
        if (block.timestamp < job.nextRun) return NOT_DUE;
        if (expected != job.nextRun) return STALE;
        if (spent > job.budget) return OVER_BUDGET;
        if (!job.limited) return OK;
        uint128 cap = job.runCap;
        if (cap != 0 && spent > cap) return OVER_CAP;
        if (job.leased && !mayLease(s.leases[id], caller)) return LEASED;
        return OK;
    }

    /// @dev What a run left behind: only the last run of a job exhausts it, unless the job was completed.
    function lastRunStatus(Job storage job) internal view returns (uint8) {
        return job.status == EXHAUSTED && !job.completed ? EXHAUSTED : ACTIVE;
    }

    /// @dev No lease of somebody else is in force.
    function mayLease(Lease storage lease, address caller) internal view returns (bool) {
        return lease.holder == caller || block.timestamp > lease.until;
    }

    /// @dev Debits one fire that `judge` found in order.
    function fire(uint256 id, uint128 spent) internal returns (uint64 newNextRun) {
        // Effect
        ScheduleStorage storage s = LibNs.schedule();
        Job storage job = s.jobs[id];
        uint256 slot = job.nextRun;
        // `judge` has seen that the budget covers it.
        uint96 remaining = job.budget - uint96(spent);
        uint24 runsLeft = job.runsLeft - 1;
        bool over = runsLeft == 0 || remaining < spent;
        LibDueIndex.remove(id, slot);
        if (job.limited && job.leased) {
            job.leased = false;
            job.limited = job.runCap != 0;
            delete s.leases[id];
        }
        if (!over) newNextRun = uint64(nextOnGrid(slot, job.interval));
        job.nextRun = uint40(newNextRun);
        job.budget = over ? 0 : remaining;
        job.runsLeft = runsLeft;
        job.lastRunAt = uint40(block.timestamp);
        uint8 status = over ? EXHAUSTED : ACTIVE;
        address owner = job.owner;
        if (over) {
            job.status = EXHAUSTED;
            s.owners[owner].live -= 1;
        } else {
            LibDueIndex.insert(id, newNextRun);
        }
        // Interaction
        address token = LibCredits.token();
        if (spent != 0) LibToken.move(token, LibBuckets.SCHEDULE, LibBuckets.TREASURY, spent);
        emit IScheduleFacet.JobRan(id, runsLeft, spent, newNextRun, status);
        if (over) {
            if (remaining != 0) LibToken.pushOrOwe(token, owner, remaining, LibBuckets.SCHEDULE);
            emit IScheduleFacet.JobExhausted(id, remaining);
        }
    }

    /// @dev The first time after now on the grid of `slot`: one fire after an outage, then the old phase again.
    function nextOnGrid(uint256 slot, uint256 interval) internal view returns (uint256 next) {
        next = slot + interval;
        // An interval is at least 60, so the division is safe.
        if (next <= block.timestamp) next = slot + ((block.timestamp - slot) / interval + 1) * interval;
    }

    /// @dev Ends a live job and returns what is left of its budget, still in the SCHEDULE bucket.
    function close(uint256 id, Job storage job, uint8 status) internal returns (uint128 refund) {
        if (job.status == ACTIVE) LibDueIndex.remove(id, job.nextRun);
        refund = job.budget;
        job.status = status;
        job.nextRun = 0;
        job.budget = 0;
        LibNs.schedule().owners[job.owner].live -= 1;
    }

    /// @dev The named error of a verdict; returns for OK.
    function requireOk(uint8 verdict) internal pure {
        if (verdict == OK) return;
        if (verdict == UNKNOWN) revert IScheduleFacet.UnknownJob();
        if (verdict == NOT_ACTIVE) revert IScheduleFacet.JobNotActive();
        if (verdict == NOT_DUE) revert IScheduleFacet.NotDue();
        if (verdict == STALE) revert IScheduleFacet.StaleNextRun();
        if (verdict == OVER_BUDGET) revert IScheduleFacet.SpendExceedsBudget();
        if (verdict == OVER_CAP) revert IScheduleFacet.RunCapExceeded();
        revert IScheduleFacet.Leased();
    }
}
