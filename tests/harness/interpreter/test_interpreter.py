"""The interpreter does what py-evm's own does: the same frames, gas, refunds, logs, errors and state.

INTERPRETER_PROGRAMS=200000 tries that many programs, from INTERPRETER_SEED on.
"""

from __future__ import annotations

import os
from random import Random

import pytest
from eth.vm.code_stream import CodeStream

from harness.chain.interpreter.code import SegmentedCode
from tests.harness.interpreter.beside import CONTRACTS, FORKS, KNOWN, SENDER, Beside, messages
from tests.harness.interpreter.programs import BOUNDARIES, program

PROGRAMS = int(os.environ.get("INTERPRETER_PROGRAMS", "240"))
SEED = int(os.environ.get("INTERPRETER_SEED", "1"))
FULL = "INTERPRETER_PROGRAMS" in os.environ
BATCH = 40  # programs that share accounts
GAS = 60_000
LIMITS = 3  # smaller limits tried with each program


def tries(world: Beside, code: bytes, name: str) -> int:
    """Everything that is done with one program; how many messages that was."""
    rng, sent = world.rng, 0
    world.place(CONTRACTS[0], code)
    for message in messages(rng, code, rng.choice((GAS, GAS, 5_000, 200_000))):
        used = message["gas"]
        if message["kind"] == "call":
            ours, theirs = world.send(**{**message, "kind": "view"})
            assert ours == theirs, (name, code.hex(), message)
            used = getattr(ours[0], "gas_used", message["gas"])
            for limit in sorted((rng.randint(0, used) for _ in range(LIMITS)), reverse=True):
                ours, theirs = world.send(**{**message, "kind": "view", "gas": limit})
                assert ours == theirs, (name, code.hex(), message, limit)
                sent += 1
        ours, theirs = world.send(**message)
        assert ours == theirs, (name, code.hex(), message)
        assert not world.slots(), (name, code.hex())
        sent += 1
    return sent


@pytest.mark.parametrize("fork", FORKS)
def test_random_programs(fork: str) -> None:
    for start in range(0, PROGRAMS // len(FORKS), BATCH):
        world = Beside(fork, Random(f"{fork} {SEED} {start}"))
        for number in range(BATCH):
            name = f"{fork}, seed {SEED}, program {start + number}"
            tries(world, program(world.rng, KNOWN), name)
            if number % 10 == 9:
                assert len(set(world.roots())) == 1, name
                if world.rng.random() < 0.5:
                    world.place(CONTRACTS[world.rng.randint(1, 2)], program(world.rng, KNOWN))


@pytest.mark.parametrize("fork", FORKS if FULL else ["prague"])
def test_every_byte_with_boundary_words(fork: str) -> None:
    """Every byte of code, with nothing on the stack, with too little, and with boundary values."""
    rng = Random(fork)
    world = Beside(fork, rng)
    for byte in range(256):
        for words in range(9) if FULL else (0, 1, 2, 3, 7):
            stack = [rng.choice(BOUNDARIES) for _ in range(words)]
            pushes = b"".join(b"\x7f" + word.to_bytes(32, "big") for word in stack)
            world.place(CONTRACTS[0], pushes + bytes([byte]) + b"\x5b" * 3)
            for gas in (GAS, 3 * words + rng.randint(0, 40)):
                message = {"data": b"\3" * 36, "gas": gas, "sender": SENDER}
                ours, theirs = world.send(kind="call", to=CONTRACTS[0], **message)
                assert ours == theirs, f"{byte:#x} on {stack} with {gas} gas"
    assert len(set(world.roots())) == 1


@pytest.mark.parametrize("fork", FORKS if FULL else ["cancun"])
def test_every_limit(fork: str) -> None:
    """Programs that succeed, under every limit from more than enough down to nothing."""
    rng = Random(f"limits {fork}")
    world = Beside(fork, rng)
    message = {"kind": "view", "to": CONTRACTS[0], "data": b"\1" * 36, "sender": SENDER}
    succeeded = 0
    while succeeded < 5:
        world.place(CONTRACTS[0], program(rng, KNOWN))
        ours, theirs = world.send(**message, gas=GAS)
        assert ours == theirs
        used: int = getattr(ours[0], "gas_used", GAS)
        if ours[1][0] != "NoneType" or not 20 < used < 700:  # type: ignore[index]
            continue
        succeeded += 1
        for gas in range(used + 1, -1, -1):
            ours, theirs = world.send(**message, gas=gas)
            assert ours == theirs, gas


def test_the_programs_get_somewhere() -> None:
    """Programs that all fail at once would prove nothing, nor would the same interpreter twice."""
    world = Beside("prague", Random(7))
    ends: dict[str, int] = {}
    calls = 0
    for _ in range(120):
        world.place(CONTRACTS[0], program(world.rng, KNOWN))
        ours, _ = world.send(kind="view", to=CONTRACTS[0], data=b"\2" * 36, gas=GAS, sender=SENDER)
        top = ours[1]
        assert isinstance(top, tuple)
        ends[str(top[0])] = ends.get(str(top[0]), 0) + 1
        calls += bool(top[-1])
    assert ends["NoneType"] > 15 and len(ends) >= 5, ends
    assert calls > 20
    ours_code, theirs_code = (type(evm.last.code) for evm in world.both)
    assert (ours_code, theirs_code) == (SegmentedCode, CodeStream)
