"""Stored data keeps its meaning: the layout only grows, and is recorded when it does."""

from __future__ import annotations

from tests.contracts.core.test_storage import declared
from tests.layout.snapshot import current, recorded, since_recorded, unsafe


def test_an_upgrade_moves_nothing_that_is_stored() -> None:
    moved = unsafe(since_recorded())
    assert not moved, "an upgraded Diamond would misread its storage:\n" + "\n".join(
        f"{change.kind} {change.root} {change.path} ({change.detail})" for change in moved
    )


def test_the_record_is_current() -> None:
    assert current() == recorded(), "the layout grew; run `make layout` and review the diff"


def test_every_namespace_is_in_the_record_at_its_slot() -> None:
    bases = {
        name.removeprefix("facetworks.").replace(".", ""): root.base
        for name, root in recorded().items()
        if name.startswith("facetworks.")
    }
    # the lock's namespace is one transient or stored word without a struct
    namespaces = {name: slot for name, slot in declared().items() if name != "guard"}
    assert bases == namespaces
