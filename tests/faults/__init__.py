"""What happens to a market whose wires, nodes, disks and clocks fail: each failure has a stated outcome.

`docs/halo/faults.md` tells the outcomes to people; the tests here are what it says.
"""
