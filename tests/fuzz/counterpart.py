"""A contract that answers as it was last told to: well, badly, not at all, or by calling back.

Both builds talk to the same bytes of it, so that whatever it does, it does to both.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from compiler import compile_sources
from tests.fuzz.choices import Choices

ADDRESS = (0xBAD0).to_bytes(20, "big")
DIRECTOR = (0xD1EC).to_bytes(20, "big")  # who sends the scripts
MODES = (
    "echo",
    "part",
    "stored",
    "fail",
    "echo failure",
    "call back",
    "ones",
    "consume",
    "nothing",
    "call back twice",
)

SOURCE = """
pragma solidity ^0.8.29;
contract Counterpart {
    fallback() external payable {
        assembly {
            if eq(caller(), 0xd1ec) {
                sstore(0, calldataload(0))
                sstore(1, calldataload(32))
                for { let i := 64 } lt(i, calldatasize()) { i := add(i, 32) } { sstore(i, calldataload(i)) }
                stop()
            }
            let mode := sload(0)
            let size := sload(1)
            let free := 0x80
            let echo := sub(calldatasize(), mul(4, gt(calldatasize(), 3)))
            function stored(at, length) {
                for { let i := 0 } lt(i, length) { i := add(i, 32) } { mstore(add(at, i), sload(add(i, 64))) }
            }
            switch mode
            case 1 { calldatacopy(free, 4, size) return(free, size) }
            case 2 { stored(free, size) return(free, size) }
            case 3 { stored(free, size) revert(free, size) }
            case 4 { calldatacopy(free, 4, echo) revert(free, echo) }
            case 6 { for { let i := 0 } lt(i, size) { i := add(i, 32) } { mstore(add(free, i), not(0)) } return(free, size) }
            case 7 { invalid() }
            case 8 { stop() }
            case 5 { sstore(0, 2) stored(free, size) pop(call(gas(), caller(), 0, free, size, 0, 0)) }
            case 9 {
                sstore(0, 0)
                stored(free, size)
                let ok := call(gas(), caller(), selfbalance(), free, size, 0, 0)
                returndatacopy(free, 0, returndatasize())
                if iszero(ok) { revert(free, returndatasize()) }
                return(free, returndatasize())
            }
            calldatacopy(free, 4, echo)
            return(free, echo)
        }
    }
}
"""


@cache
def code() -> bytes:
    return (
        compile_sources({"counterpart.sol": SOURCE})
        .contracts["counterpart.sol:Counterpart"]
        .runtime
    )


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


_SIZES = (0, 1, 31, 32, 33, 63, 64, 96, 128, 4, 36, 68, 100, 160)
_ERROR, _PANIC = bytes.fromhex("08c379a0"), bytes.fromhex("4e487b71")
_ANSWERS = (
    b"",
    _word(0), _word(1), _word(2), _word(255), _word(256), b"\xff" * 32, _word(32) + _word(1) + b"\xff" * 32,
    _word(32) + _word(2) + _word(65535) + _word(65536), _word(32) + _word(2**64), _word(2**64) + _word(0),
    _word(32) + _word(3) + b"abc" + bytes(29), _word(32) + _word(0), _word(1) + _word(7), _word(64) * 4,
    _ERROR + _word(32) + _word(3) + b"bad" + bytes(29), _ERROR + _word(32) + _word(3) + b"ba", _ERROR,
    _ERROR + _word(2**255) + _word(3), _ERROR + _word(0) + _word(0), _ERROR + _word(32) + _word(2**64),
    _PANIC + _word(0x11), _PANIC + _word(0x32)[:31], _PANIC, _PANIC + _word(1) + _word(2),
)  # fmt: skip


def script(c: Choices, call: Callable[[], bytes]) -> bytes:
    """What the director may send; `call` gives a message for the contract under test, to be called back with."""
    kind = c.below(4)
    if kind < 2:
        answer = c.pick(_ANSWERS)
        return _told(c.pick((2, 3)), c.pick(_SIZES) if kind else len(answer), answer)
    if kind == 2:
        return _told(c.pick((0, 1, 4, 6, 7, 8)), c.pick(_SIZES), b"")
    back = call()
    return _told(c.pick((5, 9)), len(back), back)


def _told(mode: int, size: int, data: bytes) -> bytes:
    return _word(mode) + _word(size) + data + bytes(-len(data) % 32)
