// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// External function types: 24 bytes, address and selector.

interface Answering {
    function answer(uint256 x) external returns (uint256);
}

contract Counterpart {
    uint256 public calls;
    mapping(uint256 => uint256[]) public lists;

    constructor() {
        lists[1].push(11);
        lists[1].push(22);
    }

    function answer(uint256 x) external returns (uint256) {
        calls++;
        return x + calls;
    }

    function refuse(uint256 x) external pure returns (uint256) {
        require(x == 0, "refused");
        return 1;
    }

    function empty(uint256) external pure {}

    function wide(uint256 x) external pure returns (uint8) {
        assembly {
            mstore(0, x)
            return(0, 32)
        }
    }

    function shorter(uint256 x) external pure returns (uint256) {
        assembly {
            mstore(0, x)
            return(0, 31)
        }
    }

    function paid(uint256 x) external payable returns (uint256) {
        return msg.value + x;
    }

    function echo(bytes calldata data, uint256[] memory items) external pure returns (bytes memory, uint256[] memory) {
        return (data, items);
    }
}

abstract contract Typed {
    error Refused(function(uint256) external returns (uint256) f, uint256 x);
    event Seen(
        function(uint256) external returns (uint256) indexed f,
        function(uint256) external returns (uint256) g,
        function() external[] list
    );
}

contract External is Typed {
    using Attached for function(uint256) external returns (uint256);

    struct Hook {
        uint8 id;
        function(uint256) external returns (uint256) run;
        uint64 count;
        function() external done;
        uint32 tail;
    }

    function(uint256) external returns (uint256) public current;
    uint64 public beside = 5;
    uint128 public next = 6;
    function() external public nothing;
    function(uint256) external returns (uint256)[] public list;
    function(uint256) external returns (uint256)[2][] public pairs;
    mapping(uint256 => function(uint256) external returns (uint256)) public table;
    mapping(address => Hook) public hooks;
    Hook public hook;
    function(uint256) external returns (uint256) fromStart = this.own;
    Counterpart other = new Counterpart();
    uint256 public log;
    bytes32 public seen;

    constructor() payable {
        current = other.answer;
        hook = Hook(1, this.own, 2, this.noted, 3);
    }

    receive() external payable {}

    function own(uint256 x) external returns (uint256) {
        log += x;
        return log;
    }

    function noted() external {
        log++;
    }

    function pick(uint256 which) internal view returns (function(uint256) external returns (uint256) f) {
        if (which == 0) f = this.own;
        if (which == 1) f = other.answer;
        if (which == 2) f = other.refuse;
        if (which == 3) f = other.shorter;
        if (which == 4) f = Answering(address(other)).answer;
        if (which == 5) f = Answering(address(1)).answer;
        if (which == 6) f = other.paid;
        if (which == 7) f = this.get;
    }

    function get(uint256 x) external view returns (uint256) {
        return x + beside;
    }

    function call(uint256 which, uint256 x) external returns (uint256) {
        return pick(which % 9)(x);
    }

    function given(function(uint256) external returns (uint256) f, uint256 x) external returns (uint256) {
        return f(x);
    }

    function givenView(function(uint256) external view returns (uint256) f, uint256 x) external view returns (uint256) {
        return f(x);
    }

    function parts(function(uint256) external returns (uint256) f) external pure returns (address, bytes4, bytes memory) {
        return (f.address, f.selector, abi.encodePacked(f, f.address));
    }

    function ownParts() external view returns (address a, bytes4 b, bytes4 c, bytes4 d) {
        a = this.own.address;
        b = this.own.selector;
        c = current.selector;
        d = (log % 2 == 0 ? this.own : other.answer).selector;
    }

    function set(function(uint256) external returns (uint256) f) external {
        current = f;
    }

    function setFrom(uint256 which) external {
        current = pick(which % 9);
        list.push(current);
        pairs.push([current, this.own]);
        table[which] = current;
        hooks[msg.sender].run = current;
        hooks[msg.sender].count++;
    }

    function run(uint256 x) external returns (uint256, uint256) {
        return (current(x), fromStart(x));
    }

    function runHook(uint256 x) external returns (uint256) {
        hook.done();
        hooks[msg.sender].done = hook.done;
        return hooks[msg.sender].run(x) + hook.run(x);
    }

    function erase(uint8 kind) external {
        if (kind == 0) delete current;
        if (kind == 1) delete list;
        if (kind == 2) delete hook;
        if (kind == 3) delete hooks[msg.sender];
        if (kind == 4 && list.length > 0) list.pop();
        if (kind == 5) delete nothing;
        if (kind == 6) delete pairs;
    }

    function zero() external returns (uint256) {
        function() external f;
        f();
        return 1;
    }

    function zeroWithResult() external returns (uint256) {
        function(uint256) external returns (uint256) f;
        return f(1);
    }

    function noResult(uint256 x) external {
        function(uint256) external pure f = other.empty;
        f(x);
    }

    function narrow(uint256 x) external view returns (uint8) {
        function(uint256) external pure returns (uint8) f = other.wide;
        return f(x);
    }

    function pay(uint256 wei_, uint256 x) external payable returns (uint256) {
        function(uint256) external payable returns (uint256) f = other.paid;
        return f{value: wei_, gas: 100000}(x);
    }

    function limited(uint256 x) external returns (uint256) {
        return current{gas: 60000}(x);
    }

    function getters(uint256 at) external view returns (uint256, uint256) {
        function() external view returns (uint256) f = other.calls;
        function(uint256, uint256) external view returns (uint256) g = other.lists;
        return (f(), g(1, at));
    }

    function dynamicOnes(bytes calldata data, uint256[] calldata items) external view returns (bytes memory, uint256[] memory) {
        function(bytes memory, uint256[] memory) external pure returns (bytes memory, uint256[] memory) f = other.echo;
        return f(data, items);
    }

    function inCalldata(function(bytes calldata) external view returns (uint256) f, bytes calldata data)
        external
        view
        returns (uint256)
    {
        return f(data[1:]);
    }

    function size(bytes calldata data) external view returns (uint256) {
        return data.length + beside;
    }

    function several(function(uint256) external returns (uint256)[] calldata fs, uint256 at, uint256 x)
        external
        returns (uint256 total, bytes4 selector)
    {
        selector = fs[at].selector;
        function(uint256) external returns (uint256)[] memory copy = fs;
        total = copy.length;
        list = fs;
        if (x < 1000) total += fs[at](x);
    }

    function pairsIn(function(uint256) external returns (uint256)[2][] memory fs)
        external
        returns (function(uint256) external returns (uint256)[2][] memory)
    {
        pairs = fs;
        return pairs;
    }

    function hooksIn(Hook memory one, Hook[] memory more) external returns (Hook memory, Hook[] memory) {
        hook = one;
        if (more.length > 0) hooks[msg.sender] = more[0];
        return (hook, more);
    }

    function same(function(uint256) external returns (uint256) f, function(uint256) external returns (uint256) g)
        external
        view
        returns (bool, bool, bool)
    {
        return (f == g, f != current, this.own == fromStart);
    }

    function encodings(uint256 which, uint256 x) external view returns (bytes memory, bytes memory, bytes memory) {
        function(uint256) external returns (uint256) f = pick(which % 9);
        return (abi.encode(f, x), abi.encodeCall(f, (x)), abi.encodeWithSelector(f.selector, f));
    }

    function decoded(bytes memory data) external view returns (function(uint256) external returns (uint256) f) {
        function(function(uint256) external returns (uint256)) external pure returns (
            function(uint256) external returns (uint256)
        ) same_ = this.identity;
        (bool ok, bytes memory back) = address(this).staticcall(bytes.concat(same_.selector, data));
        if (ok && back.length == 32) f = this.identity(current);
    }

    function identity(function(uint256) external returns (uint256) f)
        external
        pure
        returns (function(uint256) external returns (uint256))
    {
        return f;
    }

    function tell(function(uint256) external returns (uint256) f, function() external[] memory fs) external {
        emit Seen(f, current, fs);
        seen = keccak256(abi.encode(f, fs));
    }

    function fail(function(uint256) external returns (uint256) f, uint256 x) external pure {
        if (x > 3) revert Refused(f, x);
    }

    function attached(uint256 which, uint256 x) external returns (uint256) {
        return pick(which % 9).twice(x);
    }

    function conditional(bool own_, uint256 x) external returns (uint256) {
        return (own_ ? this.own : current)(x);
    }

    function swapped() external {
        (current, fromStart) = (fromStart, current);
    }

    function inAssembly(function(uint256) external returns (uint256) f, address a, uint32 s)
        external
        pure
        returns (uint256 before, uint256 selectorBefore, address after_, bytes4 selectorAfter, uint256 again)
    {
        assembly {
            before := f.address
            selectorBefore := f.selector
            f.address := a
            f.selector := s
            again := f.selector
        }
        return (before, selectorBefore, f.address, f.selector, again);
    }

    function forged(uint256 x) external returns (uint256) {
        function(uint256) external returns (uint256) f;
        address self = address(this);
        uint32 selector = uint32(this.own.selector);
        assembly {
            f.address := self
            f.selector := selector
        }
        return f(x);
    }

    function slots() external pure returns (uint256 a, uint256 b, uint256 c) {
        assembly {
            a := current.slot
            b := beside.slot
            c := beside.offset
        }
    }

    function sideEffects() external returns (bytes4 selector, bytes memory encoded, uint256 count, bool equal) {
        selector = moved().own.selector;
        encoded = abi.encodeCall(moved().own, (1));
        equal = moved().own == this.own;
        count = log;
    }

    function moved() public returns (External) {
        log++;
        return this;
    }
}

library Attached {
    function twice(function(uint256) external returns (uint256) f, uint256 x) internal returns (uint256) {
        return f(x) + f(x);
    }
}

contract Registry {
    function(uint256) external returns (uint256) public given;

    constructor(function(uint256) external returns (uint256) f, function() external[] memory more) {
        given = f;
        if (more.length > 3) given = this.own;
    }

    function own(uint256 x) external pure returns (uint256) {
        return x;
    }

    function made(function(uint256) external returns (uint256) f) external returns (address a, bytes4 b) {
        Child child = new Child(f);
        function(uint256) external returns (uint256) back = child.held();
        return (back.address, back.selector);
    }
}

contract Child {
    function(uint256) external returns (uint256) public held;

    constructor(function(uint256) external returns (uint256) f) {
        held = f;
    }
}
