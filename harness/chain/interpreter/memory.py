"""Instructions that read or write memory.

Memory that is already there costs nothing; where it has to grow, the library charges and extends it.
"""

from __future__ import annotations

from typing import Any

from eth.constants import GAS_COPY, GAS_SHA3WORD
from eth.vm.logic import context, memory, sha3
from eth_hash.auto import keccak

from harness.chain.interpreter.instructions import Instruction, Logic, borrowed


def _mload(stack: list[int], operand: Any, computation: Any) -> None:
    start = stack[-1]
    data = computation._memory._bytes
    if start + 32 > len(data):
        computation.extend_memory(start, 32)
        data = computation._memory._bytes
    stack[-1] = int.from_bytes(data[start : start + 32], "big")


def _mstore(stack: list[int], operand: Any, computation: Any) -> None:
    start = stack.pop()
    data = computation._memory._bytes
    if start + 32 > len(data):
        computation.extend_memory(start, 32)
        data = computation._memory._bytes
    data[start : start + 32] = stack.pop().to_bytes(32, "big")


def _mstore8(stack: list[int], operand: Any, computation: Any) -> None:
    start = stack.pop()
    data = computation._memory._bytes
    if start >= len(data):
        computation.extend_memory(start, 1)
        data = computation._memory._bytes
    data[start] = stack.pop() & 0xFF


def _keccak(stack: list[int], operand: Any, computation: Any) -> None:
    start = stack.pop()
    size = stack[-1]
    if size and start + size > len(computation._memory._bytes):
        computation.extend_memory(start, size)
    computation.consume_gas(GAS_SHA3WORD * ((size + 31) // 32), "SHA3: word gas cost")
    data = bytes(computation._memory._bytes[start : start + size])
    stack[-1] = int.from_bytes(keccak(data), "big")


def _calldataload(stack: list[int], operand: Any, computation: Any) -> None:
    start = stack[-1]
    word = computation.msg.data[start : start + 32]
    missing = 32 - len(word)
    value = int.from_bytes(word, "big")
    stack[-1] = value << 8 * missing if missing else value


def _calldatacopy(stack: list[int], operand: Any, computation: Any) -> None:
    _copy(stack, computation, computation.msg.data)


def _codecopy(stack: list[int], operand: Any, computation: Any) -> None:
    _copy(stack, computation, computation.code._raw_code_bytes)


def _copy(stack: list[int], computation: Any, source: Any) -> None:
    start, offset, size = stack.pop(), stack.pop(), stack.pop()
    if size and start + size > len(computation._memory._bytes):
        computation.extend_memory(start, size)
    computation.consume_gas(GAS_COPY * ((size + 31) // 32), "copy: word gas cost")
    if size:
        data = bytes(source[offset : offset + size]).ljust(size, b"\x00")
        computation._memory._bytes[start : start + size] = data


def _msize(stack: list[int], operand: Any, computation: Any) -> None:
    stack.append(len(computation._memory._bytes))


INSTRUCTIONS: dict[Logic, Instruction] = {
    memory.mload: Instruction(_mload, 1, 0),
    memory.mstore: Instruction(_mstore, 2, -2),
    memory.mstore8: Instruction(_mstore8, 2, -2),
    memory.msize: Instruction(_msize, 0, 1),
    memory.mcopy: borrowed(memory.mcopy, 3, pushes=0),
    sha3.sha3: Instruction(_keccak, 2, -1),
    context.calldataload: Instruction(_calldataload, 1, 0),
    context.calldatacopy: Instruction(_calldatacopy, 3, -3),
    context.codecopy: Instruction(_codecopy, 3, -3),
}
