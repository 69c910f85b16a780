"""What an upgrade does to stored data: anything but an append reads old bytes as something else.

A field is compared with the one of the same path. New fields are safe behind the old ones of the same
enclosing struct; a mapping's value may grow that way, an array's element may not, because the next
element would move.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from compiler.layouts.document import Document
from compiler.layouts.entries import ELEMENT, Entry, Root

APPENDED = "appended"


class Change(NamedTuple):
    """`kind`: appended, inserted, moved, reordered, renamed, removed, resized, retyped or rebased."""

    kind: str
    root: str
    path: str
    detail: str

    @property
    def safe(self) -> bool:
        return self.kind == APPENDED


def compare(old: Document, new: Document) -> list[Change]:
    """Every difference, in the order of the old document; new roots last."""
    found: list[Change] = []
    for name, before in old.items():
        after = new.get(name)
        if after is None:
            found.append(Change("removed", name, "", "nothing keeps this layout any more"))
        else:
            found += _root(name, before, after)
    found += [Change(APPENDED, name, "", "a new layout") for name in new if name not in old]
    return found


def _root(name: str, before: Root, after: Root) -> Iterator[Change]:
    if before.base != after.base:
        detail = f"slot {before.base:#x} -> {after.base:#x}"
        yield Change("rebased", name, "", detail)
    renamed: set[str] = set()
    for path, entry in before.entries.items():
        if path in after.entries:
            yield from _entry(name, path, entry, before, after)
            continue
        if _enclosing(path) and _enclosing(path) not in after.entries:
            continue  # said once, of what enclosed it
        to = _same_place(path, entry, before, after)
        renamed |= {to} if to else set()
        yield (
            Change("renamed", name, path, f"is `{to}` now")
            if to
            else Change("removed", name, path, f"was {_place(entry)}, {entry.type}")
        )
    for path, entry in after.entries.items():
        if path in before.entries or any(path == r or _under(path, r) for r in renamed):
            continue
        if _enclosing(path) and _enclosing(path) not in before.entries:
            continue
        yield _added(name, path, entry, before)


def _entry(name: str, path: str, old: Entry, before: Root, after: Root) -> Iterator[Change]:
    new = after.entries[path]
    if old[:2] != new[:2]:
        kind = "reordered" if _overtaken(path, before, after) else "moved"
        yield Change(kind, name, path, f"{_place(old)} -> {_place(new)}")
    if old.type != new.type and not _enum_grew(old.type, new.type):
        yield Change("retyped", name, path, f"{old.type} -> {new.type}")
    if old.size != new.size and not (_is_struct(old, new) and not path.endswith(ELEMENT)):
        yield Change("resized", name, path, f"{old.size} -> {new.size} bytes")


def _added(name: str, path: str, entry: Entry, before: Root) -> Change:
    siblings = [e for p, e in before.entries.items() if _enclosing(p) == _enclosing(path)]
    last = max(((e.slot, e.offset) for e in siblings), default=(-1, 0))
    kind = APPENDED if (entry.slot, entry.offset) > last else "inserted"
    return Change(kind, name, path, f"{_place(entry)}, {entry.type}")


def _overtaken(path: str, before: Root, after: Root) -> bool:
    """Whether another field was before this one and is behind it now, or the other way."""
    siblings = [
        p for p in before.entries if p in after.entries and _enclosing(p) == _enclosing(path)
    ]
    here, there = before.entries[path][:2], after.entries[path][:2]
    return any((before.entries[p][:2] < here) != (after.entries[p][:2] < there) for p in siblings)


def _same_place(path: str, entry: Entry, before: Root, after: Root) -> str | None:
    """The new name of a field whose bytes stay what they were."""
    for other, new in after.entries.items():
        if new == entry and other not in before.entries and _enclosing(other) == _enclosing(path):
            return other
    return None


def _enclosing(path: str) -> str:
    """The path of the struct, mapping or array that a field is in; empty at the root."""
    if path.endswith("]"):
        return path[: path.rindex("[")]
    return path.rpartition(".")[0]


def _under(path: str, above: str) -> bool:
    return path.startswith((above + ".", above + "["))


def _is_struct(old: Entry, new: Entry) -> bool:
    return old.type == new.type and old.type.startswith("struct ") and not old.type.endswith("]")


def _enum_grew(old: str, new: str) -> bool:
    """`enum A {x}` -> `enum A {x, y}`: stored numbers keep their meaning."""
    return old.startswith("enum ") and old.endswith("}") and new.startswith(old[:-1] + ", ")


def _place(entry: Entry) -> str:
    return f"slot {entry.slot}" + (f" byte {entry.offset}" if entry.offset else "")
