"""A build by two processes is the build by one."""

from __future__ import annotations

import os
import sys

import pytest

from compiler import CompileError, compile_sources
from compiler import together as shared
from compiler.together import Claims

PRAGMA = "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.20;\n"
SOURCES = {
    "tools.sol": PRAGMA
    + "library Tools { function twice(uint256 x) internal pure returns (uint256) { return 2 * x; } }\n"
    "interface Asked { function ask() external; }\n",
    "child.sol": PRAGMA + "contract Child { uint256 public born = block.timestamp; }\n",
    "parents.sol": PRAGMA
    + 'import "./child.sol";\nimport "./tools.sol";\n'
    + "".join(
        f"contract Parent{n} {{ function go(uint256 x) external returns (Child) "
        f"{{ uint256 unused = x; require(Tools.twice(x) > {n}); return new Child(); }} }}\n"
        for n in range(12)
    ),
}
WRONG_TYPE = PRAGMA + "contract Bad { function f() external { uint256 x = true; } }\n"
CONTAINS_ITSELF = PRAGMA + "contract Egg { function f() external { new Egg(); } }\n"


@pytest.fixture(autouse=True)
def everything_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "ENOUGH", 0)


def test_contracts_and_warnings_are_the_same() -> None:
    alone, together = compile_sources(SOURCES), compile_sources(SOURCES, jobs=2)
    assert list(alone.contracts) == list(together.contracts)
    for name, one in alone.contracts.items():
        other = together.contracts[name]
        assert (one.bytecode, one.runtime) == (other.bytecode, other.runtime), name
        for field in set(one.__slots__) - {"creation", "deployed"}:
            assert getattr(one, field) == getattr(other, field), (name, field)
    found = [[(d.code, d.message, d.span) for d in c.diagnostics] for c in (alone, together)]
    assert found[0] == found[1] and found[0]


def test_every_contract_is_taken_by_one() -> None:
    """Two claimants of the same pipe, each asked about every contract, in whatever way they take turns."""
    numbers, writing = os.pipe()
    os.write(writing, b"".join(n.to_bytes(2, "big") for n in range(100)))
    claimants = (Claims(numbers), Claims(numbers))
    for first, second in ((0, 1), (1, 0)) * 10:
        for who in (first, second):
            place = len(claimants[who].taken)
            for position in range(_asked(claimants[who]), 40):
                claimants[who]("a.sol", str(position))
                if len(claimants[who].taken) > place:
                    break
    for claims in claimants:
        for position in range(_asked(claims), 40):
            claims("a.sol", str(position))
    os.close(numbers)
    os.close(writing)
    taken = [claims.taken for claims in claimants]
    assert sorted(taken[0] + taken[1]) == sorted(f"a.sol:{n}" for n in range(40))
    assert all(len(names) > 10 for names in taken)


def _asked(claims: Claims) -> int:
    return claims._asked


@pytest.mark.parametrize("wrong", [WRONG_TYPE, CONTAINS_ITSELF], ids=["before code", "in code"])
def test_a_mistake_is_the_same_mistake(wrong: str) -> None:
    sources = {**SOURCES, "wrong.sol": wrong}
    with pytest.raises(CompileError) as alone:
        compile_sources(sources)
    with pytest.raises(CompileError) as together:
        compile_sources(sources, jobs=2)
    assert str(alone.value) == str(together.value)


@pytest.mark.parametrize("helper", ["/bin/false", "/bin/echo"])
def test_a_helper_that_fails_is_not_missed(monkeypatch: pytest.MonkeyPatch, helper: str) -> None:
    """It ends at once, or answers with something else."""
    expected = compile_sources(SOURCES)
    monkeypatch.setattr(sys, "executable", helper)
    found = compile_sources(SOURCES, jobs=2)
    assert [c.bytecode for c in found.contracts.values()] == [
        c.bytecode for c in expected.contracts.values()
    ]
