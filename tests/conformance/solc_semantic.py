"""`python -m tests.conformance.solc_semantic PATH`: solc's semantic tests, run on this compiler.

PATH is a folder or git directory of ethereum/solidity that you have; nothing of it is kept here. Each
test is `passed`, `wrong` (it compiled and did something else), `refused` (a clean error), `crashed`, or
`skipped` (about ABI coder v1, the legacy code generator, EOF, an EVM that is not here, or what is
a compiler's own: `_OWN`). Exit status 1 on a wrong or crashed one.
"""

from __future__ import annotations

import sys

from tests.conformance import command
from tests.conformance.cases import read_case
from tests.conformance.command import Suite, Verdict
from tests.conformance.literals import Malformed
from tests.conformance.trial import CRASHED, PASSED, REFUSED, SKIPPED, WRONG, judge

_FOLDER = "test/libsolidity/semanticTests"

# What these tests look at is this compiler's own: how much memory is used, the code itself, and what is left
# in bits that are not part of a value ("you cannot make any assumptions", says the documentation).
_OWN = {
    "functionCall/return_size_bigger_than_expected.sol": "memory used by a call",
    "memoryManagement/return_variable.sol": "memory used by results",
    "operators/userDefined/operator_parameter_and_return_cleanup_between_calls.sol": "bits that are not of the value",
    "operators/userDefined/operator_parameter_cleanup.sol": "bits that are not of the value",
    "operators/userDefined/operator_return_parameter_cleanup.sol": "bits that are not of the value",
    "tryCatch/create.sol": "an address made from the code",
    "various/address_code.sol": "size of the code",
    "various/code_length_contract_member.sol": "size of the code",
    # Asks for the balance of `0x124`, which the reference's runner does not read as an address.
    "externalContracts/FixedFeeRegistrar.sol": "a malformed address",
}


def judge_file(name: str, texts: dict[str, str]) -> Verdict:
    own = _OWN.get(name.removeprefix(_FOLDER + "/"))
    if own is not None:
        return Verdict(SKIPPED, own)
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
