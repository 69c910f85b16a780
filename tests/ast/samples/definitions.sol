// SPDX-License-Identifier: MIT
pragma solidity >=0.8.29 <0.9.0;
pragma abicoder "v2";
pragma experimental ABIEncoderV2;

import "./imported.sol";
import * as Module from "./imported.sol";
import {Point as Spot, mirrored as twin, Whole, several} from "./imported.sol";
import "./imported.sol" as Again;

// grüße ✓: what follows has more bytes than characters before it

/// @title Größe ✓
///  second line
///
///   and a fourth, indented

type Tiny is int8;

using {Module.mirrored, twin} for uint256;
using {added as +, negated as -, same as ==, added} for Tiny global;

/** @dev adds
 *
 *  more ✓
   without a star
 *    indented
 **/
function added(Tiny a, Tiny b) pure returns (Tiny) {
    return Tiny.wrap(Tiny.unwrap(a) + Tiny.unwrap(b));
}

/// one line
function negated(Tiny a) pure returns (Tiny) {
    return Tiny.wrap(-Tiny.unwrap(a));
}

    /// indented, and then a plain comment
    // plain
function same(Tiny a, Tiny b) pure returns (bool) {
    return Tiny.unwrap(a) == Tiny.unwrap(b);
}

uint256 constant TOP = 2 ** 10 + 3e2 * 1 gwei;
string constant NAME = unicode"grüße ✓" unicode" noch mehr";
bytes constant RAW = hex"00ff" hex"aa";
uint256 constant HUGE = 115792089237316195423570985008687907853269984665640564039457584007913129639935 - 2 ** 255;
int256 constant LOW = -170141183460469231731687303715884105728;

error Top(uint256 a, address payable who);

event Anonymous(uint256 indexed a, string s) anonymous;

/** documented */
struct Outer {
    uint256 a;
    mapping(address user => mapping(uint256 => string name) inner) names;
    Tiny[3][] tiny;
    function (uint256[] memory, address) external payable returns (bytes memory)[2] called;
}

enum Colour {
    Red,
    Green
}

interface IShape {
    struct Size {
        uint256 width;
        string label;
    }

    event Drawn(address indexed who, Size size, Colour colour);
    event Drawn(address indexed who);

    function draw(uint256 x) external returns (uint256);

    function size() external view returns (Size memory);

    function stored() external view returns (uint256);
}

abstract contract Base {
    uint256 immutable BORN = block.timestamp;
    uint256 internal start;

    modifier only(address who) virtual {
        require(msg.sender == who, unicode"né");
        _;
    }

    modifier bare() {
        _;
    }

    constructor(uint256 from) payable {
        start = from;
    }

    function abstracted(uint256 a) external virtual;

    function redefined(uint256 a) public virtual returns (uint256) {
        return a;
    }
}

library Places {
    struct Place {
        uint256 at;
    }

    error Nowhere(uint256);

    uint256 constant COUNT = 3;

    function outside(uint256[] storage list) external view returns (uint256) {
        return list.length;
    }

    function next(uint256 a) internal pure returns (uint256) {
        return a + 1;
    }
}

contract Derived is Base(ORIGIN + Derived.LOCAL), IShape {
    using Places for uint256[];
    using Places for uint256;
    using Places for *;

    uint256 internal constant LOCAL = 4;
    uint256[] public list;
    mapping(address => uint256[]) public balances;
    uint8 transient flag;
    /// documented ✓
    string public label = "x";
    uint256 public override stored;
    Outer internal outer;
    function (uint256) external returns (uint256) outward;
    function (uint256) internal pure returns (uint256) inward = Places.next;

    event Called(address indexed who, function (uint256) external callback);

    modifier only(address who) override {
        if (who == address(this)) revert Top({who: payable(who), a: 1});
        _;
    }

    receive() external payable {}

    fallback(bytes calldata input) external payable only(msg.sender) bare returns (bytes memory) {
        emit Anonymous(input.length, "a");
        return input[1:2];
    }

    function redefined(uint256 a) public override(Base) returns (uint256) {
        super.redefined(a);
        return Base.redefined(a) + BORN;
    }

    function abstracted(uint256) external override {
        redefined(1);
        return;
    }

    function draw(uint256 x) external override returns (uint256) {
        /* é */
        return x.next().mirrored() + list.outside() + Places.COUNT + Module.ORIGIN + Again.ORIGIN;
    }

    function size() external view returns (Size memory r) {
        r = Size({label: "q", width: 3});
        r.width++;
        delete r.label;
    }

    function emits() external {
        emit Drawn(msg.sender);
        emit IShape.Drawn({colour: Colour.Red, who: msg.sender, size: Size(1, "a")});
        Spot memory spot = Again.Point({x: several(2)});
        spot.x = Whole.TOP;
    }
}

contract Placed layout at 0x10 + 5 {
    uint256 value;

    constructor(uint256 first) payable {
        value = first;
    }
}
