"""The machine that runs FIR: what each operation does, and that it knows them all."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import pytest
from eth.vm.stack import Stack

from compiler.analysis.slots import may_alias
from compiler.ir.bits import known_bits
from compiler.ir.ops import OPS
from compiler.ir.reader import read_module
from compiler.ir.values import Value
from harness.chain.evm import Evm, Outcome
from tests.fir.chain import FirEvm
from tests.fir.machine import (
    KNOWN,
    OPCODES,
    UNDEFINED,
    Claims,
    Code,
    FactError,
    Machine,
    UnknownOperation,
)
from tests.fir.words import PURE

HOME = b"\x0f" * 20
RUNTIME = b"\xfe the bytes do not matter"
# Opcodes whose result two frames at one moment agree on; the rest have effects, or read what FIR may not.
_BYTES = {
    "add": 1, "mul": 2, "sub": 3, "div": 4, "sdiv": 5, "mod": 6, "smod": 7, "addmod": 8, "mulmod": 9, "exp": 10,
    "signextend": 11, "lt": 16, "gt": 17, "slt": 18, "sgt": 19, "eq": 20, "iszero": 21, "and": 22, "or": 23,
    "xor": 24, "not": 25, "byte": 26, "shl": 27, "shr": 28, "sar": 29,
}  # fmt: skip
EDGES = sorted(
    {w % 2**256 for k in (0, 1, 3, 5, 7, 8, 15, 31, 32, 128, 247, 248, 254, 255, 256) for w in (2**k, 2**k - 1, 2**k + 1, -(2**k))}
    | {28, 29, 30, 31, 32, 33, 254, 255, 256, 257}
)  # fmt: skip


def chain(text: str, parts: dict[str, bytes] | None = None) -> FirEvm:
    """One contract at `HOME`."""
    code = Code(read_module('module "m" reserved=0 non_payable=0\nfallback "f"\n\n' + text), RUNTIME, parts or {}, {})  # fmt: skip
    evm = FirEvm([code])
    evm.set_code(HOME, RUNTIME)
    evm.fund(HOME, 7)
    return evm


def run(text: str, data: bytes = b"", **options: Any) -> Outcome:
    return chain(text).call(HOME, data, **options)


def entry(lines: str) -> str:
    body = "\n".join(f"  {line.strip()}" for line in lines.strip().splitlines())
    return f'fn "f" entry results=0 {{\nb0:\n{body}\n}}\n'


def test_every_operation_of_fir_is_known_and_no_other() -> None:
    assert set(OPS) == KNOWN
    assert set(OPCODES) <= set(OPS)


def test_an_operation_it_was_never_told_about_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from compiler.ir import ops

    monkeypatch.setitem(ops.OPS, "frobnicate", ops.Op("frobnicate", 0, 1))
    with pytest.raises(UnknownOperation, match="frobnicate"):
        run(entry("%1 = frobnicate\nstop"))


class _Frame:
    """As much of an EVM's frame as arithmetic needs."""

    def __init__(self) -> None:
        stack = Stack()
        self.stack_push_int = stack.push_int
        self.stack_push_bytes = stack.push_bytes
        self.stack_pop1_int = stack.pop1_int
        self.stack_pop_ints = stack.pop_ints
        self.consume_gas = lambda *given, **named: None


@pytest.mark.parametrize("op", sorted(_BYTES))
def test_arithmetic_is_the_evm_s(op: str) -> None:
    """Against the opcode itself, on every pair of edges and on random words."""
    arity, rng = OPS[op].arity, random.Random(op)
    words = EDGES if arity < 3 else rng.sample(EDGES, 12)
    cases = list(product(words, repeat=arity))
    cases = cases if len(cases) < 900 else rng.sample(cases, 900)
    cases += [tuple(rng.getrandbits(256) for _ in range(arity)) for _ in range(100)]
    opcode, frame = Evm()._computation.opcodes[_BYTES[op]], _Frame()
    for case in cases:
        for word in reversed(case):
            frame.stack_push_int(word)
        opcode(frame)
        assert PURE[op](*case) == frame.stack_pop1_int(), [hex(w) for w in case]


def test_leading_zeros_are_counted() -> None:
    """EIP-7939 is younger than the EVM of this process."""
    assert [PURE["clz"](w) for w in (0, 1, 2, 2**255, 2**256 - 1)] == [256, 255, 254, 0, 0]


def test_the_opcode_table_is_the_evm_s() -> None:
    opcodes = Evm()._computation.opcodes
    named = {"sha3": "keccak256", "difficulty": "prevrandao"}
    for op, byte in OPCODES.items():
        mnemonic = opcodes[byte].mnemonic.lower()
        assert named.get(mnemonic, mnemonic) == op


REASONS = {
    "empty": "",
    "panic 0x11": "4e487b71" + "11".rjust(64, "0"),
    "error 0x12345678": "12345678",
    "message x616263": "08c379a0" + "20".rjust(64, "0") + "3".rjust(64, "0") + "616263".ljust(64, "0"),
    "message x": "08c379a0" + "20".rjust(64, "0") + "0".rjust(64, "0"),
}  # fmt: skip


@pytest.mark.parametrize("reason", REASONS)
def test_failures_carry_their_reason(reason: str) -> None:
    for lines in (f"fail : {reason}", f"%1 = guard 2 : {reason}\nstop"):
        outcome = run(entry(f"%9 = sstore 1, 1\n{lines}"))
        assert (outcome.success, outcome.output.hex()) == (False, REASONS[reason])
    assert run(entry(f"%1 = guard 0 : {reason}\nstop")).success


def test_a_failed_call_is_handed_on() -> None:
    evm = chain(entry("%1 = gas\n%2 = call %1, 0x77, 0, 0, 0, 0, 0\n%3 = iszero %2\n%4 = guard %3 : bubble\nstop"))  # fmt: skip
    evm.set_code((0x77).to_bytes(20, "big"), bytes.fromhex("60ab5f5360015ffd"))
    outcome = evm.call(HOME)
    assert (outcome.success, outcome.output) == (False, b"\xab")


LOOP = '''
fn "f" entry results=0 {
b0:
  %1 = calldataload 0
  %2 = icall "powers" 2 (%1)
  %3 = mstore 0, %2.0 : "raw"
  %4 = mstore 0x20, %2.1 : "raw"
  return 0, 0x40 : "raw"
}
fn "powers" internal results=2 {
b0(%1):
  jump b1(1, %1)
b1(%2, %3):
  switch %3 [0x0 b2, 0x63 b3(7)] b4
b2:
  %4 = icall "twice" 1 (%2)
  ret %2, %4
b3(%5):
  ret %5, 5
b4:
  %6 = mul %2, 3
  %7 = sub %3, 1
  branch %7, b1(%6, %7), b5
b5:
  jump b1(%6, %7)
}
fn "twice" internal results=1 {
b0(%1):
  branch %1, b1, b2
b1:
  %2 = sub %1, 1
  %3 = icall "twice" 1 (%2)
  %4 = add %3, 2
  ret %4
b2:
  ret 0
}
'''  # fmt: skip


@pytest.mark.parametrize(("given", "powers"), [(0, (1, 2)), (4, (81, 162)), (99, (7, 5)), (6, (729, 1458))])  # fmt: skip
def test_blocks_loops_calls_and_recursion(given: int, powers: tuple[int, int]) -> None:
    output = run(LOOP, given.to_bytes(32, "big")).output
    assert (int.from_bytes(output[:32], "big"), int.from_bytes(output[32:], "big")) == powers


def test_branches_take_parallel_values() -> None:
    """What an edge hands over is read before any parameter is written."""
    text = """
fn "f" entry results=0 {
b0:
  jump b1(1, 2, 2)
b1(%1, %2, %3):
  %4 = sub %3, 1
  branch %3, b1(%2, %1, %4), b2
b2:
  %5 = mstore 0, %1 : "raw"
  return 0, 0x20 : "raw"
}
"""
    assert int.from_bytes(run(text).output, "big") == 1


def test_slots_are_solidity_s() -> None:
    outcome = run(entry("%1 = mapslot 5, 2\n%2 = arrayslot %1\n%3 = log2 0, 0, %1, %2\nstop"))
    from compiler.evm.keccak import keccak256

    entry_slot = keccak256((5).to_bytes(32, "big") + (2).to_bytes(32, "big"))
    assert [t.to_bytes(32, "big") for t in outcome.logs[0].topics] == [entry_slot, keccak256(entry_slot)]  # fmt: skip


def test_the_pointer_is_the_word_at_64_and_data_is_read_by_name() -> None:
    text = entry("%1 = setfmp 0xa0\n%2 = fmp\n%3 = datasize : \"d\"\n%4 = dataoffset : \"d\"\n%5 = codecopy %2, %4, 4\n%6 = mload 0x40 : \"raw\"\n%7 = sub %6, %2\n%8 = mstore8 %2, %7\nreturn %2, %3")  # fmt: skip
    assert chain(text, {"d": b"\x09abc"}).call(HOME).output == b"\x00abc"


def test_an_undefined_word_is_seen() -> None:
    output = run(entry('%1 = mstore 0, undefined : "raw"\nreturn 0, 0x20 : "raw"')).output
    assert int.from_bytes(output, "big") == UNDEFINED


def test_what_never_ends_runs_out_of_gas() -> None:
    text = 'fn "f" entry results=0 {\nb0:\n  jump b1\nb1:\n  jump b1\n}'
    evm = chain(text)
    assert evm.call(HOME, gas=50_000).error == "OutOfGas" and evm.limited


DISPATCH = """module "m" reserved=0 non_payable={}
dispatch 0x0a0b0c00 "one"
{}unmatched x6e6f

fn "one" entry results=0 {{
b0:
  %1 = mstore8 0, 1 : "raw"
  return 0, 1 : "raw"
}}
fn "r" entry results=0 {{
b0:
  %1 = mstore8 0, 2 : "raw"
  return 0, 1 : "raw"
}}
fn "b" entry results=0 {{
b0:
  %1 = mstore8 0, 3 : "raw"
  return 0, 1 : "raw"
}}
"""


@pytest.mark.parametrize(
    ("specials", "data", "answer"),
    [
        ("", "0a0b0c00", 1), ("", "0a0b0c", None), ("", "", None), ("", "0a0b0c01", None),
        ('receive "r"\n', "", 2), ('receive "r"\n', "0a", None), ('fallback "b"\n', "", 3), ('fallback "b"\n', "0a0b0c", 3),
        ('receive "r"\nfallback "b"\n', "", 2), ('receive "r"\nfallback "b"\n', "0a0b0c01ff", 3),
    ],
)  # fmt: skip
def test_calls_find_their_function(specials: str, data: str, answer: int | None) -> None:
    evm = FirEvm([Code(read_module(DISPATCH.format(0, specials)), RUNTIME, {}, {})])
    evm.set_code(HOME, RUNTIME)
    outcome = evm.call(HOME, bytes.fromhex(data))
    told = bytes([answer]) if answer else bytes.fromhex(REASONS["message x616263"]).replace(b"abc", b"no\0").replace(b"\3no", b"\2no")  # fmt: skip
    assert outcome.success == (answer is not None)
    assert outcome.output == told if answer else outcome.output[68:70] == b"no"


def test_value_is_refused_where_nothing_takes_it() -> None:
    for refuses in (0, 1):
        evm = FirEvm([Code(read_module(DISPATCH.format(refuses, "")), RUNTIME, {}, {})])
        evm.set_code(HOME, RUNTIME)
        evm.fund(b"\x01" * 20, 5)
        outcome = evm.call(HOME, bytes.fromhex("0a0b0c00"), sender=b"\x01" * 20, value=1)
        assert (outcome.success, outcome.output) == ((False, b"") if refuses else (True, b"\1"))


def test_claims_about_values_are_held_against_them() -> None:
    def small(value: Value) -> int:
        return 0xFF if value.op == "add" else 2**256 - 1

    text = entry("%1 = calldataload 0\n%2 = add %1, 1\n%3 = sstore 0, %2\nstop")
    module = read_module('module "m" reserved=0 non_payable=0\nfallback "f"\n\n' + text)
    evm = FirEvm([Code(module, RUNTIME, {}, {})], Claims(small, may_alias))
    evm.set_code(HOME, RUNTIME)
    assert evm.call(HOME, (254).to_bytes(32, "big")).success
    with pytest.raises(FactError, match="0x100, and was said to fit 0xff"):
        evm.call(HOME, (255).to_bytes(32, "big"))
    assert isinstance(evm.machines[0], Machine) and evm.machines[0].checked > 0


def test_claims_about_addresses_are_held_against_them() -> None:
    """Of the storage of one function; in a loop, an address of the round before is another one."""
    text = """
fn "f" entry results=0 {
b0:
  jump b1(0)
b1(%1):
  %2 = arrayslot %1
  %3 = sstore %2, 1
  %4 = add %2, 1
  %5 = sload %4
  %6 = sload %1
  %7 = add %1, 1
  %8 = lt %7, 4
  branch %8, b1(%7), b2
b2:
  stop
}
"""
    module = read_module('module "m" reserved=0 non_payable=0\nfallback "f"\n\n' + text)
    for claim, holds in ((may_alias, True), (lambda one, other: one is other, True), (lambda one, other: False, True)):  # fmt: skip
        evm = FirEvm([Code(module, RUNTIME, {}, {})], Claims(known_bits, claim))
        evm.set_code(HOME, RUNTIME)
        assert evm.call(HOME).success is holds
    same = entry(
        "%1 = calldataload 0\n%2 = calldataload 32\n%3 = sload %1\n%4 = sstore %2, 1\nstop"
    )
    module = read_module('module "m" reserved=0 non_payable=0\nfallback "f"\n\n' + same)
    evm = FirEvm([Code(module, RUNTIME, {}, {})], Claims(known_bits, lambda one, other: one is other))  # fmt: skip
    evm.set_code(HOME, RUNTIME)
    assert evm.call(HOME, b"\1" + bytes(63)).success
    with pytest.raises(FactError, match="different words of storage"):
        evm.call(HOME, bytes(64))
