"""What the same operations cost in public systems, beside ours.

A peer's figure is a whole transaction through its Diamond with everything cold, the repeat case, with a plain ERC-20
as `$LH`; ours is measured the same way (`Gas.cold`).
"""

from __future__ import annotations

from math import exp, log

from tests.gas.anatomy import Anatomy

# Our operation -> (the peer's name for it, the peer's gas).
PEERS: dict[str, tuple[str, int]] = {
    "X402Facet:settle": ("x402 settle", 82_304),
    "X402Facet:settle_upto": ("x402 settleUpto", 82_542),
    "BountyFacet:post_bounty_short": ("bounty post, 31 bytes", 185_251),
    "BountyFacet:claim_bounty": ("bounty claim", 58_438),
    "BountyFacet:submit_result_short": ("bounty submit, 31 bytes", 59_169),
    "BountyFacet:accept_result": ("bounty accept", 79_289),
    "BountyFacet:cancel_bounty": ("bounty cancel", 59_203),
    "ScheduleFacet:schedule_job_short": ("schedule job, 31 bytes", 208_973),
    "ScheduleFacet:record_run": ("schedule recordRun", 46_355),
    "ScheduleFacet:cancel_job": ("schedule cancel", 61_889),
    "ReputationFacet:attest": ("reputation attest", 114_114),
    "FwCredits:transfer_with_authorization": ("OpenZeppelin-style EIP-3009", 64_421),
    "FwUSD:transfer_with_authorization_usd": ("USDC's transferWithAuthorization", 85_606),
}

# Where ours costs more: what the peer does not have.
DEARER = {
    "BountyFacet:claim_bounty": "records the claimer and leaves the index of open bounties",
    "BountyFacet:cancel_bounty": "leaves the index of open bounties; one ledger word",
    "ScheduleFacet:record_run": "moves the job in the due index, which keeps `jobsDue` flat; compare-and-set",
    "ScheduleFacet:cancel_job": "leaves the due index",
}


def table(anatomies: dict[str, Anatomy]) -> list[tuple[str, ...]]:
    """Rows of (operation, public, ours, ratio, floor, opcodes); the last is the geometric mean."""
    rows, ratios = [], []
    for name, (label, public) in PEERS.items():
        if name not in anatomies:
            continue
        ours = anatomies[name]
        ratio = ours.total / public
        ratios.append(ratio)
        numbers = (public, ours.total, f"{ratio:.2f}", ours.floor, ours.opcodes)
        rows.append((label, *map(str, numbers)))
    mean = exp(sum(map(log, ratios)) / len(ratios))
    rows.append(("geometric mean", "", "", f"{mean:.2f}", "", ""))
    return rows
