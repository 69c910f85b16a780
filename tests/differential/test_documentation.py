"""`userdoc`, `devdoc` and the sources in `metadata`: equal to the reference compiler's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from compiler.standard_json import compile_standard
from tests.oracle import solc

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CORPUS = [HERE / "documented.sol", *sorted((HERE / "corpus").glob("*.sol"))]
OUTPUTS = ["abi", "userdoc", "devdoc", "metadata", "evm.methodIdentifiers"]


def request(sources: dict[str, str]) -> dict[str, Any]:
    return {
        "language": "Solidity",
        "sources": {path: {"content": text} for path, text in sources.items()},
        "settings": {"evmVersion": "cancun", "outputSelection": {"*": {"*": OUTPUTS}}},
    }


def both(sources: dict[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    asked = request(sources)
    return compile_standard(asked), solc.compile_standard(asked)


def compare(ours: dict[str, Any], theirs: dict[str, Any]) -> int:
    assert ours["contracts"].keys() == theirs["contracts"].keys()
    compared = 0
    for path, contracts in theirs["contracts"].items():
        for name, expected in contracts.items():
            found = ours["contracts"][path][name]
            for output in ("userdoc", "devdoc", "abi"):
                assert found[output] == expected[output], (path, name, output)
            assert found["evm"] == expected["evm"]
            metadata(json.loads(found["metadata"]), json.loads(expected["metadata"]))
            compared += 1
    return compared


def metadata(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Equal, but for who compiled; and Swarm's names of sources, which nobody resolves, are left out."""
    for source in expected["sources"].values():
        if "urls" in source:
            source["urls"] = [url for url in source["urls"] if url.startswith("dweb:")]
    assert "soliditylite" in found["compiler"].pop("version")
    del expected["compiler"]["version"]
    assert found == expected


@pytest.mark.parametrize("path", CORPUS, ids=lambda p: p.stem)
def test_the_corpus_is_documented_alike(path: Path) -> None:
    assert compare(*both({path.name: path.read_text()}))


def test_our_contracts_are_documented_alike() -> None:
    sources = {
        str(path.relative_to(ROOT)): path.read_text()
        for path in sorted((ROOT / "contracts").rglob("*.sol"))
    }
    assert compare(*both(sources)) > 100


def test_packages_of_others_are_documented_alike() -> None:
    for package, least in (("@openzeppelin/contracts", 200), ("solady/src", 100)):
        root = ROOT / "node_modules"
        files = (p for p in sorted((root / package).rglob("*.sol")) if "mocks" not in p.parts)
        sources = {str(path.relative_to(root)): path.read_text() for path in files}
        assert compare(*both(sources)) > least


SETTINGS: list[dict[str, Any]] = [
    {"optimizer": {"enabled": True, "runs": 7}, "viaIR": True},
    {"remappings": ["z=y", "ctx:a/=b/"], "libraries": {"a.sol": {"L": "0x" + "ab" * 20}}},
    {"metadata": {"useLiteralContent": True, "bytecodeHash": "none"}},
    {"metadata": {"appendCBOR": False, "bytecodeHash": "none"}},
    {"metadata": {"bytecodeHash": "bzzr1"}, "debug": {"revertStrings": "strip"}},
    {"debug": {"revertStrings": "debug"}, "evmVersion": "paris"},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_metadata_repeat_the_settings(settings: dict[str, Any]) -> None:
    sources = {
        "a.sol": "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.20;\nimport './b.sol';\ncontract A { }",
        "b.sol": "pragma solidity ^0.8.20;\ncontract B { }",
    }
    asked = request(sources)
    asked["settings"] |= settings
    assert compare(compile_standard(asked), solc.compile_standard(asked)) == 2


# Blanks, stars and line ends in places where only solc's scanner says what belongs to the text.
ODD = [
    "/** @notice n \n * \n *\n*/",
    "/**two words**\n   @notice n*** \n* word\n* \n */",
    "/**@notice n * @dev\n* @dev\n *\n* *@notice\n\t */",
    "/** * \n *\t\n * \n*/",
    "/**\n * \n\n*/",
    "/**word* */",
    "/**@return r */",
    "/**\r\n * @notice n\r\n * more\r\n */",
    "/** @notice n\n ** two stars\n */",
    "/** @notice n\n\n   no star\n */",
    "///\n///    @",
    "/// @notice n\n///\n/// @dev d",
    "/// @notice n \n///\n///\n///more",
    "/// @notice n\r\n///\r\n///  more\r",
    "///   @notice n\n///\t@dev d\n/// @ \n/// end",
]


@pytest.mark.parametrize("comment", ODD, ids=repr)
def test_odd_comments_mean_the_same(comment: str) -> None:
    function = "function f(uint256 a) external pure returns (uint256) { return a; }"
    text = f"pragma solidity ^0.8.20;\ncontract C {{\n{comment}\n{function}\n}}"
    assert compare(*both({"a.sol": text}))


def test_every_kind_of_comment_is_in_the_corpus() -> None:
    """The comparison above says nothing about what no source holds."""
    text = (HERE / "documented.sol").read_text()
    answer, _ = both({"documented.sol": text})
    dev = answer["contracts"]["documented.sol"]["Documented"]["devdoc"]
    user = answer["contracts"]["documented.sol"]["Documented"]["userdoc"]
    assert {
        "author",
        "title",
        "details",
        "custom:first",
        "stateVariables",
        "events",
        "errors",
    } <= set(dev)
    assert {"notice", "events", "errors", "methods"} <= set(user)
    assert dev["methods"]["f(uint256,uint256)"]["returns"].keys() == {"sum", "_1"}
