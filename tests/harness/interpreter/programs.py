"""Random programs that mostly do something: every opcode, boundary values, jumps, calls, creations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from compiler.evm.opcodes import OPCODES, Opcode

BOUNDARIES = (
    0, 1, 2, 3, 31, 32, 33, 64, 127, 128, 255, 256, 257, 0xFFFF, 2**32, 2**63, 2**64 - 1, 2**128, 2**160 - 1,
    2**160, 2**255 - 1, 2**255, 2**255 + 1, 2**256 - 32, 2**256 - 2, 2**256 - 1,
)  # fmt: skip
OFFSETS = (0, 0, 0, 1, 4, 31, 32, 33, 63, 64, 100, 512, 1000)
HUGE = (2**16, 2**24, 2**32, 2**64, 2**255, 2**256 - 32, 2**256 - 1)
LONGEST = 60  # pieces of a program

_PLAIN = [
    o for o in OPCODES.values() if not o.name.startswith(("push", "dup", "swap")) and o.name not in ("jump", "jumpi")
]  # fmt: skip
_HOT = [o for o in _PLAIN if 0x01 <= o.byte <= 0x20 or o.name in ("mload", "mstore", "sload", "sstore", "calldataload", "iszero", "eq")]  # fmt: skip
_CALLS = [OPCODES[name] for name in ("call", "callcode", "delegatecall", "staticcall")]
_CREATIONS = [OPCODES[name] for name in ("create", "create2")]
_ENDS = [OPCODES[name] for name in ("return", "revert", "stop", "selfdestruct", "invalid")]

# What an operand is for, the top of the stack first; other opcodes take any word.
_OPERANDS = {
    "keccak256": "os", "mload": "o", "mstore": "ow", "mstore8": "ow", "sload": "k", "sstore": "kw", "tload": "k",
    "tstore": "kw", "calldatacopy": "oos", "codecopy": "oos", "returndatacopy": "oos", "extcodecopy": "aoos",
    "mcopy": "oos", "log0": "os", "log1": "osw", "log2": "osww", "log3": "oswww", "log4": "oswwww", "return": "os",
    "revert": "os", "balance": "a", "extcodesize": "a", "extcodehash": "a", "selfdestruct": "a", "call": "gavosos",
    "callcode": "gavosos", "delegatecall": "gaosos", "staticcall": "gaosos", "create": "vos", "create2": "vosk",
    "calldataload": "o",
}  # fmt: skip


class Writer:
    """Bytes of one program as they are made; jumps are patched when every label is known."""

    def __init__(self, rng: Random, addresses: Sequence[bytes]) -> None:
        self.rng = rng
        self.code = bytearray()
        self._addresses = [int.from_bytes(address, "big") for address in addresses]
        self._labels: list[int] = []
        self._jumps: list[int] = []
        self._kinds: dict[str, Callable[[], int]] = {
            "o": self._offset, "s": self._offset, "k": lambda: rng.choice((0, 1, 1, 2, 3, rng.choice(BOUNDARIES))),
            "w": self._word, "a": self._address, "g": lambda: rng.choice((0, 100, 2_300, 9_000, 30_000, 2**256 - 1)),
            "v": lambda: rng.choice((0, 0, 0, 0, 1, 2**255)),
        }  # fmt: skip

    def finish(self) -> bytes:
        for place in self._jumps:
            target = self.rng.choice(self._labels) if self._labels else 0
            self.code[place : place + 2] = target.to_bytes(2, "big")
        return bytes(self.code)

    def push(self, word: int) -> None:
        least = (word.bit_length() + 7) // 8
        size = least if self.rng.random() < 0.8 else self.rng.randint(least, 32)
        self.code.append(0x5F + size)
        self.code += word.to_bytes(size, "big")

    def piece(self) -> None:
        """One opcode with what it needs, or without; or a jump, a label, a loop, or any byte at all."""
        rng, dice = self.rng, self.rng.random()
        if dice < 0.30:
            self.operation(rng.choice(_HOT))
        elif dice < 0.52:
            self.operation(rng.choice(_PLAIN))
        elif dice < 0.60:
            self.code.append(rng.randint(0x80, 0x9F))
        elif dice < 0.70:
            self.push(self._word())
        elif dice < 0.76:
            self.operation(rng.choice(_CALLS))
        elif dice < 0.78:
            self._creation()
        elif dice < 0.84:
            self._labels.append(len(self.code))
            self.code.append(0x5B)
        elif dice < 0.92:
            self._jump()
        elif dice < 0.94:
            self._loop()
        elif dice < 0.96:
            self.code.append(rng.randrange(256))
        elif dice < 0.98:
            self.code += self._call_result()
        else:
            self.operation(rng.choice(_ENDS))

    def operation(self, opcode: Opcode) -> None:
        """Its operands are pushed seven times in eight; else it takes what happens to be there."""
        if self.rng.random() < 0.875:
            kinds = _OPERANDS.get(opcode.name, "w" * opcode.pops)
            for kind in reversed(kinds):
                self.push(self._kinds[kind]())
        self.code.append(opcode.byte)

    def _word(self) -> int:
        dice = self.rng.random()
        if dice < 0.5:
            return self.rng.choice(BOUNDARIES)
        return self.rng.getrandbits(self.rng.choice((8, 16, 64, 160, 256)))

    def _offset(self) -> int:
        return self.rng.choice(OFFSETS if self.rng.random() < 0.97 else HUGE)

    def _address(self) -> int:
        dirt = self.rng.getrandbits(96) << 160 if self.rng.random() < 0.1 else 0
        return self.rng.choice(self._addresses) | dirt

    def _jump(self) -> None:
        conditional = self.rng.random() < 0.7
        if conditional:
            self.push(self.rng.choice((0, 1, 1, 2**255)))
        if self.rng.random() < 0.9:
            self.code.append(0x61)
            self._jumps.append(len(self.code))
            self.code += b"\x00\x00"
        else:
            self.push(self.rng.choice((0, 1, 5, 40, *HUGE)))
        self.code.append(0x57 if conditional else 0x56)

    def _loop(self) -> None:
        """Some rounds of the same; sometimes one word more is left in each, up to the limit of the stack."""
        rounds, growing = self.rng.randint(1, 12), self.rng.random() < 0.2
        self.push(1_200 if growing else rounds)
        top = len(self.code)
        self.code += b"\x5b"
        if growing:
            self.code += b"\x80"  # DUP1
        self.code += bytes((0x60, 1, 0x90, 0x03, 0x80, 0x61)) + top.to_bytes(2, "big") + b"\x57"

    def _creation(self) -> None:
        """Creation code in memory that leaves a few bytes, or fails, or stores something first."""
        inner = Writer(self.rng, [a.to_bytes(20, "big") for a in self._addresses])
        for _ in range(self.rng.randint(0, 3)):
            inner.operation(self.rng.choice(_HOT))
        inner.operation(OPCODES[self.rng.choice(("return", "return", "return", "revert", "stop"))])
        code = inner.finish()[:96]
        for start in range(0, len(code), 32):
            self.push(int.from_bytes(code[start : start + 32].ljust(32, b"\0"), "big"))
            self.push(start)
            self.code.append(0x52)
        opcode = self.rng.choice(_CREATIONS)
        if opcode.name == "create2":
            self.push(self.rng.choice((0, 1, 2**255)))
        self.push(len(code))
        self.push(0)
        self.push(self.rng.choice((0, 0, 0, 1)))
        self.code.append(opcode.byte)

    def _call_result(self) -> bytes:
        """RETURNDATASIZE bytes of what came back, in memory."""
        return bytes((0x3D, 0x60, 0, 0x60, 0, 0x3E))


def program(rng: Random, addresses: Sequence[bytes]) -> bytes:
    """Code that calls and reads `addresses`; one in twenty is nothing but random bytes."""
    if rng.random() < 0.05:
        return rng.randbytes(rng.randint(0, 80))
    writer = Writer(rng, addresses)
    for _ in range(rng.randint(1, LONGEST)):
        writer.piece()
    return writer.finish()
