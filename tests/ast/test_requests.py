"""The AST comes when it is asked for, for the files it is asked for, and costs nothing otherwise."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from compiler import CompileError, compile_sources
from compiler.stages import json_trees
from compiler.standard_json import compile_standard

ROOT = Path(__file__).resolve().parents[2]
SOURCES = {
    "a.sol": 'pragma solidity ^0.8.20; import "./b.sol"; contract A is B { }',
    "b.sol": "pragma solidity ^0.8.20; contract B { }",
}


def answer(selection: dict[str, Any], sources: dict[str, str] | None = None) -> dict[str, Any]:
    given = SOURCES if sources is None else sources
    request = {
        "language": "Solidity",
        "sources": {path: {"content": text} for path, text in given.items()},
        "settings": {"outputSelection": selection},
    }
    return compile_standard(request)


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "nodeType" in value:
            yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


@pytest.mark.parametrize(
    ("selection", "files"),
    [
        ({"*": {"": ["ast"]}}, {"a.sol", "b.sol"}),
        ({"*": {"": ["*"]}}, {"a.sol", "b.sol"}),
        ({"b.sol": {"": ["ast"]}}, {"b.sol"}),
        ({"*": {"*": ["*"]}}, set()),
        ({"*": {"*": ["abi"]}}, set()),
        ({}, set()),
    ],
)
def test_selection(selection: dict[str, Any], files: set[str]) -> None:
    found = answer(selection)["sources"]
    assert {path for path, source in found.items() if "ast" in source} == files
    assert {path: source["id"] for path, source in found.items()} == {"a.sol": 0, "b.sol": 1}


def test_nothing_is_made_unasked() -> None:
    script = (
        "import sys; from compiler.standard_json import compile_standard;"
        "compile_standard({'language': 'Solidity', 'sources': {'a.sol': {'content': 'contract A { }'}},"
        "'settings': {'outputSelection': {'*': {'*': ['*']}}}});"
        "print([m for m in sys.modules if m.startswith('compiler.ast_json')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "[]", done.stderr
    assert compile_sources(SOURCES).trees == {}


def test_errors_come_without_trees() -> None:
    found = answer({"*": {"": ["ast"]}}, {"a.sol": "pragma solidity ^0.8.20; contract A is X { }"})
    assert found["errors"] and "ast" not in found["sources"]["a.sol"]


def test_command_line(tmp_path: Path) -> None:
    for name, text in SOURCES.items():
        (tmp_path / name).write_text(text)
    command = [sys.executable, "-m", "compiler", "a.sol", "--emit", "ast-json"]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0, done.stderr
    tree = json.loads(done.stdout)
    assert tree["absolutePath"] == "a.sol" and tree["nodeType"] == "SourceUnit"


def test_numbers_are_unique_within_a_build() -> None:
    samples = ROOT / "tests" / "ast" / "samples"
    trees = json_trees({p.name: p.read_text() for p in sorted(samples.glob("*.sol"))})
    numbers = [n["id"] for n in nodes(trees) if not n["nodeType"].startswith("Yul")]
    assert len(numbers) == len(set(numbers)) > 1000


def test_hash_seed_does_not_matter() -> None:
    script = (
        "import sys, json; from pathlib import Path; from compiler.stages import json_trees;"
        "print(json.dumps(json_trees({p.name: p.read_text() for p in sorted(Path(sys.argv[1]).glob('*.sol'))})))"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", script, str(ROOT / "tests" / "ast" / "samples")],
            capture_output=True, text=True, cwd=ROOT, check=True, env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(made) == 1


def test_places_are_counted_in_bytes() -> None:
    samples = ROOT / "tests" / "ast" / "samples"
    sources = {p.name: p.read_text() for p in sorted(samples.glob("*.sol"))}
    assert not sources["definitions.sol"].isascii() and not sources["bodies.sol"].isascii()
    raw = [text.encode() for text in sources.values()]
    seen = 0
    for node in nodes(json_trees(sources)):
        for place, name in (("nameLocation", "name"), ("memberLocation", "memberName")):
            start, length, file = map(int, node.get(place, "-1:-1:-1").split(":"))
            if start >= 0 and name in node:
                assert raw[file][start : start + length].decode() == node[name], node["src"]
                seen += 1
    assert seen > 200


FACET = """pragma facet wrapping;
facet Counter {
    uint256 total;
    address owner;
    function count(uint256 amount) external { total += amount; owner = 0; }
}
"""


def test_a_facet_is_written_as_it_stands() -> None:
    (tree,) = json_trees({"a.sol": FACET}).values()
    contract = tree["nodes"][1]
    assert contract["contractKind"] == "contract" and contract["name"] == "Counter"
    start, length, _ = map(int, contract["src"].split(":"))
    assert FACET[start : start + length].startswith("facet Counter")
    (inner,) = contract["nodes"][2]["body"]["statements"]
    assert inner["nodeType"] == "UncheckedBlock" and len(inner["statements"]) == 2


def function(value: str) -> str:
    body = f"function f(uint a) external view returns (uint) {{ return {value}; }}"
    return f"pragma solidity ^0.8.20; contract A {{ function g() external view returns (A) {{ return this; }} {body} }}"


def sums(depth: int) -> str:
    value = "a"
    for _ in range(depth):
        value = "(" + " + ".join([value] + ["a"] * 150) + ")"
    return value


DEEP = {"sums": sums(5), "calls": "this" + ".g()" * 300 + ".f(a)", "sum": " + ".join(["a"] * 900)}


@pytest.mark.parametrize("kind", DEEP)
def test_deep_nesting_is_an_error_and_no_crash(kind: str) -> None:
    text = function(DEEP[kind])
    with pytest.raises(CompileError, match="SL4001"):
        json_trees({"a.sol": text})
    assert compile_sources({"a.sol": text}).contracts  # which no other output minds
    shown = json.dumps(answer({"*": {"": ["ast"]}}, {"a.sol": text}))
    assert re.search("nested too deeply", shown)


@pytest.mark.parametrize(
    "value", [sums(3), "this" + ".g()" * 140 + ".f(a)", "(" * 200 + "a" + ")" * 200]
)
def test_what_is_written_can_be_read(value: str) -> None:
    trees = json_trees({"a.sol": function(value)})
    assert json.loads(json.dumps(trees)) == trees
