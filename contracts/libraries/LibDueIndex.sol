// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Job, ScheduleStorage} from "../storage/ScheduleStorage.sol";
import {LibBitset} from "./LibBitset.sol";
import {LibIdPages} from "./LibIdPages.sol";
import {LibNs} from "./LibNs.sol";
import {LibPage} from "./LibPage.sol";

/// @title Which jobs are due, at a cost that follows the due ones
/// @dev Time is cut into minutes. A bitset marks the minutes that have jobs; the jobs of a minute are a doubly linked
/// list through the job records, its head in a packed page. Exactly the active jobs are linked. A page cursor is
/// `minute << 128 | last id returned`.
library LibDueIndex {
    uint256 internal constant MINUTE = 60;
    /// @dev The status of linked jobs.
    uint8 internal constant ACTIVE = 0;

    function insert(uint256 id, uint256 nextRun) internal {
        ScheduleStorage storage s = LibNs.schedule();
        uint256 minute = nextRun / MINUTE;
        uint256 head = LibIdPages.get(s.due.heads, minute);
        if (head == 0) {
            LibBitset.set(s.due.buckets, minute);
        } else {
            s.jobs[id].next = uint32(head);
            s.jobs[head].previous = uint32(id);
        }
        LibIdPages.set(s.due.heads, minute, id);
    }

    function remove(uint256 id, uint256 nextRun) internal {
        ScheduleStorage storage s = LibNs.schedule();
        uint256 minute = nextRun / MINUTE;
        Job storage job = s.jobs[id];
        uint32 previous = job.previous;
        uint32 next = job.next;
        if (previous != 0) s.jobs[previous].next = next;
        else LibIdPages.set(s.due.heads, minute, next);
        if (next != 0) s.jobs[next].previous = previous;
        if (previous == 0 && next == 0) {
            LibBitset.clear(s.due.buckets, minute);
            return;
        }
        job.previous = 0;
        job.next = 0;
    }

    /// @dev Resumes behind the last id when that job is still in its minute; otherwise the minute starts over, so a
    /// page may repeat jobs but never skips one.
    function page(uint256 cursor, uint256 limit) internal view returns (uint256[] memory ids, uint256 nextCursor) {
        if (cursor == LibPage.END || limit == 0) return (new uint256[](0), LibPage.END);
        ScheduleStorage storage s = LibNs.schedule();
        ids = new uint256[](limit);
        uint256 found = 0;
        uint256 resumed = cursor >> 128;
        (bool more, uint256 minute) = LibBitset.next(s.due.buckets, resumed);
        while (more && minute * MINUTE <= block.timestamp) {
            uint256 id = minute == resumed ? _behind(s, cursor) : LibIdPages.get(s.due.heads, minute);
            // Only the current minute can hold jobs that are not due yet; the clocks of others are not read.
            bool over = minute * MINUTE + MINUTE <= block.timestamp;
            while (id != 0) {
                if (over || s.jobs[id].nextRun <= block.timestamp) {
                    ids[found] = id;
                    found += 1;
                    if (found == limit) return (ids, (minute << 128) | id);
                }
                id = s.jobs[id].next;
            }
            (more, minute) = LibBitset.next(s.due.buckets, minute + 1);
        }
        return (LibPage.shorten(ids, found), LibPage.END);
    }

    function count(uint256 asOf, uint256 cap) internal view returns (uint256 found) {
        ScheduleStorage storage s = LibNs.schedule();
        (bool more, uint256 minute) = LibBitset.next(s.due.buckets, 0);
        while (more && minute * MINUTE <= asOf && found < cap) {
            uint256 id = LibIdPages.get(s.due.heads, minute);
            bool over = minute * MINUTE + MINUTE <= asOf;
            while (id != 0 && found < cap) {
                if (over || s.jobs[id].nextRun <= asOf) found += 1;
                id = s.jobs[id].next;
            }
            (more, minute) = LibBitset.next(s.due.buckets, minute + 1);
        }
    }

    function _behind(ScheduleStorage storage s, uint256 cursor) private view returns (uint256) {
        uint256 minute = cursor >> 128;
        Job storage last = s.jobs[uint128(cursor)];
        bool linked = last.owner != address(0) && last.status == ACTIVE && last.nextRun / MINUTE == minute;
        return linked ? last.next : LibIdPages.get(s.due.heads, minute);
    }
}
