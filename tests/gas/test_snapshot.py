"""The recorded gas and sizes are those of the code as it is."""

from __future__ import annotations

from tests.contracts.economy import Economy
from tests.gas.operations.market import crowded
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


def test_jobs_that_are_not_due_cost_nothing_to_ask() -> None:
    """`benchmarks/due_index.py` shows the same at 100,000 jobs."""
    economy = Economy()
    costs = []
    for not_due in (10, 250):
        calendar = crowded(economy.fresh(), not_due)
        data = calendar.facet.data("jobsDue", 0, 100)
        outcome = economy.evm.call(calendar.facet.address, data, sender=calendar.owner)
        assert outcome.success
        costs.append(outcome.gas_used)
    assert abs(costs[0] - costs[1]) < 200 * 32  # a word of heads more or less, not a scan
