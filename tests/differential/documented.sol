// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title A far base
/// @author somebody
/// @dev details
///  of the base
/// @custom:audit-status none
interface Far {
    /// @notice far notice of f
    /// @dev far details of f
    /// @param a far a
    /// @param b far b
    /// @return c far c
    /// @return nameless result
    function f(uint256 a, uint256 b) external returns (uint256 c, bool);

    /// @notice only the base says what g does
    /// @return the value of g
    function g(uint256 a) external view returns (uint256);

    /// @notice a value
    /// @return the amount behind the key
    function amounts(address who) external view returns (uint256);

    /// @dev only in the interface
    /// @custom:note nothing is inherited of this
    function custom() external;
}

/// Text without a tag
contract Near {
    /// @notice near notice of h
    /// @param x near x
    /// @return y near y
    function h(uint256 x) public virtual returns (uint256 y) { y = x; }

    /// @notice of a modifier
    modifier m() { _; }

    /// @notice base event
    /// @param who base who
    event Moved(address indexed who);

    /// @notice base error
    /// @param code base code
    error Wrong(uint256 code);

    /// @dev with other names of the parameters
    function renamed(uint256 left, uint256 right) public virtual {}
}

library Tools {
    /// @notice emitted by a library
    /// @dev event details
    event Used(uint256 times);

    /// @notice of the library
    error Broken(bytes data);

    /// @notice internal, and seen nowhere
    function use(uint256 times) internal {
        if (times == 0) revert Broken("");
        emit Used(times);
    }

    /// @notice anybody can call it
    /// @param values what to add
    function total(uint256[] calldata values) external pure returns (uint256 sum) {
        for (uint256 i; i < values.length; i++) sum += values[i];
    }
}

struct Pair {
    uint128 left;
    uint128 right;
}

/// @notice at file level
/// @param why text
error AtFileLevel(string why);

/// @notice a file-level event
event FileEvent(uint256 number);

/**
 * @title The documented one
 * @author  one and
 *   two
 * @notice Contract notice
 *   over two lines
 * @dev Contract details
 * @custom:first one
 * @custom:first again
 * @custom:second two
 */
contract Documented is Far, Near {
    /// @notice a public variable
    /// @dev its details
    /// @return the count
    uint256 public count;

    /// @dev a private one
    /// @custom:unit wei
    uint256 private secret;

    /// @inheritdoc Far
    mapping(address who => uint256) public override amounts;

    /// @notice pairs
    /// @return left the first half
    /// @return right the second half
    mapping(uint256 => Pair) public pairs;

    /// @notice called once
    /// @dev constructor details
    /// @param start where to start
    constructor(uint256 start) { count = start; }

    /// @inheritdoc Far
    function f(uint256 a, uint256 b) external override returns (uint256 sum, bool) {
        Tools.use(a);
        sum = a + b;
        return (sum, true);
    }

    function g(uint256 a) external view override returns (uint256) { return a + count; }

    /// @notice own notice of h
    /// @inheritdoc Near
    function h(uint256 x) public override returns (uint256 z) {
        if (x == 1) revert AtFileLevel("one");
        if (x == 2) revert Wrong(x);
        emit FileEvent(x);
        z = x;
    }

    function renamed(uint256 first, uint256 second) public virtual override {}

    /// @custom:note its own
    /// @inheritdoc Far
    function custom() external override {}

    /// @notice own event
    /// @param who own who
    event Moved(address indexed who, uint256 many);

    /// @notice same name, other fields
    /// @dev own error
    error Wrong2(uint256 code);

    /// @notice overload one
    function over(uint256 a) external {}

    /// @notice overload two
    /// @param a text
    function over(string calldata a) external {}

    /// @notice takes a structure
    /// @param pair the structure
    function take(Pair calldata pair) external { emit Moved(msg.sender, pair.left); }

    /// @notice never part of the interface
    function inner() internal {}

    /// @notice of receive
    receive() external payable {}

    /// @notice of fallback
    fallback() external payable {}
}

abstract contract Heir is Documented {
    function renamed(uint256 first, uint256 second) public override {}
}
