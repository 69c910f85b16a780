"""Contracts of one name in several files, inherited by one another, keep what is theirs."""

from __future__ import annotations

from tests.differential.builds import build_both
from tests.differential.explore import explore

SOURCES = {
    "base.sol": """pragma solidity ^0.8.20;
contract Same {
    uint256 private immutable value = 11;
    function(uint256) internal pure returns (uint256) private step = next;
    function next(uint256 x) private pure returns (uint256) { return x + 1; }
    function first(uint256 x) external view returns (uint256) { return step(value + x % 1000); }
}
""",
    "derived.sol": """pragma solidity ^0.8.20;
import {Same as Base} from "base.sol";
contract Same is Base {
    uint256 private immutable value = 22;
    function(uint256) internal pure returns (uint256) private step = after_;
    function after_(uint256 x) private pure returns (uint256) { return 2 * x; }
    function second(uint256 x) external view returns (uint256) { return step(value + x % 1000); }
}
""",
}


def test_contracts_of_one_name() -> None:
    for pair in build_both(SOURCES).pairs.values():
        explore(pair)
