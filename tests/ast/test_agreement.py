"""Our trees equal solc's: the same nodes with the same fields and values, but for the numbers of nodes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.ast.compared import differences, ours, theirs
from tests.oracle import solc

ROOT = Path(__file__).resolve().parents[2]
CORPUS = sorted((ROOT / "tests" / "differential" / "corpus").glob("*.sol"))
PACKAGES = ROOT / "node_modules"

# Fields that differ on purpose, by file. Ours say what our code needs: it does not carry the code of a
# contract that is named (`new Fixed;`) and never made.
EXCEPTIONS = {"accepted.sol": {"contractDependencies"}}

pytestmark = pytest.mark.skipif(not solc.available(), reason="solc is not installed")


def texts(root: Path, folder: str, below: Path = ROOT) -> dict[str, str]:
    return {
        str(p.relative_to(below)): p.read_text() for p in sorted((root / folder).rglob("*.sol"))
    }


def unexpected(
    sources: Mapping[str, str], fields: frozenset[str] | set[str] = frozenset()
) -> list[str]:
    found = differences(sources)
    return [d for d in found if not any(f".{field}:" in d for field in fields)]


@pytest.mark.parametrize("path", CORPUS, ids=lambda p: p.stem)
def test_language_corpus(path: Path) -> None:
    assert unexpected({path.name: path.read_text()}, EXCEPTIONS.get(path.name, set())) == []


def test_exceptions_are_needed() -> None:
    for name, fields in EXCEPTIONS.items():
        path = next(p for p in CORPUS if p.name == name)
        found = differences({path.name: path.read_text()})
        assert all(any(f".{field}:" in d for d in found) for field in fields), name


@pytest.mark.parametrize("line_end", ["\n", "\r\n", " \t\n"], ids=["lf", "crlf", "trailing"])
def test_samples(line_end: str) -> None:
    samples = texts(ROOT, "tests/ast/samples", ROOT / "tests" / "ast" / "samples")
    assert unexpected({p: text.replace("\n", line_end) for p, text in samples.items()}) == []


def test_contracts() -> None:
    assert unexpected(texts(ROOT, "contracts")) == []


def test_openzeppelin() -> None:
    assert unexpected(texts(PACKAGES, "@openzeppelin/contracts", PACKAGES)) == []


def test_solady() -> None:
    names = ("LibBytes", "LibString", "SafeTransferLib", "FixedPointMathLib", "LibSort")
    files = [PACKAGES / "solady" / "src" / "utils" / f"{name}.sol" for name in names]
    assert unexpected({str(p.relative_to(PACKAGES)): p.read_text() for p in files}) == []


# A call through parentheses is a call like any other here. solc makes a pointer of the function first, and a number.
PARENTHESES = """// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;
contract A {
    function f() internal {}
    function g() external { (f)(); }
}
"""


def test_numbers_of_functions_are_those_of_our_code() -> None:
    name = "internalFunctionIDs"
    found = differences({"a.sol": PARENTHESES})
    assert len(found) == 1 and f".{name}: missing" in found[0]
    pointer = PARENTHESES.replace("(f)()", "function () internal p = f; p()")
    assert differences({"a.sol": pointer}) == []
    assert any(name in node for node in ours({"a.sol": pointer})["a.sol"]["nodes"])


# Every kind of slip must be seen, or the tests above say nothing.
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda tree: tree.pop("license"), "missing"),
        (lambda tree: tree.update(extra=1), "extra"),
        (lambda tree: tree.update(src="0:0:0"), "src"),
        (lambda tree: tree["nodes"].pop(), "entries"),
        (lambda tree: tree["nodes"][1].update(scope=tree["nodes"][1]["id"]), "scope"),
        (lambda tree: tree["exportedSymbols"].update(A=[1]), "exportedSymbols"),
        (lambda tree: tree["nodes"][1].update(abstract=0), "abstract"),
    ],
)
def test_comparison_sees(change: object, told: str) -> None:
    from tests.ast.compared import Comparison

    sources = {"a.sol": PARENTHESES.replace("(f)()", "f()")}
    mine, other = ours(sources), theirs(sources)
    assert Comparison().compare(mine, other) == []
    change(mine["a.sol"])  # type: ignore[operator]
    found = Comparison().compare(mine, other)
    assert found and told in found[0]
