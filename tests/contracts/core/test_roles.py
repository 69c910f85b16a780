"""Each role does what it is for and nothing else: every role's key against every guarded function."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Bound, Reverted
from tests.contracts.economy import ETHER, ZERO, Economy
from tests.contracts.signing import nonce

Call = tuple[Bound, str, tuple[object, ...]]
GUILD_ID = 2  # what the scene founds after identity 1


# What a guild answers to people who are not in it.
OUTSIDE = {"NotOfficer", "NotAdmin", "NotMember", "NotInvited", "NotGuildMember", "NotProposer"}
# What a party and a dispute about a bounty answer to people who have no part in them.
OUTSIDE |= {"NotCreator", "NotDisbandable", "NothingToConsent", "NotResolver"}
# What an agent answers to people whom its holder has not let act for it.
OUTSIDE |= {"NotAgentOperator"}


def owner_calls(e: Economy) -> list[Call]:
    """Everything that is the diamond owner's alone."""
    someone = e.address("frank")
    return [
        (e.diamond_cut, "diamondCut", ([], ZERO, b"")),
        (e.ownership, "transferOwnership", (someone,)),
        (e.ownership, "nominateOwner", (someone,)),
        (e.treasury, "withdrawTreasury", (someone, 1)),
        (e.treasury, "withdrawTreasuryOf", (e.credits.address, someone, 1)),
        (e.registry, "setRegistrationCost", (1,)),
        (e.registry, "setNameCommitRequired", (True,)),
        (e.erc721, "initERC721", ("", "")),
        (e.main, "setMainCost", (1,)),
        (e.tba, "setTbaConfig", (someone, someone)),
        (e.credits_facet, "setCreditsToken", (someone,)),
        (e.credits_facet, "setDailyAllowance", (1,)),
        (e.x402, "setPayToken", (someone, True)),
        (e.x402, "setSigDeployer", (someone,)),
        (e.schedule, "setScheduler", (someone,)),
        (e.schedule, "addScheduler", (someone, True)),
        (e.feedback, "clearFeedback", ()),
        (e.credit_meter, "setMeter", (someone,)),
        (e.mint_gate, "setFiatIssuerSigner", (someone,)),
        (e.mint_gate, "setClawbacker", (someone,)),
        (e.mint_gate, "setPerReceiptMaxWei", (1,)),
        (e.mint_gate, "setFiatLockSecs", (1,)),
        (e.mint_gate, "setFiatMintWindow", (1, 24)),
        (e.redeem, "addRedeemCodes", ([nonce(1)], 1)),
        (e.redeem, "addGuardedRedeemCodes", ([nonce(2)], [someone], 1)),
        (e.redeem, "disableRedeemCodes", ([nonce(1)],)),
        (e.redeem, "setRedeemRequiresIdentity", (True,)),
        (e.release, "adminBurnNames", ([1],)),
        (e.release, "adminResetAll", ()),
        (e.release, "sealAdmin", ()),
        (e.session, "setSessionPrice", (1,)),
        (e.session, "setSessionDuration", (1,)),
        (e.vault_admin, "initVault", (ZERO, ZERO, 0, 0, 0, 0, ZERO, ZERO, 0, 0, ZERO)),
    ]


def scheduler_calls(e: Economy, job: int) -> list[Call]:
    return [
        (e.schedule, "recordRun", (job, 0, 1)),
        (e.schedule, "recordRuns", ([job], [0], [1])),
        (e.schedule, "completeJob", (job,)),
        (e.schedule, "leaseJobs", ([job], 60)),
        (e.schedule, "scheduleChildJob", (job, 1, b"", 60, 1, 1)),
    ]


def meter_calls(e: Economy) -> list[Call]:
    alice = e.address("alice")
    return [
        (e.credit_meter, "meter", (alice, 1)),
        (e.credit_meter, "meterUpTo", (alice, 1)),
        (e.credit_meter, "meterRef", (alice, 1, nonce(1))),
        (e.credit_meter, "meterBatch", ([alice], [1], [nonce(1)])),
    ]


def clawback_calls(e: Economy) -> list[Call]:
    return [
        (e.mint_gate, "clawbackFiatMint", (nonce(1),)),
        (e.mint_gate, "clawbackFiatMintUpTo", (nonce(1), 1)),
    ]


def guardian_calls(e: Economy) -> list[Call]:
    return [(e.vault_admin, "setPaused", (True,)), (e.vault_admin, "setPaused", (False,))]


def fee_admin_calls(e: Economy) -> list[Call]:
    someone = e.address("frank")
    return [
        (e.vault_admin, "proposeFee", (1,)),
        (e.vault_admin, "cancelPendingFee", ()),
        (e.vault_admin, "proposeFeeRecipient", (someone,)),
        (e.vault_admin, "cancelPendingFeeRecipient", ()),
        (e.vault_admin, "transferFeeAdmin", (someone,)),
        (e.vault_admin, "acceptFeeAdmin", ()),
    ]


def participant_calls(e: Economy, job: int, bounty: int) -> list[Call]:
    """What belongs to the people of one record: job owner, poster, claimer, identity holder."""
    return [
        (e.schedule, "cancelJob", (job,)),
        (e.schedule, "pauseJob", (job,)),
        (e.schedule, "topUpJob", (job, 1)),
        (e.schedule, "setRunCap", (job, 1)),
        (e.bounty, "acceptResult", (bounty,)),
        (e.bounty, "requestRevision", (bounty,)),
        (e.bounty, "rejectResult", (bounty, nonce(1))),
        (e.bounty, "cancelBounty", (bounty,)),
        (e.registry, "setMetadata", (1, nonce(1), b"x")),
        (e.main, "registerMain", (1,)),
        (e.erc721, "approve", (e.address("frank"), 1)),
        (e.release, "releaseName", (1,)),
        (e.devices, "linkIdentityDevice", (1, e.address("frank"))),
        (e.devices, "unlinkIdentityDevice", (1, e.address("frank"))),
        (e.x402, "setFacilitatorFor", (1, e.address("frank"), True)),
        (e.x402, "cancelAuthorization", (e.address("alice"), nonce(1), b"")),
        (e.party, "completeParty", (1,)),
        (e.party, "disbandParty", (1,)),
        (e.party, "joinParty", (1,)),
        (e.validation, "resolveValidation", (1, True)),
        *agent_calls(e),
        *guild_calls(e),
    ]


def agent_calls(e: Economy) -> list[Call]:
    """What belongs to the holder of an agent and to whom the holder lets act for it."""
    frank = e.address("frank")
    return [
        (e.agents, "setAgentURI", (1, "ipfs://x")),
        (e.agents, "setMetadata", (1, "key", b"x")),
        (e.agents, "setAgentWallet", (1, frank, e.now, b"")),
        (e.agents, "unsetAgentWallet", (1,)),
        (e.agent_validation, "validationRequest", (frank, 1, "", nonce(1))),
    ]


def guild_calls(e: Economy) -> list[Call]:
    """What belongs to the people of alice's guild and to whoever opened its vote."""
    guild, frank = GUILD_ID, e.address("frank")
    return [
        (e.guild, "inviteToGuild", (guild, frank)),
        (e.guild, "revokeInvite", (guild, e.address("erin"))),
        (e.guild, "acceptGuildInvite", (guild,)),
        (e.guild, "declineInvite", (guild,)),
        (e.guild, "leaveGuild", (guild,)),
        (e.guild, "setRole", (guild, e.address("alice"), 1)),
        (e.guild, "spendTreasury", (guild, frank, 1, b"")),
        (e.guild, "setGuildPolicy", (guild, (False, 0, 0, 0, 255))),
        (e.voting, "propose", (guild, frank, 1, b"", 3_600)),
        (e.voting, "vote", (1, True)),
        (e.voting, "cancelProposal", (1,)),
        (e.weighted, "setShares", (guild, e.address("alice"), 1)),
        (e.weighted, "proposeWeighted", (guild, frank, 1, 3_600, "")),
    ]


@pytest.fixture
def scene(economy: Economy) -> tuple[Economy, int, int]:
    """Alice holds identity 1 and has submitted to bob's bounty; bob owns a job; alice's guild votes.

    Bob has formed a party; carol and dave dispute alice's work.
    """
    alice, bob = economy.address("alice"), economy.address("bob")
    economy.register("alice", "agent")
    job = economy.schedule.send("scheduleJob", 1, b"", 60, ETHER, 5, sender=bob).value
    bounty = economy.bounty.send("postBounty", b"", ETHER, 3_600, sender=bob).value
    economy.bounty.send("claimBounty", bounty, 1, sender=alice)
    economy.bounty.send("submitResult", bounty, b"", sender=alice)
    guild = economy.guild.send("createGuild", "guild", sender=alice).value
    assert guild == GUILD_ID
    economy.guild.send("fundGuild", guild, ETHER, sender=alice)
    economy.guild.send("inviteToGuild", guild, economy.address("erin"), sender=alice)
    economy.voting.send("propose", guild, bob, ETHER, b"", 3_600, sender=alice)
    economy.party.send("formParty", [1], [10_000], 3_600, sender=bob)
    economy.party.send("fundParty", 1, ETHER, sender=bob)
    stake = (nonce(bounty), 1, True, ETHER)
    economy.validation.send("stakeValidation", *stake, sender=economy.address("carol"))
    economy.validation.send("challengeValidation", 1, sender=economy.address("dave"))
    return economy, job, bounty


def refused(call: Call, sender: bytes) -> str:
    handle, name, args = call
    with pytest.raises(Reverted) as failure:
        handle.send(name, *args, sender=sender)
    return f"{name}: {failure.value.error}"


def test_owner_functions_refuse_everybody_else(scene: tuple[Economy, int, int]) -> None:
    economy, _, _ = scene
    roles = (
        economy.scheduler,
        economy.guardian,
        economy.fee_admin,
        economy.meter_key,
        economy.fiat_issuer,
        economy.clawbacker,
    )
    others = [*(role.address for role in roles), *(key.address for key in economy.keys.values())]
    for call in owner_calls(economy):
        for sender in others:
            assert refused(call, sender) == f"{call[1]}: NotOwner"


def test_the_owner_is_neither_scheduler_nor_participant(
    scene: tuple[Economy, int, int],
) -> None:
    economy, job, bounty = scene
    owner = economy.owner.address
    expected = {"NotScheduler", "NotJobOwner", "NotPoster", "NotOwner", "NotApproved"} | OUTSIDE
    calls = scheduler_calls(economy, job) + participant_calls(economy, job, bounty)
    for call in calls:
        assert refused(call, owner).split(": ")[1] in expected | {"BadSignature"}


def test_the_scheduler_is_no_participant(scene: tuple[Economy, int, int]) -> None:
    economy, job, bounty = scene
    expected = {"NotJobOwner", "NotPoster", "NotOwner", "NotApproved", "BadSignature"} | OUTSIDE
    for call in participant_calls(economy, job, bounty):
        assert refused(call, economy.scheduler.address).split(": ")[1] in expected


def test_participants_are_no_schedulers(scene: tuple[Economy, int, int]) -> None:
    economy, job, _ = scene
    for call in scheduler_calls(economy, job):
        for name in ("alice", "bob", "carol"):
            assert refused(call, economy.address(name)).endswith("NotScheduler")


def test_the_vaults_roles_are_nobody_elses(scene: tuple[Economy, int, int]) -> None:
    economy, job, bounty = scene
    guardian, fee_admin = economy.guardian.address, economy.fee_admin.address
    people = [key.address for key in economy.keys.values()]
    others = [economy.owner.address, economy.scheduler.address, economy.fee_recipient, *people]
    for sender in [*others, fee_admin]:
        for call in guardian_calls(economy):
            assert refused(call, sender) == "setPaused: NotGuardian"
    for sender in [*others, guardian]:
        for call in fee_admin_calls(economy):
            assert refused(call, sender).endswith("NotFeeAdmin")
    expected = {"NotScheduler", "NotJobOwner", "NotPoster", "NotOwner", "NotApproved"} | OUTSIDE
    for sender in (guardian, fee_admin):
        for call in scheduler_calls(economy, job) + participant_calls(economy, job, bounty):
            assert refused(call, sender).split(": ")[1] in expected | {"BadSignature"}


def test_meter_and_clawbacker_are_nobody_else(scene: tuple[Economy, int, int]) -> None:
    """The clawbacker's power is the owner's too, the meter's is not; the issuer only signs."""
    economy, job, bounty = scene
    meter, clawbacker = economy.meter_key.address, economy.clawbacker.address
    issuer, owner = economy.fiat_issuer.address, economy.owner.address
    roles = (economy.scheduler, economy.guardian, economy.fee_admin)
    others = [issuer, *(role.address for role in roles), *map(economy.address, ("alice", "bob"))]
    for sender in [*others, owner, clawbacker]:
        for call in meter_calls(economy):
            assert refused(call, sender).endswith("NotMeter")
    for sender in [*others, meter]:
        for call in clawback_calls(economy):
            assert refused(call, sender).endswith("NotClawbacker")
    for sender in (owner, clawbacker):
        for call in clawback_calls(economy):
            assert refused(call, sender).endswith("UnknownReceipt")
    expected = {"NotScheduler", "NotJobOwner", "NotPoster", "NotOwner", "NotApproved"} | OUTSIDE
    for sender in (meter, clawbacker, issuer):
        for call in scheduler_calls(economy, job) + participant_calls(economy, job, bounty):
            assert refused(call, sender).split(": ")[1] in expected | {"BadSignature"}
        with pytest.raises(Reverted, match="InsufficientCredits"):
            economy.credit_meter.send("withdrawCredits", 1, sender=sender)


def test_no_role_reaches_escrow(scene: tuple[Economy, int, int]) -> None:
    """The owner's whole power over money, exercised: escrow is where it was."""
    economy, _, _ = scene
    before = [economy.held(bucket) for bucket in range(1, 17)]
    owner = economy.owner.address
    for call in owner_calls(economy)[3:5]:
        assert refused(call, owner).endswith("BucketUnderflow")
    assert refused(owner_calls(economy)[10], owner).endswith("TokenCallFailed")
    other = economy.create("HostileToken")
    stuck = (economy.credits_facet, "setCreditsToken", (other,))
    assert refused(stuck, owner).endswith("BucketsNotEmpty")
    economy.treasury.send("skim", economy.credits.address, sender=owner)
    assert [economy.held(bucket) for bucket in range(1, 17)] == before
