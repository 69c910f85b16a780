"""Pushes of addresses are as short as they can be, and long enough."""

from __future__ import annotations

import pytest

from compiler.backend.assembler import Data, assemble
from compiler.backend.assembly import LABEL, OP, REF, Item
from compiler.evm.opcodes import JUMPDEST, PUSH1


@pytest.mark.parametrize("border", [256, 65_536])
@pytest.mark.parametrize("before", range(-14, 4))
def test_every_push_holds_the_place_of_its_label(border: int, before: int) -> None:
    """A push that grows moves other labels past the border, and their pushes must grow, too."""
    far, near = Item(REF, "far"), Item(REF, "near")
    items = [far] * 6 + [near] * 6
    filler = border + before - 3 * len(items)
    items += [Item(OP, "stop")] * filler
    items += [Item(LABEL, "near"), *[Item(OP, "stop")] * 8, Item(LABEL, "far")]
    made = assemble(items, "cancun", Data({}, {}, {}), {}, runs=1)
    at, found = 0, []
    for _ in range(12):
        width = made.code[at] - PUSH1 + 1
        found.append(int.from_bytes(made.code[at + 1 : at + 1 + width], "big"))
        at += 1 + width
    assert found == [made.labels["far"]] * 6 + [made.labels["near"]] * 6
    assert all(made.code[place] == JUMPDEST for place in made.labels.values())
