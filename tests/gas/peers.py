"""What the same operations cost in public systems, beside ours.

A peer's figure is a whole transaction through its Diamond with everything cold, the repeat case, with a plain ERC-20
as `$LH`; ours is measured the same way (`Gas.cold`). The floor is what no compiler can take away (see `anatomy`).
"""

from __future__ import annotations

from math import exp, log

from tests.contracts.economy import Economy
from tests.gas.anatomy import Anatomy, DissectingEvm, dissect
from tests.gas.operations import OPERATIONS

HEADINGS = ("operation", "public", "ours", "ratio", "floor", "opcodes")

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
    "ScheduleFacet:jobs_due": ("jobsDue, 100 due of 1,000", 7_904_105),
    "ReputationFacet:attest": ("reputation attest", 114_114),
    "GuildFacet:create_guild": ("guild create", 268_038),
    "GuildFacet:invite": ("guild invite", 57_792),
    "GuildFacet:accept_invite": ("guild accept", 151_861),
    "GuildFacet:fund_guild": ("guild fund", 56_271),
    "GuildFacet:spend_treasury": ("guild spend", 58_157),
    "VotingFacet:propose": ("vote propose", 210_296),
    "VotingFacet:vote": ("vote cast", 65_924),
    "VotingFacet:execute": ("vote execute", 80_687),
    "VaultFacet:deposit": ("vault deposit", 62_934),
    "VaultFacet:reserve": ("vault reserve, top-up", 65_360),
    "VaultFacet:reserve_next_cycle": ("vault reserve, next cycle", 108_020),
    "VaultFacet:redeem": ("vault redeem, no fee", 85_509),
    "VaultFacet:redeem_with_fee": ("vault redeem, fee 5 %", 90_600),
    "VaultFacet:withdraw": ("vault withdraw", 61_544),
    "PartyFacet:form_party_of_3": ("party form, 3 seats", 292_297),
    "PartyFacet:join_party": ("party join", 75_395),
    "PartyFacet:complete_party_of_3": ("party complete, 3 seats", 125_151),
    "InviteFacet:create_invite": ("invite create", 100_200),
    "InviteFacet:accept_invite_for": ("invite accept", 60_281),
    "FwCredits:transfer_with_authorization": ("OpenZeppelin-style EIP-3009", 64_421),
    "FwUSD:transfer_with_authorization_usd": ("USDC's transferWithAuthorization", 85_606),
}

# Where ours costs more: what the peer does not have.
DEARER = {
    "BountyFacet:cancel_bounty": "the ledger word (5,000) and the balance checks around the refund",
    "ScheduleFacet:record_run": "moves the job in the due index (about 17,000), which keeps jobsDue flat",
    "ScheduleFacet:cancel_job": "leaves the due index; the ledger word (5,000)",
    "GuildFacet:fund_guild": "the ledger word (5,000) and the balance checks around the pull",
    "GuildFacet:spend_treasury": "the ledger word (5,000) and the balance checks around the payment",
    "VaultFacet:withdraw": "the ledger word (5,000) and a timelocked amount that only shrinks",
    "InviteFacet:create_invite": "a second word for who may claim, how and until when; the ledger word (5,000)",
    "InviteFacet:accept_invite_for": "checks the claim key's signature, so that nobody runs ahead with the code",
}


def anatomies() -> dict[str, Anatomy]:
    """Every operation that has a peer, taken apart."""
    evm = DissectingEvm()
    economy = Economy(evm)
    return {name: dissect(evm, OPERATIONS[name](economy.fresh())) for name in PEERS}


def table(measured: dict[str, Anatomy]) -> list[tuple[str, ...]]:
    """Rows under HEADINGS; the last is the geometric mean of the ratios."""
    rows, ratios = [], []
    for name, (label, public) in PEERS.items():
        ours = measured[name]
        ratio = ours.total / public
        ratios.append(ratio)
        numbers = (public, ours.total, f"{ratio:.2f}", ours.floor, ours.opcodes)
        rows.append((label, *map(str, numbers)))
    mean = exp(sum(map(log, ratios)) / len(ratios))
    rows.append(("geometric mean", "", "", f"{mean:.2f}", "", ""))
    return rows
