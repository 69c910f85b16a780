// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Job, ScheduleStorage} from "../storage/ScheduleStorage.sol";
import {LibBitset} from "./LibBitset.sol";
import {LibCast} from "./LibCast.sol";
import {LibNs} from "./LibNs.sol";
import {LibPage} from "./LibPage.sol";

/// @title Which jobs are due, at a cost that follows the due ones
/// @dev Time is cut into minutes. The jobs of a minute are a doubly linked list through the job records; eight heads
/// share a word, and a bitset marks the words that are not zero. Exactly the active jobs are linked. A page cursor is
/// `minute << 128 | last id returned`.
library LibDueIndex {
    uint256 internal constant MINUTE = 60;
    /// @dev The status of linked jobs.
    uint8 internal constant ACTIVE = 0;
    uint256 private constant HEADS = 8;
    uint256 private constant ID_BITS = 32;
    uint256 private constant ID = type(uint32).max;
    /// @dev A minute that no clock reaches.
    uint256 private constant NEVER = type(uint128).max;

    function insert(uint256 id, uint256 nextRun) internal {
        ScheduleStorage storage s = LibNs.schedule();
        uint256 head = _setHead(s, nextRun / MINUTE, id);
        if (head == 0) return;
        s.jobs[id].next = uint32(head);
        s.jobs[head].previous = uint32(id);
    }

    function remove(uint256 id, uint256 nextRun) internal {
        ScheduleStorage storage s = LibNs.schedule();
        Job storage job = s.jobs[id];
        uint32 previous = job.previous;
        uint32 next = job.next;
        if (previous == 0) _setHead(s, nextRun / MINUTE, next);
        else s.jobs[previous].next = next;
        if (next != 0) s.jobs[next].previous = previous;
        if (previous == 0 && next == 0) return;
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
        (uint256 minute, uint256 id) = _from(s, resumed);
        if (id != 0 && minute == resumed) id = _behind(s, cursor, id);
        while (minute * MINUTE <= block.timestamp) {
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
            (minute, id) = _from(s, minute + 1);
        }
        return (LibPage.shorten(ids, found), LibPage.END);
    }

    function count(uint256 asOf, uint256 cap) internal view returns (uint256 found) {
        ScheduleStorage storage s = LibNs.schedule();
        (uint256 minute, uint256 id) = _from(s, 0);
        while (minute * MINUTE <= asOf && found < cap) {
            bool over = minute * MINUTE + MINUTE <= asOf;
            while (id != 0 && found < cap) {
                if (over || s.jobs[id].nextRun <= asOf) found += 1;
                id = s.jobs[id].next;
            }
            (minute, id) = _from(s, minute + 1);
        }
    }

    /// @dev Returns the head that was there. The bitset learns of a word only when it begins or stops being zero.
    function _setHead(ScheduleStorage storage s, uint256 minute, uint256 id) private returns (uint256 head) {
        uint256 place = minute / HEADS;
        uint256 shift = (minute % HEADS) * ID_BITS;
        uint256 word = s.due.heads.words[place];
        head = (word >> shift) & ID;
        uint256 afterwards = word ^ ((head ^ LibCast.toUint32(id)) << shift);
        s.due.heads.words[place] = afterwards;
        if (word == 0) LibBitset.set(s.due.buckets, place);
        else if (afterwards == 0) LibBitset.clear(s.due.buckets, place);
    }

    /// @dev The first minute with jobs that is at least `minute`, and its head; past all of them NEVER and 0.
    /// Neighbours mostly share a word, so that is looked at before the bitset is searched.
    function _from(ScheduleStorage storage s, uint256 minute) private view returns (uint256 found, uint256 head) {
        uint256 place = minute / HEADS;
        uint256 shift = (minute % HEADS) * ID_BITS;
        uint256 word = s.due.heads.words[place] >> shift;
        if (word != 0) return _lowest(minute, word);
        bool more;
        (more, place) = LibBitset.next(s.due.buckets, place + 1);
        if (!more) return (NEVER, 0);
        return _lowest(place * HEADS, s.due.heads.words[place]);
    }

    /// @dev The first head in a word that is not zero, whose lowest one is `minute`'s.
    function _lowest(uint256 minute, uint256 word) private pure returns (uint256 found, uint256 head) {
        if (uint128(word) == 0) {
            minute += 4;
            word >>= 4 * ID_BITS;
        }
        if (uint64(word) == 0) {
            minute += 2;
            word >>= 2 * ID_BITS;
        }
        if (uint32(word) == 0) {
            minute += 1;
            word >>= ID_BITS;
        }
        return (minute, word & ID);
    }

    function _behind(ScheduleStorage storage s, uint256 cursor, uint256 head) private view returns (uint256) {
        Job storage last = s.jobs[uint128(cursor)];
        bool linked =
            last.owner != address(0) && last.status == ACTIVE && last.nextRun / MINUTE == cursor >> 128;
        return linked ? last.next : head;
    }
}
