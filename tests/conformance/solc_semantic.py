"""`python -m tests.conformance.solc_semantic PATH`: solc's semantic tests, run on this compiler.

PATH is a folder or git directory of ethereum/solidity that you have; nothing of it is kept here. Each
test is `passed`, `wrong` (it compiled and did something else), `refused` (a clean error), `crashed`, or
`skipped` (about ABI coder v1, the legacy code generator, EOF, an EVM that is not here, or how much
memory or code there is). Exit status 1 on a wrong or crashed one.
"""

from __future__ import annotations

import sys

from tests.conformance import command
from tests.conformance.cases import read_case
from tests.conformance.command import Suite, Verdict
from tests.conformance.literals import Malformed
from tests.conformance.trial import CRASHED, PASSED, REFUSED, SKIPPED, WRONG, judge

_FOLDER = "test/libsolidity/semanticTests"

# These read the free memory pointer or the size of the code, which are this compiler's own.
_MEASURE = {
    "functionCall/return_size_bigger_than_expected.sol": "memory used by a call",
    "memoryManagement/return_variable.sol": "memory used by results",
    "various/address_code.sol": "size of the code",
}


def judge_file(name: str, texts: dict[str, str]) -> Verdict:
    measure = _MEASURE.get(name.removeprefix(_FOLDER + "/"))
    if measure is not None:
        return Verdict(SKIPPED, measure)
    try:
        case = read_case(name, texts[name], texts)
    except Malformed as error:
        return Verdict(SKIPPED, f"not read: {error}")
    return judge(case)


SUITE = Suite(
    "python -m tests.conformance.solc_semantic",
    _FOLDER,
    judge_file,
    kinds=(PASSED, WRONG, REFUSED, CRASHED, SKIPPED),
    good=(PASSED,),
    bad=(WRONG, CRASHED),
    aside=SKIPPED,
)

if __name__ == "__main__":
    sys.exit(command.run(SUITE, sys.argv[1:], str(__doc__)))
