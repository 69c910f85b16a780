"""An Evm that remembers which code wrote which storage slot and what every hash was made of.

A slot is named by undoing the hashes: a mapping value sits at keccak(key ‖ base), an array at
keccak(base), a struct member a few slots further. What remains at the end is a namespace.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Any, NamedTuple

from eth.vm.opcode import as_opcode
from eth_utils.crypto import keccak

from harness.chain.evm import Evm

SHA3, SSTORE, TSTORE = 0x20, 0x55, 0x5D
REACH = 1 << 16  # how far an array or long bytes may extend past its hash


class Write(NamedTuple):
    """One storage write: whose storage, whose code, where."""

    storage: bytes
    code: bytes
    slot: int
    transient: bool


class TracingEvm(Evm):
    """`writes` grows with every SSTORE and TSTORE; clear it between measurements."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[Write] = []
        self._preimages: dict[int, bytes] = {}
        opcodes = dict(self._computation.opcodes)
        for code, watch in ((SHA3, self._sha3), (SSTORE, self._sstore), (TSTORE, self._tstore)):
            opcodes[code] = watched(opcodes[code], watch)
        self._computation = type("Tracing", (self._computation,), {"opcodes": opcodes})
        self.state.computation_class = self._computation

    def namespaces_of(self, slots: set[int], names: dict[int, str]) -> dict[int, str | None]:
        """The namespace each slot belongs to; `names` maps namespace slots to names."""
        # Compilers hash constant array slots at build time, so those hashes are known beforehand.
        for base in names:
            for member in range(base, base + 64):
                preimage = member.to_bytes(32, "big")
                self._preimages.setdefault(int.from_bytes(keccak(preimage), "big"), preimage)
        known = sorted(self._preimages)
        return {slot: self._resolve(slot, names, known) for slot in slots}

    def _resolve(self, slot: int, names: dict[int, str], known: list[int]) -> str | None:
        for _ in range(16):
            for base, name in names.items():
                if base <= slot < base + 64:
                    return name
            place = bisect_right(known, slot) - 1
            if place < 0 or slot - known[place] >= REACH:
                return None
            preimage = self._preimages[known[place]]
            slot = int.from_bytes(preimage[-32:], "big")
        return None

    def _sha3(self, computation: Any) -> None:
        size, start = (stack_word(item) for item in computation._stack.values[-2:])
        if size in (32, 64):
            preimage = bytes(computation._memory.read_bytes(start, size)).ljust(size, b"\x00")
            self._preimages[int.from_bytes(keccak(preimage), "big")] = preimage

    def _sstore(self, computation: Any) -> None:
        self._note(computation, transient=False)

    def _tstore(self, computation: Any) -> None:
        self._note(computation, transient=True)

    def _note(self, computation: Any, *, transient: bool) -> None:
        slot = stack_word(computation._stack.values[-1])
        message = computation.msg
        write = Write(message.storage_address, message.code_address, slot, transient)
        self.writes.append(write)


def stack_word(item: Any) -> int:
    """A stack item, however this version of py-evm keeps it."""
    value = item[1] if isinstance(item, tuple) else item
    return int.from_bytes(value, "big") if isinstance(value, bytes) else int(value)


def watched(original: Any, watch: Callable[[Any], None]) -> Any:
    """The operation; `watch` sees the computation before it takes its operands."""

    def run(computation: Any) -> None:
        watch(computation)
        original(computation=computation)

    return as_opcode(run, getattr(original, "mnemonic", "WATCHED"), 0)
