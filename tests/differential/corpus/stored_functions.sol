// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// Internal function pointers that stay: in storage, in immutables, from the constructor on.

function outside(uint256 x) pure returns (uint256) {
    return x + 1000;
}

contract Base {
    function(uint256) internal pure returns (uint256) inherited = plain;

    function plain(uint256 x) internal pure virtual returns (uint256) {
        return x;
    }
}

contract Stored is Base {
    struct Job {
        uint8 kind;
        function(uint256) internal pure returns (uint256) run;
        uint64 count;
        function(uint256) internal view returns (uint256)[3] steps;
    }

    struct Task {
        uint8 kind;
        function(uint256) internal pure returns (uint256) run;
        uint64 count;
    }

    function(uint256) internal pure returns (uint256) immutable fixedOne;
    function(uint256) internal pure returns (uint256) immutable chosen;
    uint8 small;
    function(uint256) internal pure returns (uint256) current = onlyInConstructor;
    function(uint256) internal view returns (uint256) looser;
    bool flag = true;
    function(uint256) internal view returns (uint256)[] list;
    mapping(uint256 => function(uint256) internal pure returns (uint256)) table;
    mapping(uint256 => Job) jobs;
    Job job;
    mapping(uint256 => Task) tasks;
    function(uint256) internal pure returns (uint256)[5] five;
    function(uint256) internal view returns (uint256)[7] seven;

    constructor(uint256 which) {
        fixedOne = outside;
        chosen = which % 2 == 0 ? square : onlyInConstructor;
        table[0] = neverNamedLater;
        job.run = plain;
        job.steps[1] = square;
        five = [plain, square, outside, onlyInConstructor, neverNamedLater];
        small = uint8(current(which % 100));
    }

    function plain(uint256 x) internal pure override returns (uint256) {
        return x + 7;
    }

    function square(uint256 x) internal pure returns (uint256) {
        return x * x;
    }

    function onlyInConstructor(uint256 x) internal pure returns (uint256) {
        return 2 * x;
    }

    function neverNamedLater(uint256 x) internal pure returns (uint256) {
        return x / 3;
    }

    function reading(uint256 x) internal view returns (uint256) {
        return x + small;
    }

    function pick(uint256 which) internal pure returns (function(uint256) internal pure returns (uint256) f) {
        if (which % 4 == 0) f = plain;
        if (which % 4 == 1) f = square;
        if (which % 4 == 2) f = outside;
    }

    function kept(uint256 x) external view returns (uint256, uint256, uint256, uint256) {
        return (fixedOne(x), chosen(x), current(x), inherited(x));
    }

    function set(uint256 which) external {
        current = pick(which);
        looser = which % 3 == 0 ? reading : looser;
    }

    function run(uint256 x) external view returns (uint256) {
        return current(x);
    }

    function runLooser(uint256 x) external view returns (uint256) {
        return looser(x);
    }

    function erase(uint8 kind) external {
        if (kind == 0) delete current;
        if (kind == 1) delete looser;
        if (kind == 2) delete list;
        if (kind == 3) delete job;
        if (kind == 4) delete five;
        if (kind == 5) delete table[0];
        if (kind == 6) delete jobs[1];
    }

    function grow(uint256 which) external {
        if (which % 5 == 4) list.push();
        else if (which % 5 == 3) list.push(reading);
        else list.push() = pick(which);
    }

    function shrink() external {
        list.pop();
    }

    function all(uint256 x) external view returns (uint256 total) {
        for (uint256 i = 0; i < list.length; i++) total += list[i](x);
    }

    function put(uint256 key, uint256 which) external {
        table[key] = pick(which);
        jobs[key].run = table[key];
        jobs[key].steps[key % 3] = reading;
        jobs[key].count++;
    }

    function call(uint256 key, uint256 x) external view returns (uint256, uint256) {
        return (table[key](x), jobs[key].run(x));
    }

    function steps(uint256 at, uint256 x) external view returns (uint256, uint256) {
        return (job.steps[at](x), jobs[at].steps[at](x));
    }

    function copies(uint256 x, uint256 which) external returns (uint256) {
        Task memory copy = tasks[x % 3];
        copy.kind++;
        copy.run = pick(which);
        tasks[which % 3] = copy;
        job.run = copy.run;
        Job storage here = jobs[which % 4];
        here.steps = job.steps;
        jobs[5] = here;
        list = five;
        list = seven;
        seven = job.steps;
        seven = [plain, square, outside];
        return copy.run(x) + five[which % 5](x);
    }

    function swap() external {
        (current, five[0]) = (five[0], current);
        (five[1], five[2]) = (five[2], five[1]);
    }

    function fives(uint256 x) external view returns (uint256[5] memory out) {
        function(uint256) internal pure returns (uint256)[5] memory copy;
        for (uint256 i = 0; i < 5; i++) copy[i] = five[i];
        for (uint256 i = 0; i < 5; i++) out[i] = copy[i](x);
    }

    function same(uint256 which) external view returns (bool, bool, bool) {
        return (current == pick(which), five[0] == five[1], fixedOne != outside);
    }

    function assigned(uint256 which, uint256 x) external returns (uint256) {
        return (current = pick(which))(x);
    }

    function places() external pure returns (uint256 a, uint256 b, uint256 c, uint256 d) {
        assembly {
            a := current.slot
            b := current.offset
            c := looser.slot
            d := looser.offset
        }
    }
}
