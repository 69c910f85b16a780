"""Assembly to bytes: labels to addresses, with the shortest pushes that reach."""

from __future__ import annotations

from compiler.backend.assembly import (
    DATA_OFFSET,
    DATA_SIZE,
    FRAME,
    IMMUTABLE,
    LABEL,
    LIBRARY,
    OP,
    PUSH,
    REF,
    SET_IMMUTABLE,
    TABLE,
    Item,
)
from compiler.backend.constants import constant, push
from compiler.diagnostics.errors import InternalCompilerError
from compiler.evm.opcodes import DUP1, INVALID, JUMPDEST, OPCODES, PUSH1, SWAP1, available

ADDRESS_SIZE = 20
_POP, _ADD, _MSTORE = OPCODES["pop"].byte, OPCODES["add"].byte, OPCODES["mstore"].byte


class Assembled:
    """Code, and what is known about it: `spans` lists (offset, pos, end) per instruction,
    `immutables` the offsets of each immutable's 32 bytes, `links` those of each library's 20, `labels` the place of
    each label, `tables` the places that each table of code addresses holds, by its own, `jumps` which jumps call
    ("i") and which return ("o"), and `data_start` where the instructions end."""

    __slots__ = (
        "code", "data_start", "immutables", "jumps", "labels", "links", "spans", "tables",
    )  # fmt: skip

    def __init__(self) -> None:
        self.code = b""
        self.links: dict[str, list[int]] = {}
        self.spans: list[tuple[int, int, int]] = []
        self.immutables: dict[str, list[int]] = {}
        self.labels: dict[object, int] = {}
        self.tables: dict[int, tuple[int, ...]] = {}
        self.jumps: dict[int, str] = {}
        self.data_start = 0


class Data:
    """Embedded code by name, where each immutable of the runtime is used, and where the parts wait for
    the addresses of libraries. `marked` data has an invalid instruction in front."""

    __slots__ = ("immutables", "links", "marked", "parts")

    def __init__(
        self,
        parts: dict[str, bytes],
        immutables: dict[str, list[int]],
        links: dict[str, dict[str, list[int]]],
        marked: bool = False,
    ) -> None:
        self.parts = parts
        self.immutables = immutables
        self.links = links
        self.marked = marked and bool(parts)


def assemble(
    items: list[Item], evm_version: str, data: Data, frames: dict[str, int], runs: int
) -> Assembled:
    """Code followed by its data. `frames` gives the address of each function's spill area; the code is
    expected to run `runs` times."""
    return _Assembler(items, evm_version, data, frames, runs).run()


class _Assembler:
    def __init__(
        self,
        items: list[Item],
        evm_version: str,
        data: Data,
        frames: dict[str, int],
        runs: int,
    ) -> None:
        self.items = items
        self.has_push0 = available("push0", evm_version)
        self.data = data
        self.frames = frames
        self.runs = runs

    def run(self) -> Assembled:
        """Addresses shrink from two bytes to one where they can, until nothing changes."""
        fixed = [self._fixed(item) for item in self.items]
        widths = [
            0 if f is not None else _width(item, 256)
            for item, f in zip(self.items, fixed, strict=True)
        ]
        while True:
            offsets, labels, size = self._place(fixed, widths)
            addresses = [
                self._address(item, labels, size) if f is None else 0
                for item, f in zip(self.items, fixed, strict=True)
            ]
            wanted = [
                0 if f is not None else _width(item, a)
                for item, f, a in zip(self.items, fixed, addresses, strict=True)
            ]
            if all(w <= have for w, have in zip(wanted, widths, strict=True)):
                if wanted == widths:
                    break
                widths = wanted
            else:  # grown again: keep the larger width for good
                widths = [max(a, b) for a, b in zip(wanted, widths, strict=True)]
                offsets, labels, size = self._place(fixed, widths)
                addresses = [
                    self._address(item, labels, size) if f is None else 0
                    for item, f in zip(self.items, fixed, strict=True)
                ]
                if all(a < 256**w for a, w in zip(addresses, widths, strict=True) if w):
                    break
        result = self._emit(fixed, widths, addresses, offsets)
        self._describe(result, offsets, labels)
        return result

    def _describe(self, result: Assembled, offsets: list[int], labels: dict[object, int]) -> None:
        """Places of labels and tables, and which jumps are calls and returns."""
        result.labels = labels
        items = self.items
        for number, (item, offset) in enumerate(zip(items, offsets, strict=True)):
            if item.kind == TABLE:
                result.tables[offset] = tuple(labels[label] for label in item.labels())
            if item.kind == OP and item.value in ("jump", "jumpi") and number:
                kind = _jump_kind(items, number)
                if kind is not None:
                    result.jumps[offset] = kind

    def _fixed(self, item: Item) -> bytes | None:
        """Bytes that do not depend on addresses; None for references."""
        kind, value = item.kind, item.value
        if kind == OP:
            return bytes((_opcode(str(value)),))
        if kind == PUSH:
            assert isinstance(value, int)
            return constant(value, self.has_push0, self.runs)
        if kind == LABEL:
            return bytes((JUMPDEST,))
        if kind == FRAME:
            assert isinstance(value, tuple)
            return push(self.frames[value[0]] + 32 * value[1], self.has_push0)
        if kind == IMMUTABLE:
            return bytes((PUSH1 + 31,)) + bytes(32)
        if kind == LIBRARY:
            return bytes((PUSH1 + ADDRESS_SIZE - 1,)) + bytes(ADDRESS_SIZE)
        if kind == SET_IMMUTABLE:
            return self._patch(str(value))
        return None

    def _patch(self, name: str) -> bytes:
        """Stack: value, code address on top. Store the value at every use, then drop both."""
        code = bytearray()
        for offset in self.data.immutables.get(name, ()):
            code += bytes((DUP1 + 1, DUP1 + 1))  # value, address
            code += push(offset, self.has_push0) + bytes((_ADD, _MSTORE))
        return bytes(code) + bytes((_POP, _POP))

    def _place(
        self, fixed: list[bytes | None], widths: list[int]
    ) -> tuple[list[int], dict[object, int], int]:
        offsets: list[int] = []
        labels: dict[object, int] = {}
        at = 0
        for item, code, width in zip(self.items, fixed, widths, strict=True):
            offsets.append(at)
            if item.kind == LABEL:
                labels[item.value] = at
            at += len(code) if code is not None else 1 + width
        return offsets, labels, at

    def _address(self, item: Item, labels: dict[object, int], size: int) -> int:
        if item.kind == REF:
            if item.value not in labels:
                raise InternalCompilerError(f"label {item.value} is not defined")
            return labels[item.value]
        if item.kind == TABLE:
            places = [labels[label] for label in item.labels()]
            if (
                max(places) >> 16
            ):  # the dispatcher comes first, so this takes thousands of functions
                raise InternalCompilerError("a table's label lies beyond two bytes")
            return sum(place << (16 * n) for n, place in enumerate(places))
        name = str(item.value)
        if item.kind == DATA_SIZE:
            if name == "this":
                return size + self.data.marked + sum(len(p) for p in self.data.parts.values())
            return len(self.data.parts[name])
        assert item.kind == DATA_OFFSET
        at = size + self.data.marked
        for part, content in self.data.parts.items():
            if part == name:
                return at
            at += len(content)
        raise InternalCompilerError(f"no data named {name}")

    def _emit(
        self,
        fixed: list[bytes | None],
        widths: list[int],
        addresses: list[int],
        offsets: list[int],
    ) -> Assembled:
        result = Assembled()
        code = bytearray()
        for item, known, width, address, offset in zip(
            self.items, fixed, widths, addresses, offsets, strict=True
        ):
            result.spans += [
                (offset + at, item.pos, item.end) for at in _instructions(known or b"\0")
            ]
            if item.kind == IMMUTABLE:
                result.immutables.setdefault(str(item.value), []).append(offset + 1)
            if item.kind == LIBRARY:
                result.links.setdefault(str(item.value), []).append(offset + 1)
            if known is not None:
                code += known
            else:
                code.append(PUSH1 - 1 + width)
                code += address.to_bytes(width, "big")
        result.data_start = len(code)
        if self.data.marked:
            code.append(INVALID)
        for part, content in self.data.parts.items():
            for library, places in self.data.links.get(part, {}).items():
                result.links.setdefault(library, []).extend(len(code) + at for at in places)
            code += content
        result.code = bytes(code)
        return result


def _jump_kind(items: list[Item], number: int) -> str | None:
    """Whether a jump calls, by itself or from the dispatcher, or returns."""
    before, behind = items[number - 1], items[number + 1 : number + 2]
    if before.kind == REF:
        function = str(before.value).startswith("f")
        calls = items[number].value == "jumpi" or bool(behind and behind[0].kind == LABEL)
        return "i" if function and calls else None
    dispatches = before.kind == OP and before.value == "and"  # by the table
    return None if dispatches or items[number].value == "jumpi" else "o"


def _instructions(code: bytes) -> list[int]:
    """Where each instruction of an item starts: a constant may be computed, an immutable set in many places."""
    found: list[int] = []
    at = 0
    while at < len(code):
        found.append(at)
        size = code[at] - PUSH1 + 1
        at += 1 + (size if 1 <= size <= 32 else 0)
    return found


def _width(item: Item, address: int) -> int:
    """Bytes that an address takes; a table takes a whole word."""
    return 32 if item.kind == TABLE else max(1, (address.bit_length() + 7) // 8)


def _opcode(name: str) -> int:
    row = OPCODES.get(name)
    if row is not None:
        return row.byte
    if name.startswith("dup"):
        return DUP1 - 1 + int(name[3:])
    if name.startswith("swap"):
        return SWAP1 - 1 + int(name[4:])
    raise InternalCompilerError(f"unknown opcode {name}")
