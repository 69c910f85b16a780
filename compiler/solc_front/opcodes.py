"""Code as a line of mnemonics, written as solc writes it."""

from __future__ import annotations

from compiler.evm.opcodes import name_of


def opcodes(code: bytes) -> str:
    """Every byte read as an instruction, data and trailer included; unassigned ones by their number."""
    words: list[str] = []
    at = 0
    while at < len(code):
        byte = code[at]
        at += 1
        name = name_of(byte)
        words.append(name.upper() if name else f"0x{byte:X}")
        size = byte - 0x5F
        if 1 <= size <= 32:
            data = code[at : at + size].ljust(size, b"\0")
            words.append(f"0x{int.from_bytes(data, 'big'):X}")
            at += size
    return "".join(word + " " for word in words)
