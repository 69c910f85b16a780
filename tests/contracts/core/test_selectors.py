"""Selectors of the whole system: no clash, no reserved one taken, the ones peers know kept."""

from __future__ import annotations

from tests.contracts.build import build
from tests.contracts.calls import Interface
from tests.contracts.economy import CORE, FACETS

RESERVED = {
    "1f931c1c": "DiamondCutFacet",
    "f2fde38b": "OwnershipFacet",
    "8da5cb5b": "OwnershipFacet",
    "7a0ed627": "DiamondLoupeFacet",
    "adfca15e": "DiamondLoupeFacet",
    "52ef6b2c": "DiamondLoupeFacet",
    "cdffacc6": "DiamondLoupeFacet",
    "01ffc9a7": "DiamondLoupeFacet",
}
# Functions by the names the published system documents, with the facet that answers each.
PUBLISHED = {
    "RegistryFacet": (
        "register(string)",
        "ownerOfName(string)",
        "idOfName(string)",
        "nameOfId(uint256)",
        "setMetadata(uint256,bytes32,bytes)",
    ),
    "TbaFacet": ("tokenBoundAccountByName(string)", "tokenBoundAccount(uint256)"),
    "MainIdentityFacet": ("mainOf(address)", "mainNameOf(address)"),
    "CreditsFacet": ("claimDaily()",),
    "CreditMeterFacet": (
        "depositCredits(uint256)",
        "withdrawCredits(uint256)",
        "meter(address,uint256)",
        "creditOf(address)",
        "withdrawableOf(address)",
    ),
    "MintGateFacet": (
        "mintFromFiat(address,uint256,bytes32,uint256,bytes)",
        "clawbackFiatMint(bytes32)",
        "fiatLockedOf(address)",
        "fiatMintDomainSeparator()",
        "circulatingSupply()",
        "receiptUsed(bytes32)",
        "receiptInfo(bytes32)",
        "fiatMintWindow()",
    ),
    "X402Facet": (
        "settle(address,address,uint256,uint256,uint256,bytes32,bytes)",
        "x402DomainSeparator()",
        "authorizationState(address,bytes32)",
    ),
    "BountyFacet": (
        "postBounty(bytes,uint128,uint64)",
        "claimBounty(uint256,uint256)",
        "submitResult(uint256,bytes)",
        "acceptResult(uint256)",
        "cancelBounty(uint256)",
        "reclaimExpired(uint256)",
        "getBounty(uint256)",
        "bountyTaskOf(uint256)",
        "resultOf(uint256)",
        "openBounties(uint256,uint256)",
        "bountiesOf(address)",
        "bountyCount()",
        "activeBountyCountOf(address)",
    ),
    "ScheduleFacet": (
        "scheduleJob(uint256,bytes,uint64,uint128,uint32)",
        "scheduleChildJob(uint256,uint256,bytes,uint64,uint128,uint32)",
        "recordRun(uint256,uint64,uint128)",
        "cancelJob(uint256)",
        "completeJob(uint256)",
        "pauseJob(uint256)",
        "resumeJob(uint256)",
        "topUpJob(uint256,uint128)",
        "jobsDue(uint256,uint256)",
        "getJob(uint256)",
        "taskOf(uint256)",
        "jobsOf(address)",
        "jobCount()",
        "activeJobsOf(address)",
        "setScheduler(address)",
        "schedulerAddress()",
    ),
    "ReputationFacet": (
        "attest(uint256,uint8,bytes32)",
        "reputationOf(uint256)",
        "attestationsOf(uint256,uint256,uint256)",
        "hasAttested(address,uint256,bytes32)",
    ),
    "GuildFacet": (
        "createGuild(string)",
        "inviteToGuild(uint256,address)",
        "acceptGuildInvite(uint256)",
        "leaveGuild(uint256)",
        "setRole(uint256,address,uint8)",
        "fundGuild(uint256,uint256)",
        "spendTreasury(uint256,address,uint256,bytes)",
        "guildMembersOf(uint256)",
        "roleOf(uint256,address)",
        "isGuildMember(uint256,address)",
        "treasuryBalanceOf(uint256)",
        "guildAddress(uint256)",
        "guildName(uint256)",
        "guildsOf(address)",
        "guildCount()",
    ),
    "VotingFacet": (
        "propose(uint256,address,uint256,bytes,uint64)",
        "vote(uint256,bool)",
        "execute(uint256)",
        "getProposal(uint256)",
        "tallyOf(uint256)",
        "hasVoted(uint256,address)",
        "proposalsOf(uint256,uint256,uint256)",
        "proposalCount()",
    ),
    "WeightedVotingFacet": (
        "setShares(uint256,address,uint256)",
        "proposeWeighted(uint256,address,uint256,uint256,string)",
        "voteWeighted(uint256,bool)",
        "executeWeighted(uint256)",
        "sharesOf(uint256,address)",
        "totalSharesOf(uint256)",
        "weightedProposal(uint256)",
        "weightedProposalMemoOf(uint256)",
        "weightedProposalsOf(uint256,uint256,uint256)",
    ),
    "TitheFacet": (
        "setTithe(uint256,uint256)",
        "revokeTithe()",
        "collectTithe(address)",
        "titheOf(address)",
    ),
    "DeviceRegistryFacet": ("devicesOf(address)", "isDeviceLinked(address,address)"),
    "FeedbackFacet": (
        "submitFeedback(string)",
        "feedbackCount()",
        "feedbackAt(uint256)",
        "feedbackRange(uint256,uint256)",
    ),
    "ReleaseFacet": (
        "releaseName(uint256)",
        "adminBurnNames(uint256[])",
        "adminResetAll()",
    ),
    "InviteFacet": (
        "createInvite(bytes32,uint256,uint64)",
        "acceptInvite(string)",
        "reclaimInvite(bytes32)",
        "getInvite(bytes32)",
        "escrowedOf(address)",
    ),
    "RedeemFacet": ("redeem(string)",),
    "SessionFacet": ("openSession()", "sessionExpiryOf(address)", "sessionPrice()"),
    # As the vaults that are out there answer them.
    "VaultFacet": (
        "deposit(uint256,address)",
        "setSessionKey(address)",
        "setReservesFrozen(bool)",
        "reserve(address,address,uint256,uint64,uint256,bytes)",
        "redeem(address,address,uint256,bytes)",
        "releaseExpired(address,address)",
        "requestWithdraw()",
        "withdraw(uint256)",
        "withdraw(uint256,address)",
        "withdrawable(address)",
        "balance(address)",
        "totalBalance()",
        "lockedTotal(address)",
        "sessionKey(address)",
        "keyEpoch(address)",
        "reserveNonce(address)",
        "ops(address,address)",
        "cycleFeeBps(address,address)",
        "withdrawRequestedAt(address)",
        "withdrawAuthorized(address)",
        "reservesFrozen(address)",
    ),
    "VaultAdminFacet": (
        "setPaused(bool)",
        "paused()",
        "pausedUntil()",
        "proposeFee(uint16)",
        "cancelPendingFee()",
        "applyFee()",
        "proposeFeeRecipient(address)",
        "cancelPendingFeeRecipient()",
        "applyFeeRecipient()",
        "transferFeeAdmin(address)",
        "acceptFeeAdmin()",
        "collectFees()",
        "feeBps()",
        "feesAccrued()",
    ),
}


def test_no_two_facets_answer_one_selector() -> None:
    taken: dict[bytes, str] = {}
    for name in CORE + FACETS:
        for selector, signature in Interface(build()[name].abi).selectors().items():
            assert selector not in taken, f"{signature} of {name} clashes with {taken[selector]}"
            taken[selector] = f"{signature} of {name}"


def test_reserved_selectors_belong_to_the_core() -> None:
    for name in CORE + FACETS:
        for selector in Interface(build()[name].abi).selectors():
            if selector.hex() in RESERVED:
                assert RESERVED[selector.hex()] == name


def test_published_functions_exist_under_their_exact_signature() -> None:
    for name, signatures in PUBLISHED.items():
        present = set(Interface(build()[name].abi).selectors().values())
        assert set(signatures) <= present, set(signatures) - present


def test_standard_selectors() -> None:
    usd = {s.hex() for s in Interface(build()["FwUSD"].abi).selectors()}
    credits = {s.hex() for s in Interface(build()["FwCredits"].abi).selectors()}
    eip3009 = {"e3ee160e", "cf092995", "ef55bec6", "88b7ab63", "5a049a70", "b7b72899", "e94a0102"}
    assert eip3009 | {"d505accf", "84b0196e", "3644e515"} <= usd
    assert eip3009 | {"84b0196e", "3644e515"} <= credits
    registry = {s.hex() for s in Interface(build()["ERC6551Registry"].abi).selectors()}
    assert registry == {"8a54c52f", "246a0021"}
