"""Arrays and byte strings in storage through every pair of lengths: what one leaves behind, the next must not find."""

from __future__ import annotations

import pytest
from eth_abi import encode

from compiler import CompileOptions
from tests.differential.builds import build_both
from tests.differential.messages import selector_of
from tests.differential.twins import Message, Twins

SOURCE = """pragma solidity ^0.8.20;
contract C {
    TYPE[] grown;
    TYPE[] second;
    TYPE[5] fixedOne;
    function assign(TYPE[] memory x) external { grown = x; }
    function direct(TYPE[] calldata x) external { grown = x; }
    function between() external { second = grown; grown = second; }
    function whole(TYPE[3] memory x) external { fixedOne = x; }
    function push(TYPE x) external { grown.push(x); grown.push(); grown[grown.length - 1] = x; }
    function pop() external { grown.pop(); }
    function clear() external { delete grown; delete fixedOne; }
    function set(uint256 i, TYPE x) external { grown[i] = x; }
    function get(uint256 i) external view returns (TYPE, TYPE, bool) { return (grown[i], fixedOne[i], grown[i] == fixedOne[i]); }
    function all() external view returns (TYPE[] memory, TYPE[5] memory) { return (grown, fixedOne); }
}
"""
TEXT = """pragma solidity ^0.8.20;
contract C {
    bytes grown;
    string second;
    function assign(bytes memory x) external { grown = x; }
    function direct(bytes calldata x) external { grown = x; second = string(x); }
    function between() external { second = string(grown); grown = bytes(second); }
    function push(bytes1 x) external { grown.push(x); grown.push(); grown[grown.length - 1] = x; }
    function pop() external { grown.pop(); }
    function clear() external { delete grown; }
    function set(uint256 i, bytes1 x) external { grown[i] = x; }
    function all() external view returns (bytes memory, string memory) { return (grown, second); }
}
"""
VALUES = {
    "uint8": [255, 1, 128],
    "int16": [-1, 5, -32768],
    "int128": [-1, 2, -(2**127)],
    "bytes4": [b"\xff\xee\xdd\xcc", b"\x01", b"\x80"],
    "uint256": [2**256 - 1, 1, 7],
}


@pytest.mark.parametrize("type_", VALUES)
def test_arrays(type_: str) -> None:
    values = VALUES[type_]
    per_slot = {"uint8": 32, "int16": 16, "bytes4": 8}.get(type_, 2)
    lengths = sorted({0, 1, per_slot, per_slot + 1})
    for level in (0, 1):
        options = CompileOptions(optimize=level)
        pair = build_both(
            {"a.sol": SOURCE.replace("TYPE", type_)}, via_ir=False, options=options
        ).pairs["a.sol:C"]
        twins = Twins(pair)
        many = [values[n % 3] for n in range(per_slot + 3)]

        def send(name: str, types: list[str], *arguments: object) -> None:
            entry = next(e for e in pair.abi if e.get("name") == name)  # noqa: B023
            twins.send(Message(selector_of(entry) + encode(types, arguments)))  # noqa: B023

        for first in lengths:
            for then in lengths:
                send("assign", [f"{type_}[]"], many[:first])
                send("between", [])
                send("direct", [f"{type_}[]"], many[1 : then + 1])
                send("push", [type_], values[0])
                send("all", [])
                send("pop", [])
                send("whole", [f"{type_}[3]"], values)
                send("set", ["uint256", type_], then, values[2])
                send("set", ["uint256", type_], then // 2, values[0])
                for place in range(3):
                    send("get", ["uint256"], place)
                send("all", [])
                if (first + then) % 3 == 0:
                    send("clear", [])
                send("pop", [])


def test_byte_strings() -> None:
    lengths = (0, 1, 30, 31, 32, 33, 63, 64, 65)
    for level in (0, 1):
        options = CompileOptions(optimize=level)
        pair = build_both({"a.sol": TEXT}, via_ir=False, options=options).pairs["a.sol:C"]
        twins = Twins(pair)

        def send(name: str, types: list[str], *arguments: object) -> None:
            entry = next(e for e in pair.abi if e.get("name") == name)  # noqa: B023
            twins.send(Message(selector_of(entry) + encode(types, arguments)))  # noqa: B023

        for first in lengths:
            for then in lengths:
                send("assign", ["bytes"], b"\xaa" * first)
                send("between", [])
                send("direct", ["bytes"], b"\xbb" * then)
                send("push", ["bytes1"], b"\xcc")
                for _ in range(3):
                    send("all", [])
                    send("pop", [])
                send("set", ["uint256", "bytes1"], then // 2, b"\xdd")
                send("all", [])
                if (first + then) % 2 == 0:
                    send("clear", [])
