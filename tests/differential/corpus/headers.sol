// SPDX-License-Identifier: MIT
pragma solidity ^0.8.29;

// The header of a contract is outside it: what it names is the file's, also where a member is called the same.

uint256 constant Base = 3;

struct Pair {
    uint256 a;
    uint256 b;
}

function chosen() pure returns (uint256) {
    return 30;
}

contract Given {
    uint256 public first;
    uint256 public second;
    uint256 internal constant Inherited = 5;

    constructor(uint256 a, uint256 b) {
        (first, second) = (a, b);
    }
}

contract Named is Given(Base, chosen()) {
    uint256 internal constant Base = 4;

    function chosen() internal pure returns (uint256) {
        return 40;
    }

    function own() external pure returns (uint256, uint256) {
        return (Base, chosen());
    }
}

contract Qualified is Given(Qualified.Base + Given.Inherited, Qualified.Pair(7).a + Pair(1, 2).b) {
    uint256 internal constant Base = 4;

    struct Pair {
        uint256 a;
    }
}

contract Placed layout at Base {
    uint256 internal constant Base = 7;
    uint256 public kept = Base;

    function slot() external pure returns (uint256 s) {
        assembly {
            s := kept.slot
        }
    }
}

string constant Space = "headers.placed";

contract Spaced layout at erc7201(Space) + 1 {
    uint256[erc7201("headers.length") % 5 + 1] public list;
    string internal kept;

    function set(string calldata name) external {
        kept = name;
        list[0]++;
    }

    // ERC-7201 of a name that is only known when it runs, from wherever it is.
    function spaces(string calldata given, string memory copied) external view returns (uint256[6] memory) {
        return [
            erc7201(given), erc7201(copied), erc7201(kept), erc7201(string.concat(given, ".", copied)),
            erc7201(Space), erc7201(unicode"é")
        ];
    }
}
