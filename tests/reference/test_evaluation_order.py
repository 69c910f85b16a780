"""The interpreter evaluates the operands of every construct in the order of the bytecode, and so of solc."""

from __future__ import annotations

from compiler import CompileOptions, compile_sources
from harness.chain.evm import DEFAULT_SENDER, Evm
from tests.differential.test_evaluation_order import SOURCES
from tests.reference.chain import Chain
from tests.reference.contract import Maker
from tests.reference.outcomes import Unsupported
from tests.reference.program import read_program

AT = b"\xaa" * 20
MAIN = compile_sources(SOURCES, CompileOptions()).contract("Main")
PROGRAM = read_program(SOURCES)
# What a limit of gas leaves, and addresses that depend on code, are not the interpreter's to know.
LEFT_OUT = (
    "callOptions",
    "externalPointer",
    "lowLevelGasFirst",
    "lowLevelOptions",
    "saltAndArguments",
)


def interpreted(data: bytes) -> tuple[bool, bytes]:
    chain = Chain(1_700_000_000)
    maker = Maker(PROGRAM, PROGRAM.contracts["main.sol:Main"], b"")
    assert chain.create(maker, AT, DEFAULT_SENDER, 0, 0)
    return chain.call(AT, data, DEFAULT_SENDER)


def test_every_construct_is_interpreted_in_that_order() -> None:
    evm = Evm()
    address = evm.deploy(MAIN.bytecode).created
    assert address is not None
    differ, left_out = [], []
    for signature, selector in MAIN.selectors.items():
        if not signature.endswith("()"):
            continue
        before = evm.snapshot()
        outcome = evm.call(address, bytes.fromhex(selector))
        evm.revert(before)
        try:
            found = interpreted(bytes.fromhex(selector))
        except Unsupported:
            left_out.append(signature[:-2])
            continue
        if found != (outcome.success, outcome.output):
            differ.append(signature)
    assert not differ
    assert sorted(left_out) == sorted(LEFT_OUT)
