// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// Internal function pointers that live on the stack and in memory.

function freeTriple(uint256 x) pure returns (uint256) {
    return 3 * x;
}

function applyTwice(function(uint256) internal pure returns (uint256) f, uint256 x) pure returns (uint256) {
    return f(f(x));
}

library Steps {
    function half(uint256 x) internal pure returns (uint256) {
        return x / 2;
    }

    function fold(
        uint256[] memory items,
        function(uint256, uint256) internal pure returns (uint256) step,
        uint256 start
    ) internal pure returns (uint256 result) {
        result = start;
        for (uint256 i = 0; i < items.length; i++) result = step(result, items[i]);
    }

    function map(uint256[] memory items, function(uint256) internal view returns (uint256) f)
        internal
        view
        returns (uint256[] memory result)
    {
        result = new uint256[](items.length);
        for (uint256 i = 0; i < items.length; i++) result[i] = f(items[i]);
    }
}

library Compose {
    function then(
        function(uint256) internal pure returns (uint256) first,
        uint256 x,
        function(uint256) internal pure returns (uint256) second
    ) internal pure returns (uint256) {
        return second(first(x));
    }
}

abstract contract Shape {
    uint256 public trace;

    function area(uint256 side) internal view virtual returns (uint256) {
        return side + 1;
    }

    function perimeter(uint256 side) internal view virtual returns (uint256);

    function measure(bool round, uint256 side) public view returns (uint256) {
        function(uint256) internal view returns (uint256) m = round ? perimeter : area;
        return m(side);
    }
}

contract Pointers is Shape {
    using Steps for uint256[];
    using Compose for function(uint256) internal pure returns (uint256);

    struct Plan {
        uint8 id;
        function(uint256) internal pure returns (uint256) run;
        function(uint256, uint256) internal pure returns (uint256)[2] pair;
    }

    error Odd(uint256 x);

    function area(uint256 side) internal pure override returns (uint256) {
        return side * side;
    }

    function perimeter(uint256 side) internal pure override returns (uint256) {
        return 4 * side;
    }

    function inc(uint256 x) public pure returns (uint256) {
        return x + 1;
    }

    function dec(uint256 x) private pure returns (uint256) {
        return x - 1;
    }

    function strict(uint256 x) internal pure returns (uint256) {
        if (x % 2 == 1) revert Odd(x);
        return x;
    }

    function sum(uint256 a, uint256 b) internal pure returns (uint256) {
        return a + b;
    }

    function product(uint256 a, uint256 b) internal pure returns (uint256) {
        return a * b;
    }

    function pick(uint256 which) internal pure returns (function(uint256) internal pure returns (uint256) f) {
        if (which == 0) return inc;
        if (which == 1) return dec;
        if (which == 2) return strict;
        if (which == 3) return freeTriple;
        if (which == 4) return Steps.half;
    }

    function call(uint256 which, uint256 x) external pure returns (uint256) {
        return pick(which)(x);
    }

    function twice(uint256 which, uint256 x) external pure returns (uint256) {
        return applyTwice(pick(which), x);
    }

    function bases(uint256 side) external view returns (uint256 a, uint256 b, uint256 c) {
        function(uint256) internal view returns (uint256) f = Shape.area;
        a = f(side);
        f = super.area;
        b = f(side);
        f = area;
        c = f(side);
    }

    function folded(uint256[] memory items, bool times) external pure returns (uint256) {
        return items.fold(times ? product : sum, times ? 1 : 0);
    }

    function mapped(uint256[] memory items, uint256 which) external view returns (uint256[] memory) {
        return items.map(pick(which));
    }

    function composed(uint256 x) external pure returns (uint256 a, uint256 b) {
        a = inc.then(x, freeTriple);
        function(uint256) internal pure returns (uint256) f = dec;
        b = f.then(x, strict);
    }

    function arrays(uint256 at, uint256 x) external pure returns (uint256) {
        function(uint256) internal pure returns (uint256)[3] memory fixedOnes = [inc, dec, freeTriple];
        function(uint256) internal pure returns (uint256)[] memory grown =
            new function(uint256) internal pure returns (uint256)[](4);
        for (uint256 i = 0; i < 3; i++) grown[i] = fixedOnes[2 - i];
        return fixedOnes[at % 3](x) + grown[at](x);
    }

    function planned(uint8 id, uint256 x, bool swap) external pure returns (uint256, uint8) {
        Plan memory plan = Plan({id: id, run: inc, pair: [sum, product]});
        if (swap) (plan.pair[0], plan.pair[1]) = (plan.pair[1], plan.pair[0]);
        if (id == 7) delete plan.run;
        if (id == 8) delete plan;
        return (plan.run(plan.pair[0](x, plan.pair[1](x, 2))), plan.id);
    }

    function zero(uint8 kind) external pure returns (uint256) {
        function(uint256) internal pure returns (uint256) f;
        function() internal pure g;
        function(uint256) internal pure returns (uint256)[2] memory several;
        Plan memory plan;
        if (kind == 0) return f(1);
        if (kind == 1) g();
        if (kind == 2) return several[1](1);
        if (kind == 3) return plan.run(1);
        if (kind == 4) return plan.pair[0](1, 2);
        f = inc;
        if (kind == 5) delete f;
        return f(1);
    }

    function same(uint256 a, uint256 b) external pure returns (bool, bool) {
        return (pick(a) == pick(b), pick(a) != inc);
    }

    function swapped(uint256 x) external pure returns (uint256, uint256) {
        (function(uint256) internal pure returns (uint256) a, function(uint256) internal pure returns (uint256) b) =
            (inc, freeTriple);
        (a, b) = (b, a);
        return (a(x), b(x));
    }

    // A pointer that calls itself through a parameter, and one that comes back.
    function countdown(function(uint256, uint256) internal returns (uint256) next, uint256 n, uint256 total)
        internal
        returns (uint256)
    {
        trace++;
        return n == 0 ? total : next(n - 1, total + n);
    }

    function step(uint256 n, uint256 total) internal returns (uint256) {
        return countdown(step, n, total);
    }

    function recursive(uint256 n) external returns (uint256) {
        return countdown(step, n % 12, 0);
    }

    function even(uint256 n) internal pure returns (bool) {
        function(uint256) internal pure returns (bool) other = odd;
        return n == 0 || other(n - 1);
    }

    function odd(uint256 n) internal pure returns (bool) {
        function(uint256) internal pure returns (bool) other = even;
        return n != 0 && other(n - 1);
    }

    function parity(uint8 n) external pure returns (bool) {
        return even(n);
    }

    // Arguments and results of every kind of place.
    function bump(uint256[] storage list, uint256 by) internal returns (uint256) {
        list.push(by);
        return list.length;
    }

    function shrink(uint256[] storage list, uint256) internal returns (uint256) {
        list.pop();
        return list.length;
    }

    uint256[] list;

    function change(bool grow, uint256 by) external returns (uint256) {
        function(uint256[] storage, uint256) internal returns (uint256) f = grow ? bump : shrink;
        return f(list, by);
    }

    function first(bytes calldata data) internal pure returns (bytes calldata) {
        return data[:data.length / 2];
    }

    function last(bytes calldata data) internal pure returns (bytes calldata) {
        return data[data.length / 2:];
    }

    function part(bool front, bytes calldata data) external pure returns (bytes memory, uint256) {
        function(bytes calldata) internal pure returns (bytes calldata) f = front ? first : last;
        bytes calldata cut = f(f(data));
        return (cut, cut.length);
    }

    function three(uint256 a, string memory b) internal pure returns (string memory, uint256, bool) {
        return (string.concat(b, b), a + 1, a > 5);
    }

    function several(uint256 a, string memory b) external pure returns (string memory s, uint256 n, bool flag) {
        function(uint256, string memory) internal pure returns (string memory, uint256, bool) f = three;
        (s, n, flag) = f(a, b);
        (, n,) = f(n, s);
    }

    function nested() internal pure returns (function(uint256) internal pure returns (uint256)) {
        return inc;
    }

    function deep(uint256 x) external pure returns (uint256) {
        function() internal pure returns (function(uint256) internal pure returns (uint256)) f = nested;
        return f()(x);
    }

    modifier guarded(function(uint256) internal pure returns (uint256) check, uint256 x) {
        require(check(x) > 2, "small");
        _;
        trace = check(trace);
    }

    function guardedCall(uint256 x) external guarded(inc, x) guarded(freeTriple, x) returns (uint256) {
        return trace;
    }

    // Assembly moves pointers around between types that take and give as many words.
    function asPure(function(uint256) internal view returns (uint256) f)
        internal
        pure
        returns (function(uint256) internal pure returns (uint256) g)
    {
        assembly ("memory-safe") {
            g := f
        }
    }

    function clock(uint256 x) internal view returns (uint256) {
        return x + trace;
    }

    function cast(uint256 x) external view returns (uint256) {
        return asPure(clock)(x);
    }

    function loops(uint256 n, uint256 x) external pure returns (uint256 total) {
        for (uint256 i = 0; i < n % 20; i++) {
            function(uint256) internal pure returns (uint256) f;
            if (i % 3 != 2) f = pick(i % 5);
            else f = inc;
            total += f(x);
        }
    }
}

abstract contract Built {
    uint256 public built;

    constructor(function(uint256) internal pure returns (uint256) f, uint256 x) {
        built = f(x);
    }
}

contract Builder is Built {
    function square(uint256 x) internal pure returns (uint256) {
        return x * x;
    }

    constructor(uint256 x) Built(x % 2 == 0 ? square : freeTriple, x) {}
}
