"""The properties on numbers: all small ones and the edges, for those that no solver can multiply out.

What starts with `check_` halmos proves for every number; what starts with `small_` is run here, on the
same code, in the EVM of this process.
"""

from __future__ import annotations

import functools
from itertools import product
from typing import Any

from compiler import compile_files
from compiler.artifact import CompiledContract
from harness.chain.evm import Evm
from tests.analysis.halmos import (
    CONTROL,
    PROPERTIES,
    ROOT,
    artifact,
    outcomes,
    unproved,
    wanted,
)
from tests.contracts.calls import Bound

RATES = (0, 1, 2, 3_333, 4_999, 5_000)
SIXTY_FOUR = 2**64 - 1


@functools.cache
def compiled() -> dict[str, CompiledContract]:
    files = [path.relative_to(ROOT) for path in sorted(PROPERTIES.glob("*.sol"))]
    return {c.name: c for c in compile_files(files).contracts.values()}


@functools.cache
def deployed(name: str) -> Bound:
    evm = Evm()
    address = evm.deploy(compiled()[name].bytecode).created
    assert address is not None
    return Bound(evm, address, compiled()[name].abi)


def holds(name: str, function: str, *values: Any) -> None:
    deployed(name).call(function, *values)  # reverts with a Panic where an assertion fails


def test_the_fee_of_a_receipt() -> None:
    amounts = [(0, 0), (1, 0), (2, 7), (10_001, 9), (SIXTY_FOUR, 0), (1, SIXTY_FOUR - 1)]
    for (locked, redeemed), opened, live in product(amounts, RATES, RATES):
        for ahead, remainder in product((0, 1, 3, locked), (0, 1, 9_999)):
            case = (locked, redeemed, redeemed + ahead, opened, live, remainder)
            holds("FeeProperties", "small_fee", case)


def test_a_clawback_leaves_other_shares_alone() -> None:
    for mine, theirs in product((1, 2, 3, 5, 8), repeat=2):
        for left in range(1, mine + theirs + 1):
            for amount in range(1, mine + 1):
                case = left, mine, theirs, amount
                holds("ShareProperties", "small_clawbackLeavesOthersAlone", *case)


def test_the_split_of_a_pot() -> None:
    for pot in (*range(40), 9_999, 10_000, 10_001, 10**18 + 7, SIXTY_FOUR):
        for a, b in (
            (1, 1),
            (3_333, 3_333),
            (1, 9_998),
            (9_998, 1),
            (5_000, 4_999),
            (2_500, 2_501),
        ):
            holds("ShareProperties", "small_partySplit", pot, a, b, 10_000 - a - b)


def test_the_share_of_a_tithe() -> None:
    for income in (*range(30), 9_999, 10_000, 10_001, 10**18 + 7, SIXTY_FOUR):
        for bps in (0, 1, 3, 333, 5_000, 9_999, 10_000):
            holds("ShareProperties", "small_tithe", income, bps)


def test_every_property_is_run_somewhere() -> None:
    found = {
        signature.partition("(")[0]
        for contract in compiled().values()
        for signature in contract.selectors
        if signature.startswith(("check_", "small_"))
    }
    here = {"small_fee", "small_clawbackLeavesOthersAlone", "small_partySplit", "small_tithe"}
    assert {name for name in found if name.startswith("small_")} == here
    assert CONTROL in found and len(found - here) == 9  # eight to prove


def test_what_halmos_reads_is_our_code() -> None:
    contract = compiled()["FeeProperties"]
    written = artifact(contract)
    assert written["deployedBytecode"] == {
        "object": "0x" + contract.runtime.hex(),
        "linkReferences": {},
    }


def test_a_proof_of_the_wrong_control_is_a_fault() -> None:
    both = {"check_move", CONTROL}
    assert unproved({"check_move": "PASS", CONTROL: "FAIL"}, both) == []
    assert unproved({"check_move": "TIMEOUT", CONTROL: "FAIL"}, both) == ["check_move"]
    assert unproved({"check_move": "PASS", CONTROL: "PASS"}, both) == [CONTROL]


def test_what_was_not_tried_is_not_proved() -> None:
    assert unproved({}, {"check_move"}) == ["check_move"]
    assert CONTROL in wanted() and len(wanted()) == 9
    assert wanted("move") == {"check_move", "check_moveToItself"}


def test_a_loop_not_followed_to_its_end_is_not_proved() -> None:
    told = (
        "[PASS] check_move(uint8) (paths: 15, time: 0.41s, bounds: [])\n"
        "[PASS] check_total(uint128,uint128) (paths: 7, time: 0.26s, bounds: [])\n"
        "WARNING  check_total(uint128,uint128): paths have not been fully explored\n"
        "         due to the loop unrolling bound: 34\n"
    )
    assert outcomes(told) == {"check_move": "PASS", "check_total": "WARNING"}
