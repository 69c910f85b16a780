"""`python -m tests.conformance.solc_syntax PATH`: whether solc's syntax tests are taken and refused alike.

PATH is a folder or git directory of ethereum/solidity that you have; nothing of it is kept here. Each
test is `taken` or `rejected` by both, `unsupported` here (a code SL2xxx), `strict` (refused here alone),
`lax` (taken here alone), `crashed`, or `skipped`. Exit status 1 on a crashed one.
"""

from __future__ import annotations

import re
import sys

from compiler import CompileError, CompileOptions, compile_sources
from compiler.options import DEFAULT_LEVEL
from tests.conformance import command
from tests.conformance.cases import read_settings, read_sources
from tests.conformance.command import Suite, Verdict
from tests.conformance.literals import Malformed
from tests.conformance.trial import fork_for

TAKEN, REJECTED, UNSUPPORTED = "taken", "rejected", "unsupported"
STRICT, LAX, CRASHED, SKIPPED = "strict", "lax", "crashed", "skipped"
_ERROR = re.compile(r"^// +(\w*Error|\w*Exception)\b(?: (\d+))?", re.MULTILINE)


def judge_file(name: str, texts: dict[str, str]) -> Verdict:
    above, _, below = texts[name].partition("\n// ----")
    above, _, settings_text = above.partition("\n// ====")
    settings = read_settings(settings_text)
    try:
        sources, _ = read_sources(name, above, texts)
    except Malformed as error:
        return Verdict(SKIPPED, f"not read: {error}")
    fork = fork_for(settings)
    if fork is None:
        return Verdict(SKIPPED, "EVM version")
    if re.search(r"pragma\s+(experimental|abicoder)", above):
        return Verdict(SKIPPED, "old coder or experimental")
    errors = _ERROR.findall(below)
    if settings.get("stopAfter") == "parsing":
        return Verdict(SKIPPED, "stops after parsing")
    wanted = " ".join(errors[0]) if errors else ""
    level = 0 if settings.get("optimize-yul") == "false" else DEFAULT_LEVEL
    try:
        compile_sources(sources, CompileOptions(evm_version=fork, optimize=level))
    except CompileError as error:
        first = next(d for d in error.diagnostics if d.severity == "error")
        if wanted:
            return Verdict(REJECTED)
        kind = UNSUPPORTED if first.code.startswith("SL2") else STRICT
        return Verdict(kind, f"{first.code} {first.message}")
    except Exception as error:  # the board counts whatever the compiler throws
        return Verdict(CRASHED, f"{type(error).__name__}: {error}"[:200])
    return Verdict(LAX, wanted) if wanted else Verdict(TAKEN)


SUITE = Suite(
    "python -m tests.conformance.solc_syntax",
    "test/libsolidity/syntaxTests",
    judge_file,
    kinds=(TAKEN, REJECTED, UNSUPPORTED, STRICT, LAX, CRASHED, SKIPPED),
    good=(TAKEN, REJECTED),
    bad=(CRASHED,),
    aside=SKIPPED,
)

if __name__ == "__main__":
    sys.exit(command.run(SUITE, sys.argv[1:], str(__doc__)))
