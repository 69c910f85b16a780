"""Seeded mistakes in passes and in the back end, each in a copy of the compiler: whom does `bisect` blame?

`python -m tests.fir.mistakes` prints a line for each: the mistake, and the verdict. Everything but the compiler is
loaded once; each mistake has a fork.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple, NoReturn

import harness.chain.evm  # noqa: F401 - loaded once for all mistakes
from tests.mutation.compiler.seeds import SEEDS, Seed

ROOT = Path(__file__).resolve().parents[2]


class Case(NamedTuple):
    """A mistake of the list by its description, a contract that shows it, arguments of `f`, and who is to blame."""

    why: str
    body: str
    arguments: tuple[int, ...]
    culprit: str
    value: int = 0

    @property
    def seed(self) -> Seed:
        return next(seed for seed in SEEDS if seed.why == self.why)

    @property
    def source(self) -> str:
        return f"pragma solidity ^0.8.29;\ncontract C {{\n{self.body}\n}}\n"


CASES = (
    Case("storage is remembered across calls",
         "uint256 s; function g(uint256 n) internal { if (n > 0) g(n - 1); else s = 2; }\n"
         "function f(uint256 n) external returns (uint256) { s = 1; g(n); return s; }", (3,), "storage"),
    Case("what a loop's body stores is not seen at its head",
         "uint256 s; function f(uint256 n) external returns (uint256 last) { s = 1; for (uint256 i = 0; i < n; i++) { last = s; s = i + 7; } }",
         (3,), "storage"),
    Case("a known condition goes the other way",
         "function f(uint256 a, uint256 b) external pure returns (uint256) { if (a > 3 && b > 3) return 1; return 2; }",
         (1, 9), "threading"),
    Case("an inverted condition is not",
         "function f(uint256 a) external pure returns (uint256 r) { r = 5; if (!(a > 3)) r = 6; }", (9,), "control"),
    Case("calls whose success nobody looks at are dropped",
         "function f(address payable a) external payable { a.send(1); }", (0x1234,), "dead-code", 5),
    Case("the pointer is not set for those that allocate in a callee",
         "function g(uint256 n) internal pure returns (uint256[] memory) { return n == 0 ? new uint256[](2) : g(n - 1); }\n"
         "function f(uint256 n) external pure returns (uint256) { uint256[] memory a = g(n); uint256[] memory b = g(n); a[0] = 7; b[0] = 9; return a[0]; }",
         (1,), "free-memory"),
    Case("loads move past stores",
         "uint256 s = 4; function f(uint256 n) external returns (uint256) { uint256 old = s; s = n; return old * n; }",
         (9,), "the back end"),
    Case("revert data is handed on only in part",
         "function g() external pure { revert('this is longer than a word of thirty-two bytes'); }\n"
         "function f(uint256) external view { this.g(); }", (0,), "the back end"),
)  # fmt: skip


def verdict(case: Case) -> str:
    """With the compiler as it is loaded."""
    from compiler import CompileOptions, compile_sources
    from tests.differential.twins import Message
    from tests.fir.bisect import bisect
    from tests.fir.traces import Script

    selectors = compile_sources({"c.sol": case.source}).contracts["c.sol:C"].selectors
    selector = next(s for name, s in selectors.items() if name.startswith("f("))
    data = bytes.fromhex(selector) + b"".join(w.to_bytes(32, "big") for w in case.arguments)
    script = Script(b"", (Message(data, value=case.value),))
    found = bisect({"c.sol": case.source}, CompileOptions(), "C", [script])
    return found.culprit if found is not None else "nobody"


def main() -> int:
    for case in CASES:
        print(f"{case.why}: ", end="", flush=True)
        pid = os.fork()
        if not pid:
            _child(case)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if status:
            print(f"ended with {status}")
            return 1
    return 0


def _child(case: Case) -> NoReturn:
    code = 1
    try:
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(ROOT / "compiler", Path(folder) / "compiler")
            path = Path(folder) / "compiler" / case.seed.file
            path.write_text(path.read_text().replace(case.seed.old, case.seed.new))
            assert "compiler" not in sys.modules
            sys.path.insert(0, folder)
            print(verdict(case), flush=True)
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
