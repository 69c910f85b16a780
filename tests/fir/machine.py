"""Runs FIR, one operation after the other, as `docs/contributors/ir.md` says what each does.

Nothing of the back end takes part: no schedule, no stack, no assembly. What touches the world is the opcode of that
name, done by the EVM whose frame the module runs in; memory, gas for memory, calls and creation are its own. Each
operation costs a little gas, so that what never ends runs out of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from eth.exceptions import Revert

from compiler.ir.ops import OPS
from compiler.ir.values import Block, Edge, Function, Module, Reason, Value
from tests.fir.words import PURE, SIZE

STEP_GAS = 3
UNDEFINED = 0xDEAD << 240 | 0x5EED  # a word that nobody may look at: it would be seen
PART_SIZE = (
    1 << 40
)  # data that code carries is found at multiples of this, behind all code there can be
PANIC, ERROR = 0x4E487B71, 0x08C379A0

# Operations that are the opcode of their name, in the order of the Yellow Paper and the EIPs.
OPCODES: dict[str, int] = {
    "keccak256": 0x20, "address": 0x30, "balance": 0x31, "origin": 0x32, "caller": 0x33, "callvalue": 0x34,
    "calldataload": 0x35, "calldatasize": 0x36, "calldatacopy": 0x37, "gasprice": 0x3A, "extcodesize": 0x3B,
    "extcodecopy": 0x3C, "returndatasize": 0x3D, "returndatacopy": 0x3E, "extcodehash": 0x3F, "blockhash": 0x40,
    "coinbase": 0x41, "timestamp": 0x42, "number": 0x43, "prevrandao": 0x44, "gaslimit": 0x45, "chainid": 0x46,
    "selfbalance": 0x47, "basefee": 0x48, "blobhash": 0x49, "blobbasefee": 0x4A, "mload": 0x51, "mstore": 0x52,
    "mstore8": 0x53, "sload": 0x54, "sstore": 0x55, "msize": 0x59, "gas": 0x5A, "tload": 0x5C, "tstore": 0x5D,
    "mcopy": 0x5E, "log0": 0xA0, "log1": 0xA1, "log2": 0xA2, "log3": 0xA3, "log4": 0xA4, "create": 0xF0,
    "call": 0xF1, "callcode": 0xF2, "delegatecall": 0xF4, "create2": 0xF5, "staticcall": 0xFA,
}  # fmt: skip
ENDS: dict[str, int] = {"stop": 0x00, "return": 0xF3, "revert": 0xFD, "invalid": 0xFE, "selfdestruct": 0xFF}  # fmt: skip


class UnknownOperation(Exception):
    """FIR has an operation that this machine was never told about."""


class FactError(Exception):
    """A value has a bit set that the compiler had claimed is always zero."""


class Code(NamedTuple):
    """A module with what only the assembler and the linker know. `own` is its code without arguments behind it,
    `parts` the data it carries by name, `libraries` the addresses of those it calls."""

    module: Module
    own: bytes
    parts: Mapping[str, bytes]
    libraries: Mapping[str, bytes]


# A value by the number of its register: what to do, where the result goes, where the operands come from.
Step = tuple[str, Value, int, tuple[int, ...]]


class _Prepared:
    """A function with registers for its values; constants are in theirs from the start."""

    def __init__(self, function: Function, claims: Callable[[Value], int] | None) -> None:
        self.function = function
        self.numbers: dict[Value, int] = {}
        self.start: list[int] = []
        for block in function.blocks:
            for value in (*block.params, *block.insts):
                self._number(value)
        self.steps = {
            block: [self._step(inst) for inst in block.insts] for block in function.blocks
        }
        self.ends = {b: self._of(b.term.args) if b.term else () for b in function.blocks}
        self.edges = {e: self._of(e.args) for b in function.blocks for e in b.edges}
        self.claims = (
            {number: claims(value) for value, number in self.numbers.items()} if claims else {}
        )

    def _number(self, value: Value) -> int:
        if value.op == "result":  # of a call: behind the call's own register
            return self._number(value.args[0]) + int(value.imm)
        found = self.numbers.get(value)
        if found is None:
            found = self.numbers[value] = len(self.start)
            word = {"const": value.imm, "undefined": UNDEFINED}.get(value.op, UNDEFINED)
            self.start += [word] * max(1, value.imm[1] if value.op == "icall" else 1)
        return found

    def _of(self, values: list[Value]) -> tuple[int, ...]:
        return tuple(self._number(value) for value in values)

    def _step(self, inst: Value) -> Step:
        if inst.op not in KNOWN:
            raise UnknownOperation(inst.op)
        return inst.op, inst, self._number(inst), self._of(inst.args)


class Claims(NamedTuple):
    """What the compiler says of values, to be held against every run: the bits one may have, and whether two
    addresses in storage may be the same word."""

    bits: Callable[[Value], int]
    may_alias: Callable[[Value, Value], bool]


class _Frame:
    """A function that runs. `block` and `at` say what comes next, `to` where the caller waits for results. With
    claims, `times` is when each register was written, `touched` the addresses of storage so far."""

    def __init__(self, code: _Prepared, words: list[int], to: int = 0) -> None:
        self.code = code
        self.registers = list(code.start)
        self.times = [0] * len(code.start)
        self.touched: dict[Value, None] = {}
        self.to = to
        self.now = 0
        self.enter(code.function.entry, words)

    def enter(self, block: Block, words: list[int]) -> None:
        self.block, self.at = block, 0
        self.now += 1
        for parameter, word in zip(block.params, words, strict=True):
            number = self.code.numbers[parameter]
            self.registers[number], self.times[number] = word, self.now

    def fresh(self, value: Value) -> bool:
        """No hash or sum that it is made of was computed anew since, as a loop does."""
        numbers = self.code.numbers
        if value.op not in ("add", "mapslot", "arrayslot"):
            return True
        own = self.times[numbers[value]]
        return all(self.times[numbers[a]] <= own and self.fresh(a) for a in value.args)


class Machine:
    """One piece of code, ready to run in any number of frames. `immutables` is where creation leaves them, by
    address."""

    def __init__(
        self,
        code: Code,
        immutables: dict[bytes, dict[str, int]],
        claims: Claims | None = None,
    ) -> None:
        self.code = code
        self.immutables = immutables
        self.claims = claims
        self.checked = 0
        self._prepared: dict[str, _Prepared] = {}

    def run(self, computation: Any) -> None:
        """In a frame; it ends as the EVM's code does, with an exception of the EVM's."""
        module, message = self.code.module, computation.msg
        if module.constructor is not None:
            self._function(computation, module.constructor)
        if module.non_payable and message.value:
            _fail(computation, ("empty",))
        data = bytes(message.data)
        name = module.dispatch.get(int.from_bytes(data[:4], "big")) if len(data) > 3 else None
        if name is None:
            name = module.receive if module.receive and not data else module.fallback
        if name is None:
            _fail(computation, ("message", module.unmatched) if module.unmatched else ("empty",))
        self._function(computation, str(name))

    def _get(self, name: str) -> _Prepared:
        if name not in self._prepared:
            bits = self.claims.bits if self.claims is not None else None
            self._prepared[name] = _Prepared(self.code.module.functions[name], bits)
        return self._prepared[name]

    def _function(self, computation: Any, name: str) -> None:
        """Follows the function and those it calls; frames of callers wait in a list."""
        waiting: list[_Frame] = []
        frame = _Frame(self._get(name), [])
        while True:
            call = self._block(computation, frame)
            if call is not None:
                inst, words, to = call
                waiting.append(frame)
                frame = _Frame(self._get(inst.imm[0]), words, to)
                continue
            block, code, registers = frame.block, frame.code, frame.registers
            assert block.term is not None
            words = [registers[place] for place in code.ends[block]]
            if block.term.op == "ret":
                to, frame = frame.to, waiting.pop()
                frame.registers[to : to + len(words)] = words
                frame.times[to : to + len(words)] = [frame.now] * len(words)
                continue
            edge = _way(computation, block, block.term, words)
            frame.enter(edge.target, [registers[place] for place in code.edges[edge]])

    def _block(self, computation: Any, frame: _Frame) -> tuple[Value, list[int], int] | None:
        """Up to its end, or to the next inner call, which is then what is returned."""
        registers, steps = frame.registers, frame.code.steps[frame.block]
        computation.consume_gas(STEP_GAS * (len(steps) - frame.at + 1), "FIR")
        while frame.at < len(steps):
            op, inst, to, places = steps[frame.at]
            frame.at += 1
            words = [registers[place] for place in places]
            if op in PURE:
                registers[to] = PURE[op](*words)
            elif op == "guard":
                if words[0]:
                    _fail(computation, inst.imm)
            elif op == "icall":
                return inst, words, to
            else:
                registers[to] = _EFFECTS[op](self, computation, inst, words)
            if self.claims is not None:
                self._check(frame, inst, to, self.claims)
        return None

    def _check(self, frame: _Frame, inst: Value, to: int, claims: Claims) -> None:
        frame.now += 1
        frame.times[to] = frame.now
        name, registers, numbers = frame.code.function.name, frame.registers, frame.code.numbers
        if OPS[inst.op].results == 1 and frame.code.claims[to] < SIZE - 1:
            self.checked += 1
            if registers[to] & ~frame.code.claims[to]:
                raise FactError(
                    f"{name}: {inst!r} is {registers[to]:#x}, and was said to fit {frame.code.claims[to]:#x}"
                )
        if inst.op not in ("sload", "sstore"):
            return
        address = inst.args[0]
        for other in frame.touched:
            if other is address or claims.may_alias(address, other) or not frame.fresh(other):
                continue
            self.checked += 1
            if registers[numbers[address]] == registers[numbers[other]]:
                raise FactError(
                    f"{name}: {address!r} and {other!r} were said to be different words of storage"
                )
        frame.touched[address] = None


def _way(computation: Any, block: Block, term: Value, words: list[int]) -> Edge:
    """The edge that is taken; what ends the call does."""
    if term.op == "jump":
        return block.edges[0]
    if term.op == "branch":
        return block.edges[0 if words[0] else 1]
    if term.op == "switch":
        cases = list(term.imm)
        return block.edges[cases.index(words[0]) if words[0] in cases else len(cases)]
    if term.op == "fail":
        _fail(computation, term.imm)
    if term.op not in ENDS:
        raise UnknownOperation(term.op)
    _opcode(computation, ENDS[term.op], words, 0)
    raise AssertionError(f"{term.op} ends the call")


def _opcode(computation: Any, byte: int, words: list[int], results: int) -> int:
    """The EVM's own, with the first word on top."""
    for word in reversed(words):
        computation.stack_push_int(word)
    computation.opcodes[byte](computation=computation)
    return int(computation.stack_pop1_int()) if results else 0


def _fail(computation: Any, reason: Reason) -> None:
    """End the call and undo it, with the data that belongs to the reason."""
    kind, *more = reason
    if kind == "empty":
        output = b""
    elif kind == "panic":
        output = PANIC.to_bytes(4, "big") + int(more[0]).to_bytes(32, "big")
    elif kind == "message":
        text = bytes(more[0])
        padded = text + bytes(-len(text) % 32)
        head = (32).to_bytes(32, "big") + len(text).to_bytes(32, "big")
        output = ERROR.to_bytes(4, "big") + head + padded
    elif kind == "error":
        output = int(more[0]).to_bytes(4, "big")
    elif kind == "bubble":
        output = bytes(computation.return_data)
    else:
        raise UnknownOperation(f"reason {kind}")
    computation.output = output
    raise Revert(output)


# -- what FIR has and the EVM has not, or has otherwise -------------------------------------------------------

Effect = Callable[[Machine, Any, Value, list[int]], int]


def _named(op: str) -> Effect:
    byte, results = OPCODES[op], OPS[op].results if op in OPS else 1
    return lambda machine, computation, inst, words: _opcode(computation, byte, words, results)


def _hash_of(*words: int) -> bytes:
    return b"".join(word.to_bytes(32, "big") for word in words)


def _slot(machine: Machine, computation: Any, inst: Value, words: list[int]) -> int:
    """The keccak of key and slot, or of the slot alone, which stand in scratch memory for it."""
    data = _hash_of(*words)
    computation.extend_memory(0, len(data))
    computation.memory_write(0, len(data), data)
    return _opcode(computation, OPCODES["keccak256"], [0, len(data)], 1)


def _fmp(machine: Machine, computation: Any, inst: Value, words: list[int]) -> int:
    return _opcode(computation, OPCODES["mload"], [0x40], 1)


def _setfmp(machine: Machine, computation: Any, inst: Value, words: list[int]) -> int:
    return _opcode(computation, OPCODES["mstore"], [0x40, *words], 0)


def _datasize(machine: Machine, computation: Any, inst: Value, words: list[int]) -> int:
    code = machine.code
    return len(code.own if inst.imm == "this" else code.parts[inst.imm])


def _dataoffset(machine: Machine, computation: Any, inst: Value, words: list[int]) -> int:
    return PART_SIZE * (1 + list(machine.code.parts).index(inst.imm))


def _codesize(machine: Machine, computation: Any, inst: Value, words: list[int]) -> int:
    return len(computation.msg.code)


def _codecopy(machine: Machine, computation: Any, inst: Value, words: list[int]) -> int:
    to, start, size = words
    computation.extend_memory(to, size)
    number, offset = divmod(start, PART_SIZE)
    parts = list(machine.code.parts.values())
    source = bytes(computation.msg.code)
    if number:
        source = parts[number - 1] if number <= len(parts) else b""
    computation.memory_write(to, size, source[offset : offset + size].ljust(size, b"\0"))
    return 0


def _immutable(machine: Machine, computation: Any, inst: Value, words: list[int]) -> int:
    home = computation.msg.code_address or computation.msg.storage_address
    return machine.immutables[bytes(home)][inst.imm]


def _setimmutable(machine: Machine, computation: Any, inst: Value, words: list[int]) -> int:
    """Belongs to the address that is being made; the runtime code in memory stays as it is."""
    home = bytes(computation.msg.storage_address)
    machine.immutables.setdefault(home, {})[inst.imm] = words[1]
    return 0


def _libraryaddress(machine: Machine, computation: Any, inst: Value, words: list[int]) -> int:
    return int.from_bytes(machine.code.libraries[inst.imm], "big") % SIZE


_EFFECTS: dict[str, Effect] = {
    **{op: _named(op) for op in OPCODES},
    "mapslot": _slot,
    "arrayslot": _slot,
    "fmp": _fmp,
    "setfmp": _setfmp,
    "datasize": _datasize,
    "dataoffset": _dataoffset,
    "codesize": _codesize,
    "codecopy": _codecopy,
    "immutable": _immutable,
    "setimmutable": _setimmutable,
    "libraryaddress": _libraryaddress,
}
# Values that are no instructions, and ends of blocks, are treated where they stand.
INSTRUCTIONS = frozenset((*PURE, *_EFFECTS, "guard", "icall"))
OTHERS = frozenset(("const", "param", "result", "undefined", "jump", "branch", "switch", "ret", "fail", *ENDS))  # fmt: skip
KNOWN = INSTRUCTIONS | OTHERS
