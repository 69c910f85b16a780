"""Instruction spans in solc's source-map format: `start:length:file:jump`, compressed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from compiler.source import SourceSet

_NO_JUMPS: Mapping[int, str] = {}


def source_map(
    spans: Iterable[tuple[int, int, int]], sources: SourceSet, jumps: Mapping[int, str] = _NO_JUMPS
) -> str:
    """One entry per instruction; a field equal to the entry before is left empty.

    Offsets are UTF-8 bytes, `file` is the position of the file in the build, -1 for code that stands
    for no source. `jumps` says by offset which jumps call (`i`) and which return (`o`); the rest are `-`."""
    parts: list[str] = []
    before = ("", "", "", "")
    for offset, pos, end in spans:
        entry = (*_place(pos, end, sources), jumps.get(offset, "-"))
        shown = ["" if new == old else new for new, old in zip(entry, before, strict=True)]
        while shown and shown[-1] == "":
            shown.pop()
        parts.append(":".join(shown))
        before = entry
    return ";".join(parts)


def _place(pos: int, end: int, sources: SourceSet) -> tuple[str, str, str]:
    if not pos:
        return "0", "0", "-1"
    file = sources.file_at(pos)
    start = file.byte_offset(pos)
    return str(start), str(file.byte_offset(min(end, file.end)) - start), str(file.index)
