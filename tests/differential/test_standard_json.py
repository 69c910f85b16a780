"""Standard JSON as the reference compiler speaks it: what is refused, what is selected, kinds and numbers of errors."""

from __future__ import annotations

import re
from typing import Any

import pytest

from compiler.solc_front.errors import NUMBERS
from compiler.solc_front.opcodes import opcodes
from compiler.standard_json import compile_standard
from tests.compiler.test_error_pages import sections, sources
from tests.oracle import solc

SOURCE = """// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;
/// @notice sums
library L { function sum(uint256 a) external pure returns (uint256) { return a; } }
/// @title C
contract C {
    uint256 immutable start = 1; uint256 transient now_; uint128 a; uint128 b;
    error Bad(uint256 code); event Made(address who);
    constructor() payable {}
    /// @notice é — not ASCII
    function f(uint256 x) external returns (uint256) { if (x == start) revert Bad(x); a = 1; emit Made(msg.sender); return L.sum(x); }
    fallback() external { inner(); }
    function inner() internal { b = 2; }
}
interface I { function i() external; }
abstract contract A { function a() external virtual; }
"""
EVM = "evm.deployedBytecode"


def request(**settings: Any) -> dict[str, Any]:
    settings = {"evmVersion": "cancun", **settings}
    return {"language": "Solidity", "sources": {"a.sol": {"content": SOURCE}}, "settings": settings}


MALFORMED: list[Any] = [
    {**request(), "langauge": "Solidity"},
    {**request(), "sources": []},
    {**request(), "sources": {}},
    {"language": "Solidity"},
    {**request(), "sources": {"a.sol": {"text": ""}}},
    {**request(), "sources": {"a.sol": {}}},
    {**request(), "sources": {"a.sol": {"content": "", "keccak256": "0x00"}}},
    request(optimiser={}),
    request(evmVersion="atlantis"),
    request(evmVersion=8),
    request(viaIR=1),
    request(stopAfter="analysis"),
    request(stopAfter=1),
    request(stopAfter="parsing", outputSelection={"*": {"*": ["evm.bytecode.object"]}}),
    request(stopAfter="parsing", outputSelection={"*": {"*": ["*"]}}),
    request(optimizer={"on": True}),
    request(optimizer={"enabled": 1}),
    request(optimizer={"runs": -1}),
    request(optimizer={"runs": "200"}),
    request(optimizer={"details": {"fast": True}}),
    request(optimizer={"details": {"yul": 1}}),
    request(metadata={"appendCbor": True}),
    request(metadata={"appendCBOR": "yes"}),
    request(metadata={"useLiteralContent": 1}),
    request(metadata={"bytecodeHash": "sha256"}),
    request(metadata={"appendCBOR": False, "bytecodeHash": "ipfs"}),
    request(debug={"revertStrings": "loud"}),
    request(debug={"revertStrings": "verboseDebug"}),
    request(debug={"revertStrings": 1}),
    request(debug={"more": 1}),
    request(debug={"debugInfo": "all"}),
    request(remappings=["nothing"]),
    request(remappings=[1]),
    request(libraries=[]),
    request(libraries={"a.sol": "0x"}),
    request(libraries={"a.sol": {"L": 1}}),
    request(libraries={"a.sol": {"L": "12"}}),
    request(libraries={"a.sol": {"L": "0x12"}}),
    request(outputSelection=[1]),
    request(outputSelection={"*": ["abi"]}),
    request(outputSelection={"*": {"*": "abi"}}),
    request(outputSelection={"*": {"*": [1]}}),
]


@pytest.mark.parametrize("number", range(len(MALFORMED)))
def test_what_is_malformed_is_refused_alike(number: int) -> None:
    ours, theirs = compile_standard(MALFORMED[number]), solc.compile_standard(MALFORMED[number])
    told = [(e["type"], e["message"], e["severity"]) for e in ours["errors"]]
    assert told == [(e["type"], e["message"], e["severity"]) for e in theirs["errors"]]
    assert "contracts" not in ours


SELECTIONS: list[dict[str, Any]] = [
    {},
    {"*": {"*": ["*"]}},
    {"*": {"*": ["abi"]}},
    {"*": {"C": ["evm"]}},
    {"a.sol": {"C": ["evm.bytecode"], "*": ["userdoc"]}},
    {"a.sol": {"I": ["abi", "metadata"], "L": ["evm.methodIdentifiers"]}},
    {"*": {"*": ["evm.bytecode.object", "evm.deployedBytecode.immutableReferences"]}},
    {"*": {"*": [f"{EVM}.linkReferences", f"{EVM}.opcodes", f"{EVM}.generatedSources"]}},
    {"*": {"C": ["storageLayout", "transientStorageLayout", "devdoc"]}},
    {"*": {"*": ["ir", "irOptimized"]}},
    {"*": {"A": ["evm.gasEstimates", "evm.assembly"], "C": ["evm.gasEstimates"]}},
    {"b.sol": {"*": ["*"]}},
    {"*": {"D": ["*"]}},
    {"*": {"*": ["evm.bytecod"]}},
    {"*": {"*": ["evm.legacyAssembly"]}},
]


def shape(value: Any, depth: int = 0) -> Any:
    """The keys of an answer's contracts, down to single outputs."""
    if isinstance(value, dict) and depth < 5:
        return {key: shape(inner, depth + 1) for key, inner in value.items() if inner is not None}
    return None


@pytest.mark.parametrize("selection", SELECTIONS, ids=str)
def test_the_same_outputs_are_there(selection: dict[str, Any]) -> None:
    asked = request(outputSelection=selection)
    ours = compile_standard(asked).get("contracts", {})
    theirs = solc.compile_standard(asked).get("contracts", {})
    assert _outputs(ours) == _outputs(theirs)


def test_the_assembly_of_solc_is_null_as_where_solc_has_none() -> None:
    """Its items are those of solc's assembler. Who reads them meets null with solc, too: an interface has none."""
    asked = request(outputSelection={"*": {"*": ["evm.legacyAssembly"]}})
    ours = compile_standard(asked)["contracts"]["a.sol"]
    theirs = solc.compile_standard(asked)["contracts"]["a.sol"]
    assert all(outputs["evm"] == {"legacyAssembly": None} for outputs in ours.values())
    assert theirs["I"]["evm"] == ours["I"]["evm"]
    assert theirs["C"]["evm"]["legacyAssembly"] is not None


def _outputs(contracts: dict[str, Any]) -> set[tuple[str, ...]]:
    """Each output that is there, by its path; what is inside it may differ."""
    found = set()
    for path, by_name in contracts.items():
        for name, outputs in by_name.items():
            for output, value in outputs.items():
                if output != "evm":
                    found.add((path, name, output))
                    continue
                for part, inner in value.items():
                    if not part.endswith("ytecode"):
                        found.add((path, name, part))
                    else:
                        found |= {(path, name, part, leaf) for leaf in inner}
    return found


def test_equal_where_values_must_be() -> None:
    asked = request(outputSelection={"*": {"*": ["*"]}})
    ours = compile_standard(asked)["contracts"]["a.sol"]
    theirs = solc.compile_standard(asked)["contracts"]["a.sol"]
    for name, expected in theirs.items():
        found = ours[name]
        for output in ("abi", "userdoc", "devdoc"):
            assert found[output] == expected[output], name
        assert found["evm"]["methodIdentifiers"] == expected["evm"]["methodIdentifiers"]
        for part in ("bytecode", "deployedBytecode"):
            ours_linked = found["evm"][part]["linkReferences"]
            theirs_linked = expected["evm"][part]["linkReferences"]
            assert _libraries(ours_linked) == _libraries(theirs_linked)
        for layout in ("storageLayout", "transientStorageLayout"):
            assert _variables(found[layout]) == _variables(expected[layout])
        estimates = expected["evm"]["gasEstimates"]
        if estimates is not None:
            assert shape(found["evm"]["gasEstimates"]) == shape(estimates)
        for entry in found["evm"]["deployedBytecode"].get("immutableReferences", {}).values():
            assert all(place.keys() == {"start", "length"} for place in entry)


def _libraries(references: dict[str, Any]) -> dict[str, dict[str, set[int]]]:
    return {
        path: {name: {place["length"] for place in places} for name, places in found.items()}
        for path, found in references.items()
    }


def _variables(layout: dict[str, Any]) -> list[tuple[Any, ...]]:
    keys = ("contract", "label", "offset", "slot")
    assert all(isinstance(v["astId"], int) for v in layout["storage"])
    types = layout["types"] or {}
    return [(*(v[key] for key in keys), types[v["type"]]["label"]) for v in layout["storage"]]


def test_two_structures_of_one_name_stay_apart_in_the_layout() -> None:
    text = """pragma solidity ^0.8.24;
    library X { struct S { uint8 a; } } library Y { struct S { uint256 b; uint256 c; } }
    contract C { X.S x; Y.S y; }"""
    asked = request(outputSelection={"*": {"C": ["storageLayout"]}})
    asked["sources"] = {"a.sol": {"content": text}}
    layout = compile_standard(asked)["contracts"]["a.sol"]["C"]["storageLayout"]
    sizes = [layout["types"][v["type"]]["numberOfBytes"] for v in layout["storage"]]
    assert sizes == ["32", "64"]


TYPES_IN_STORAGE = """pragma solidity ^0.8.24;
contract C {
    enum E { a } type U is bytes3; struct S { mapping(string => uint) m; bytes b; S[] more; }
    string text; mapping(string => uint) a; mapping(bytes => string)[] b; mapping(string => mapping(bytes => bytes)) c;
    S s; mapping(E => mapping(U => mapping(C => address payable))) d; mapping(uint => mapping(string => S)[2]) e;
    function(string memory, bytes memory) external returns (string memory) f; uint[2][][3] g;
    function(string storage, mapping(string => uint) storage, bytes calldata) internal h;
}"""


def test_the_types_of_a_layout_are_equal_but_for_the_numbers_of_definitions() -> None:
    asked = request(outputSelection={"*": {"C": ["storageLayout"]}})
    asked["sources"] = {"a.sol": {"content": TYPES_IN_STORAGE}}
    ours, theirs = (
        _without_numbers(answer(asked)["contracts"]["a.sol"]["C"]["storageLayout"])
        for answer in (compile_standard, solc.compile_standard)
    )
    assert ours == theirs


def _without_numbers(layout: Any) -> Any:
    if isinstance(layout, dict):
        items = ((k, v) for k, v in layout.items() if k != "astId")
        return {_without_numbers(key): _without_numbers(value) for key, value in items}
    if isinstance(layout, list):
        return [_without_numbers(part) for part in layout]
    numbered = r"(t_(?:struct|enum|contract|userDefinedValueType)\(\w+\))\d+"
    return re.sub(numbered, r"\1", layout) if isinstance(layout, str) else layout


def test_opcodes_are_written_alike() -> None:
    asked = request(outputSelection={"*": {"C": ["evm.bytecode"]}})
    asked["settings"]["libraries"] = {"a.sol": {"L": "0x" + "11" * 20}}
    code = solc.compile_standard(asked)["contracts"]["a.sol"]["C"]["evm"]["bytecode"]
    assert opcodes(bytes.fromhex(code["object"])) == code["opcodes"]


# -- errors ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", NUMBERS)
def test_numbers_and_kinds_are_those_of_the_same_condition(code: str) -> None:
    (kind, text), _ = sections(code)["Wrong"]
    files = {path: {"content": content} for path, content in sources(kind, text).items()}
    asked = {**request(outputSelection={"*": {"*": ["evm.bytecode.object"]}}), "sources": files}
    asked["settings"]["optimizer"] = {"enabled": True}
    found = [e for e in compile_standard(asked)["errors"] if e.get("errorCode") == NUMBERS[code]]
    expected = {(e.get("errorCode"), e["type"]) for e in solc.compile_standard(asked)["errors"]}
    assert found
    assert (found[0]["errorCode"], found[0]["type"]) in expected


@pytest.mark.parametrize("optimizer", [{}, {"enabled": True, "details": {"yul": False}}])
def test_the_size_of_memory_is_refused_where_solc_does_not_optimize(
    optimizer: dict[str, Any],
) -> None:
    """Ours is optimized all the same."""
    text = "contract C { function f() external pure { assembly { pop(msize()) } } }"
    asked = request(outputSelection={"*": {"*": ["evm.bytecode.object"]}}, optimizer=optimizer)
    asked["sources"] = {"a.sol": {"content": f"pragma solidity ^0.8.24; {text}"}}
    assert "C" in solc.compile_standard(asked)["contracts"]["a.sol"]
    errors = [e for e in compile_standard(asked)["errors"] if e["severity"] == "error"]
    assert [(e["errorCode"], e["type"]) for e in errors] == [("6553", "SyntaxError")]


def test_places_count_bytes_and_texts_have_the_same_layout() -> None:
    text = SOURCE.replace("a = 1;", "/* é */ missing = 1;")
    asked = {**request(), "sources": {"a.sol": {"content": text}}}
    (ours,) = compile_standard(asked)["errors"]
    (theirs,) = solc.compile_standard(asked)["errors"]
    assert ours["sourceLocation"] == theirs["sourceLocation"]
    assert (ours["errorCode"], ours["type"]) == (theirs["errorCode"], theirs["type"])
    mine, yours = ours["formattedMessage"].split("\n"), theirs["formattedMessage"].split("\n")
    assert mine[0].startswith("DeclarationError: ") and mine[2:5] == yours[2:5]
    # solc's column counts bytes, ours characters: they differ by one behind the `é`.
    assert mine[1] == "  --> a.sol:11:95:" and yours[1] == "  --> a.sol:11:96:"
    assert mine[-2:] == yours[-2:] == ["", ""]


def test_a_code_without_a_number_stands_in_the_text() -> None:
    asked = request()
    asked["sources"] = {"a.sol": {"content": SOURCE.replace("a = 1;", "a = true;")}}
    (problem,) = compile_standard(asked)["errors"]
    assert "errorCode" not in problem and "SL0301" in problem["formattedMessage"]
