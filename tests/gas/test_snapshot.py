"""The recorded gas and sizes are those of the code as it is."""

from __future__ import annotations

from tests.gas.peers import DEARER, PEERS, anatomies
from tests.gas.snapshot import PATH, changes, snapshot


def test_gas_snapshot_is_current() -> None:
    found = changes(PATH.read_text(), snapshot())
    assert not found, "gas or size changed; run `make gas` and review:\n" + "\n".join(found)


def test_changes_name_what_moved() -> None:
    old = "# x\nA:f_cold() (gas: 100)\nA:g_cold() (gas: 7)\n"
    new = "# y\nA:f_cold() (gas: 110)\nA:h_cold() (gas: 3)\n"
    assert changes(old, new) == [
        "A:f_cold(): 100 -> 110 (+10.0%)",
        "A:g_cold(): 7 -> gone",
        "A:h_cold(): new -> 3",
    ]


def test_what_costs_more_than_its_peer_says_why() -> None:
    """The parts of an operation add up to what the snapshot records, and no dearer row is without a reason."""
    recorded = PATH.read_text()
    measured = anatomies()
    for name, anatomy in measured.items():
        assert f"{name}_cold() (gas: {anatomy.total})" in recorded
    assert {n for n, a in measured.items() if a.total > PEERS[n][1]} == set(DEARER)
