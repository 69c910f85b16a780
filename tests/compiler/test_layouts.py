"""`layout` and `diff-layout`: what an upgrade may do to stored data, and what it may not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compiler.cli import main
from compiler.layout_commands import of_sources
from compiler.layouts.difference import Change, compare
from compiler.layouts.document import Document, dumps, loads
from compiler.options import CompileOptions

NAMESPACE = """// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;
enum Mood { calm, cross }
type Fee is uint64;
struct Pair { uint128 a; uint128 b; }
struct Node { uint256 value; mapping(uint256 => Node) next; }
/// @custom:storage-location erc7201:shop.main
struct Shop {
    address owner;
    uint64 opened;
    mapping(uint256 id => Pair) pairs;
    Pair[] queue;
    Pair best;
    mapping(address => mapping(uint256 => Node)) nodes;
    Mood mood;
    Fee fee;
}
"""
# what is replaced, by what, and the kinds of change that this is
EDITS = {
    "nothing": ("", "", []),
    "append": ("    Fee fee;\n", "    Fee fee;\n    uint256 more;\n", ["appended"]),
    "append into the last slot": ("    Fee fee;\n", "    Fee fee;\n    bool x;\n", ["appended"]),
    "grow a mapping's value": (
        "a; uint128 b; }",
        "a; uint128 b; uint256 c; }",
        # the same struct is inside an array and inline: those move what follows
        ["resized", "moved", "moved", "moved", "appended", "appended", "appended"],
    ),
    "grow a value that maps to itself": (
        "value; map",
        "value; uint8 z; map",
        ["moved", "inserted"],
    ),
    "insert": ("    uint64 opened;\n", "    uint8 x;\n    uint64 opened;\n", ["moved", "inserted"]),
    "insert into a hole": (
        "    mapping(uint256 id",
        "    uint8 x;\n    mapping(uint256 id",
        ["inserted"],
    ),
    "swap": ("uint128 a; uint128 b;", "uint128 b; uint128 a;", ["reordered"] * 6),
    "rename": ("uint64 opened", "uint64 since", ["renamed"]),
    "rename a struct field": ("    Pair best", "    Pair top", ["renamed"]),
    "remove": ("    uint64 opened;\n", "", ["removed"]),
    "remove the last": ("    Fee fee;\n", "", ["removed"]),
    "resize": ("uint64 opened", "uint32 opened", ["retyped", "resized"]),
    "retype": ("address owner", "uint160 owner", ["retyped"]),
    "retype a key": ("mapping(uint256 id", "mapping(int256 id", ["retyped"]),
    "another value's meaning": ("calm, cross", "cross, calm", ["retyped"]),
    "a new value at the end": ("calm, cross", "calm, cross, kind", []),
    "an alias of a smaller type": ("Fee is uint64", "Fee is uint32", ["retyped", "resized"]),
    "another namespace": ("shop.main", "shop.other", ["removed", "appended"]),
}


def document(folder: Path, text: str) -> Document:
    path = folder / "Shop.sol"
    path.write_text(text)
    return of_sources([str(path)], CompileOptions(allowed_roots=(str(folder),)))


def changes(folder: Path, old: str, new: str) -> list[Change]:
    return compare(document(folder, old), document(folder, new))


@pytest.mark.parametrize("edit", EDITS)
def test_every_kind_of_edit(edit: str, tmp_path: Path) -> None:
    old, new, kinds = EDITS[edit]
    assert NAMESPACE.count(old) == 1 or not old, "the edit must say what it means"
    found = changes(tmp_path, NAMESPACE, NAMESPACE.replace(old, new, 1) if old else NAMESPACE)
    assert [change.kind for change in found] == kinds, found


def test_a_mapping_value_may_grow_and_an_element_may_not(tmp_path: Path) -> None:
    text = (
        "pragma solidity ^0.8.24; struct S { uint256 a; } contract C { %s keep; uint256 after_; }"
    )
    for container, kinds in (
        ("mapping(uint256 => S)", ["appended"]),
        ("S[]", ["resized", "appended"]),
        ("S[2]", ["resized", "resized", "moved", "appended"]),
    ):
        old = text % container
        found = changes(tmp_path, old, old.replace("uint256 a;", "uint256 a; uint256 b;"))
        assert [change.kind for change in found] == kinds, (container, found)


def test_a_document_reads_back(tmp_path: Path) -> None:
    found = document(tmp_path, NAMESPACE)
    assert loads(dumps(found)) == found
    root = found["shop.main"]
    assert root.entries["owner"] == (0, 0, 20, "address")
    assert root.entries["opened"] == (0, 20, 8, "uint64")
    assert root.entries["queue[].b"] == (0, 16, 16, "uint128")
    assert root.entries["nodes[*][*].next[*]"][3] == "struct Node"
    assert root.entries["mood"][3] == "enum Mood {calm, cross}"
    assert root.entries["fee"][3] == "Fee is uint64"


def test_bases_come_first_and_facets_have_a_namespace(tmp_path: Path) -> None:
    text = """pragma solidity ^0.8.24;
    abstract contract Base { uint8 first; }
    contract Child is Base { uint8 second; }
    contract Child2 is Base { }
    """
    found = document(tmp_path, text)
    assert found.keys() == {"Child", "Child2"}
    assert [*found["Child"].entries] == ["first", "second"]
    assert found["Child"].entries["second"][:2] == (0, 1)


def test_moved_namespace_is_rebased(tmp_path: Path) -> None:
    found = document(tmp_path, NAMESPACE)
    root = found["shop.main"]
    moved = {"shop.main": root._replace(base=root.base + 1)}
    assert [change.kind for change in compare(found, moved)] == ["rebased"]


# -- the commands ----------------------------------------------------------------------------------------


def files(folder: Path, edit: tuple[str, str]) -> tuple[str, str]:
    old, new = folder / "old.sol", folder / "new.sol"
    old.write_text(NAMESPACE)
    new.write_text(NAMESPACE.replace(*edit))
    return str(old), str(new)


def test_the_command_says_safe_or_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = files(tmp_path, ("    Fee fee;\n", "    Fee fee;\n    uint256 more;\n"))
    assert main(["diff-layout", old, new]) == 0
    assert capsys.readouterr().out == (
        "+ appended  shop.main: more  (slot 6, uint256)\nsafe: 1 appended\n"
    )
    assert main(["diff-layout", new, old]) == 1
    assert "! removed   shop.main: more  (was slot 6, uint256)" in capsys.readouterr().out
    assert main(["diff-layout", old, old]) == 0
    assert capsys.readouterr().out == "safe: nothing changed\n"


def test_renames_are_allowed_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = files(tmp_path, ("uint64 opened", "uint64 since"))
    assert main(["diff-layout", old, new]) == 1
    assert main(["diff-layout", old, new, "--allow-renames"]) == 0
    capsys.readouterr()
    assert main(["diff-layout", old, new, "--format", "json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["safe"] is False
    assert [(row["kind"], row["path"]) for row in answer["changes"]] == [("renamed", "opened")]


def test_a_kept_document_is_compared_with_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "Shop.sol").write_text(NAMESPACE)
    kept = str(tmp_path / "layout.json")
    assert main(["layout", str(tmp_path / "src"), "-o", kept]) == 0
    assert capsys.readouterr().out == f"wrote 1 layouts to {kept}\n"
    assert main(["diff-layout", kept, str(tmp_path / "src")]) == 0
    assert capsys.readouterr().out == "safe: nothing changed\n"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("gone.json", None, "not found"),
        ("gone.sol", None, "not found"),
        ("empty", "", "there is no .sol file in this folder"),
        ("list.json", "[]", "it is not a layout document"),
        ("other.json", '{"format": "x"}', "its format is 'x'"),
        ("binary.json", "\udcff", "it is not UTF-8 text"),
    ],
)
def test_what_cannot_be_read_is_named(
    name: str, text: str | None, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    if name == "empty":
        path.mkdir()
    elif text is not None:
        path.write_text(text, errors="surrogateescape")
    assert main(["diff-layout", str(path), str(path)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {path}: ") and message in error


def test_an_error_in_a_source_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.sol"
    path.write_text("pragma solidity ^0.8.24; contract C { uint8 x = true; }")
    assert main(["layout", str(path)]) == 1
    assert "SL0301" in capsys.readouterr().err
