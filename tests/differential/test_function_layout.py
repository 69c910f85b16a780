"""Function types in the storage layout: names, identifiers and places as solc writes them."""

from __future__ import annotations

import re
from typing import Any

from tests.differential.builds import build_both

SOURCE = """pragma solidity ^0.8.20;
contract C {
    struct S { function() internal[3] a; uint8 b; function() external c; }
    function(address) internal a;
    function(uint, bytes memory, uint[] calldata) external view returns (bool, string memory) b;
    function(uint[] storage, mapping(uint => uint) storage, uint[3][] memory) internal returns (function() external) c;
    S d;
    mapping(uint => function() external) e;
    uint8 f;
    function() internal g;
    function() external h;
    function(S memory, C) internal pure i;
    function(S storage) internal j;
    function() external[] k;
    function() internal[] l;
    function() external payable m;
}
"""


def entries(layout: dict[str, Any]) -> tuple[list[Any], set[Any]]:
    """Places with their types, and the table of types, without solc's AST ids."""

    def plain(identifier: str) -> str:
        return re.sub(r"(t_(?:struct|contract|enum)\(\w+\))\d+", r"\1", identifier)

    places = [(e["label"], e["slot"], e["offset"], plain(e["type"])) for e in layout["storage"]]
    types = {
        (plain(key), t["label"], t["numberOfBytes"], t["encoding"])
        for key, t in layout["types"].items()
    }
    return places, types


def test_layout_of_function_types_equals_solc() -> None:
    build = build_both({"a.sol": SOURCE})
    ours = entries(build.ours.contracts["a.sol:C"].storage_layout)
    theirs = entries(build.theirs["a.sol:C"]["storageLayout"])
    assert ours == theirs
