"""The recorded gas and sizes are those of the code as it is."""

from __future__ import annotations

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
