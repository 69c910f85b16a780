// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {CircularBuffer} from "@openzeppelin/contracts/utils/structs/CircularBuffer.sol";
import {DoubleEndedQueue} from "@openzeppelin/contracts/utils/structs/DoubleEndedQueue.sol";
import {Heap} from "@openzeppelin/contracts/utils/structs/Heap.sol";

contract Queues {
    using BitMaps for BitMaps.BitMap;
    using Checkpoints for Checkpoints.Trace160;
    using CircularBuffer for CircularBuffer.Bytes32CircularBuffer;
    using DoubleEndedQueue for DoubleEndedQueue.Bytes32Deque;
    using Heap for Heap.Uint256Heap;

    BitMaps.BitMap private bits;
    Checkpoints.Trace160 private trace;
    CircularBuffer.Bytes32CircularBuffer private ring;
    DoubleEndedQueue.Bytes32Deque private queue;
    Heap.Uint256Heap private heap;

    constructor() {
        ring.setup(3);
    }

    function bit(uint256 n, bool on) external returns (bool before) {
        before = bits.get(n);
        bits.setTo(n, on);
    }

    function check(uint8 step, uint160 value) external returns (uint160, uint160, uint256) {
        (bool some, uint96 last, uint160 latest) = trace.latestCheckpoint();
        trace.push((some ? last : 0) + step % 4, value);
        return (latest, trace.upperLookupRecent(last), trace.length());
    }

    function lookup(uint96 key) external view returns (uint160, uint160) {
        return (trace.lowerLookup(key % 64), trace.upperLookup(key % 64));
    }

    function round(bytes32 value) external returns (uint256, bytes32) {
        ring.push(value);
        return (ring.count(), ring.last(ring.count() - 1));
    }

    function push(bytes32 value, bool front) external {
        if (front) queue.pushFront(value);
        else queue.pushBack(value);
    }

    function pop(bool front) external returns (bytes32, uint256) {
        return (front ? queue.popFront() : queue.popBack(), queue.length());
    }

    function grow(uint8 value) external returns (uint256) {
        heap.insert(value);
        return heap.peek();
    }

    function shrink() external returns (uint256, uint256) {
        return (heap.pop(), heap.length());
    }

    function swap(uint8 value) external returns (uint256) {
        return heap.replace(value);
    }
}
