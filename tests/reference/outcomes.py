"""How a call can end other than by returning."""

from __future__ import annotations

ERROR = bytes.fromhex("08c379a0")  # Error(string)
PANIC = bytes.fromhex("4e487b71")  # Panic(uint256)

ASSERTION, OVERFLOW, DIVISION, ENUM, BAD_BYTES, POP, INDEX, MEMORY, POINTER = (
    0x01, 0x11, 0x12, 0x21, 0x22, 0x31, 0x32, 0x41, 0x51,
)  # fmt: skip


class Reverted(Exception):
    """The frame gives up its effects and answers with `data`."""

    def __init__(self, data: bytes = b"") -> None:
        super().__init__(data.hex())
        self.data = data


class Halted(Exception):
    """The frame ends as by an invalid instruction: nothing is kept, nothing answered, all gas gone."""


class Unsupported(Exception):
    """The program does what this interpreter leaves out; the message is skipped, and counted."""


def panic(code: int) -> Reverted:
    """The failure with one of the codes above, to be raised."""
    return Reverted(PANIC + code.to_bytes(32, "big"))


def error_string(message: bytes) -> Reverted:
    """`Error(string)`, to be raised."""
    padded = message + b"\0" * (-len(message) % 32)
    return Reverted(ERROR + (32).to_bytes(32, "big") + len(message).to_bytes(32, "big") + padded)
