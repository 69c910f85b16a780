"""Each kind of instruction beside py-evm's own, over all pairs of boundary values and small cases."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest
from eth.db.backends.memory import MemoryDB
from eth.db.journal import JournalDB

from compiler.evm.opcodes import OPCODES
from harness.chain.interpreter.accounts import Accessed
from tests.harness.interpreter.beside import CONTRACTS, SENDER, Beside, Frame
from tests.harness.interpreter.programs import BOUNDARIES

BINARY = [
    o.name for o in OPCODES.values() if 0x01 <= o.byte <= 0x1D and o.pops == 2 and o.pushes == 1
]
TERNARY = ("addmod", "mulmod")
SIZES = (0, 1, 31, 32, 33, 64, 65)
PLACES = (0, 1, 31, 32, 40)
# Around nothing, the price of a log without and with a topic, the sentry of SSTORE, and the sentry behind a cold SLOAD.
LIMITS = (
    *range(0, 90, 5), *range(370, 620, 9), *range(740, 880, 9), *range(2_295, 2_312), *range(2_400, 2_520, 17),
    *range(4_400, 4_412), 4_700, 22_000,
)  # fmt: skip


@pytest.fixture(scope="module")
def world() -> Beside:
    return Beside("prague", Random(3))


def code(*words: int | str | bytes) -> bytes:
    """Numbers are pushed, names are opcodes, bytes are themselves."""
    made = b""
    for word in words:
        if isinstance(word, int):
            size = (word.bit_length() + 7) // 8
            made += bytes([0x5F + size]) + word.to_bytes(size, "big")
        else:
            made += word if isinstance(word, bytes) else bytes([_byte(word)])
    return made


def _byte(name: str) -> int:
    for family, first in (("dup", 0x7F), ("swap", 0x8F)):
        if name.startswith(family):
            return first + int(name[len(family) :])
    return OPCODES[name].byte


def both(world: Beside, program: bytes, gas: int = 2_000_000, static: bool = False) -> Frame:
    """The frame of a program that does the same on both."""
    world.place(CONTRACTS[0], program)
    ours, theirs = world.send(
        kind="view", to=CONTRACTS[0], data=bytes(range(1, 70)), gas=gas, sender=SENDER, static=static
    )  # fmt: skip
    assert ours == theirs, (program.hex(), gas)
    frame = ours[1]
    assert isinstance(frame, tuple)
    return frame


def succeeds(world: Beside, program: bytes) -> Frame:
    """The same, where a failure would hide what came before it."""
    frame = both(world, program)
    assert frame[0] == "NoneType", (frame[0], program.hex())
    return frame


@pytest.mark.parametrize("name", BINARY)
def test_pairs(world: Beside, name: str) -> None:
    succeeds(world, b"".join(code(b, a, name) for a, b in product(BOUNDARIES, repeat=2)))


def test_other_arithmetic(world: Beside) -> None:
    rng = Random(5)
    triples = [tuple(rng.choice(BOUNDARIES) for _ in range(3)) for _ in range(300)]
    for name in TERNARY:
        succeeds(world, b"".join(code(*words, name) for words in triples))
    succeeds(world, b"".join(code(word, name) for name in ("not", "iszero") for word in BOUNDARIES))


def test_stack_positions(world: Beside) -> None:
    for number in range(1, 17):
        succeeds(world, code(*range(1, 20), f"dup{number}"))
        succeeds(world, code(*range(1, 20), f"swap{number}"))
        for height in (number - 1, number, number + 1):
            both(world, code(*range(1, height + 1), f"dup{number}"))
            both(world, code(*range(1, height + 1), f"swap{number}"))


@pytest.mark.parametrize("height", [1022, 1023, 1024, 1025])
def test_the_stack_has_1024_places(world: Beside, height: int) -> None:
    for more in (b"", code("address"), code("dup1"), code("pop", 1), code("gas"), code(1, "add")):
        frame = both(world, code(*[7] * (height - 1), "jumpdest", 7) + more)
        assert frame[0] in ("NoneType", "FullStack")


def test_memory(world: Beside) -> None:
    for size, to, start in product(SIZES, PLACES, PLACES):
        fill = code(BOUNDARIES[-1] - 77, start, "mstore", 0x1234, 70, "mstore8")
        succeeds(world, fill + code(size, start, to, "mcopy", "msize"))
        succeeds(world, fill + code(size, start, "keccak256", to, "mload", "msize"))
        succeeds(world, fill + code(size, start, to, "calldatacopy", start, "calldataload"))
        succeeds(world, fill + code(size, start, to, "codecopy", "codesize"))
    for word in BOUNDARIES:
        succeeds(world, code(word, 5, "mstore8", word, "calldataload"))
        for name in ("mload", "mstore", "mstore8", "keccak256", "calldatacopy", "codecopy"):
            both(world, code(1, 1, word, name))
            both(world, code(word, 1, 1, name))
            both(world, code(1, word, 1, name))


def test_context(world: Beside) -> None:
    names = [
        o.name
        for o in OPCODES.values()
        if not o.pops and o.pushes == 1 and not o.name.startswith("push")
    ]
    succeeds(world, code(*names))
    assert len(names) > 15
    # What is pushed after GAS must not have been paid for when it looks.
    succeeds(world, code("gas", 1, "add", "gas", 2, "mul", "gas"))
    succeeds(world, code("pc", 1, "pop", "pc"))


@pytest.mark.parametrize("original", [0, 1, 2])
def test_the_price_of_storing(world: Beside, original: int) -> None:
    for first, second, third in product((0, 1, 2), repeat=3):
        for evm in world.both:
            evm.state.set_storage(CONTRACTS[0], 9, original)
            evm.state.lock_changes()
        writes = code(first, 9, "sstore", second, 9, "sstore", third, 9, "sstore")
        succeeds(world, writes)
        frame = succeeds(world, code(9, "sload") + writes + code(9, "sload"))
        assert frame[6] == (original, third)


@pytest.mark.parametrize("static", [False, True])
def test_what_sees_the_gas_sees_the_right_gas(world: Beside, static: bool) -> None:
    """Under every limit: what is paid for later may not make an earlier instruction fail, or fail otherwise."""
    later = code(1, "pop") * 20
    effects = (
        code(1, 9, "sstore"),
        code(1, 9, "tstore"),
        code(0, 0, "log0"),
        code(3, 33, 0, "log1"),
        code(1, 0x400, "mstore", 0, 0, "log0"),
        code(9, "sload", "pop", 1, 9, "sstore"),
        code(9, "sload", 9, "sstore"),
        code("gas", 9, "tstore"),
        code(0, 0, 0, "create", "pop"),
    )
    for effect in effects:
        for gas in LIMITS:
            both(world, effect + later, gas, static)


def test_what_a_failed_call_touched_is_cold_again(world: Beside) -> None:
    touch = (7, "sload", "pop", 0xABCDEF, "balance", "pop")
    for end in ("revert", "return"):
        world.place(CONTRACTS[1], code(*touch, 0, 0, end))
        for call in ("delegatecall", "callcode", "call", "staticcall"):
            value: tuple[int, ...] = (0,) if call in ("call", "callcode") else ()
            callee = int.from_bytes(CONTRACTS[1], "big")
            inner = (0, 0, 0, 0, *value, callee, 100_000, call, "pop")
            frame = succeeds(world, code(*inner, *touch, "gas", *inner, *touch, "gas"))
            assert isinstance(frame[-1], tuple) and len(frame[-1]) == 2


def test_storage_that_a_creation_emptied_comes_back(world: Beside) -> None:
    """CREATE2 at an address with storage: py-evm starts an empty trie, and goes back when the frame fails."""
    creation = code(5, 4, "sstore", 4, "sload", 0, "mstore", 32, 0, "return")
    word = int.from_bytes(creation.ljust(32, b"\0"), "big")
    create = code(word, 0, "mstore", 1, len(creation), 0, 0, "create2")
    fresh = Beside("prague", Random(8))
    address = succeeds(fresh, create + code("dup1", 0, "mstore"))[6][0]  # type: ignore[index]
    home = int(address).to_bytes(20, "big")
    for evm in fresh.both:
        evm.state.set_storage(home, 4, 99)
        evm.root()
        assert evm.state.get_storage(home, 4) == 99
    inner = create + code(0, 0, "revert")
    fresh.place(CONTRACTS[1], inner)
    callee = int.from_bytes(CONTRACTS[1], "big")
    succeeds(fresh, code(0, 0, 0, 0, callee, 500_000, "delegatecall"))
    assert [evm.state.get_storage(home, 4) for evm in fresh.both] == [99, 99]
    assert len(set(fresh.roots())) == 1


@pytest.mark.parametrize("seed", range(20))
def test_accessed_keys_are_a_journal(seed: int) -> None:
    """Against the journal of the library, on random checkpoints."""
    rng = Random(seed)
    ours, theirs = Accessed(), JournalDB(MemoryDB())
    marks: list[int] = []
    for step in range(200):
        key, dice = bytes([rng.randrange(12)]), rng.random()
        if dice < 0.5:
            ours.add(key)
            theirs[key] = b""
        elif dice < 0.7 or not marks:
            marks.append(1_000_000 * (seed + 1) + step)
            ours.record(marks[-1])
            theirs.record(marks[-1])  # type: ignore[arg-type]
        else:
            place = rng.randrange(len(marks))
            end = rng.choice(("commit", "discard"))
            getattr(ours, end)(marks[place])
            getattr(theirs, end)(marks[place])
            del marks[place:]
        assert {bytes([k]) for k in range(12) if bytes([k]) in theirs} == ours.keys
