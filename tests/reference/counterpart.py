"""The fuzzer's counterpart, told again: `tests/fuzz/counterpart.py` is assembly, which is not interpreted."""

from __future__ import annotations

from tests.fuzz import counterpart
from tests.reference.chain import Frame
from tests.reference.outcomes import Halted, Reverted, Unsupported


class Counterpart:
    """Answers as its storage says."""

    def runtime(self) -> bytes:
        return counterpart.code()

    def run(self, frame: Frame) -> bytes:
        if frame.stipend or frame.delegated:
            raise Unsupported("what a transfer's gas pays for, or the counterpart's code elsewhere")
        slots, data = frame.slots, frame.data
        words = [
            int.from_bytes(data[i : i + 32].ljust(32, b"\0"), "big")
            for i in range(0, max(len(data), 64), 32)
        ]
        if frame.sender == counterpart.DIRECTOR:
            slots[0], slots[1] = words[0], words[1]
            for i, word in enumerate(words[2:]):
                slots[64 + 32 * i] = word
            return b""
        mode, size = slots.get(0, 0), slots.get(1, 0)
        if size > 10_000 or len(data) > 10_000:
            raise Unsupported("memory that gas may not pay for")
        echo = len(data) - (4 if len(data) > 3 else 0)
        stored = b"".join(slots.get(64 + i, 0).to_bytes(32, "big") for i in range(0, size, 32))[
            :size
        ]
        echoed = data[4:].ljust(len(data), b"\0")
        if mode == 1:
            return echoed[: len(data) - (4 if len(data) > 3 else 0)]
        if mode == 2:
            return stored
        if mode == 3:
            raise Reverted(stored)
        if mode == 4:
            raise Reverted(echoed[:echo])
        if mode == 6:
            return b"\xff" * size
        if mode == 7:
            raise Halted
        if mode == 8:
            return b""
        if mode in (5, 9):
            return self._back(frame, mode, stored, echoed[:echo])
        return echoed[:echo]

    def _back(self, frame: Frame, mode: int, stored: bytes, echoed: bytes) -> bytes:
        frame.slots[0] = 2 if mode == 5 else 0
        wei = frame.chain.account(frame.address).balance if mode == 9 else 0
        ok, back = frame.chain.call(
            frame.sender, stored, frame.address, wei, static=frame.static, depth=frame.depth + 1
        )
        if mode == 5:
            return echoed
        if not ok:
            raise Reverted(back)
        return back
