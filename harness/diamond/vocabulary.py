"""The interfaces that this package speaks, by contract, and every error they can revert with."""

from __future__ import annotations

from functools import cache

from harness.chain.abi import Interface
from harness.chain.reverts import ErrorTable
from harness.diamond import (
    accounts,
    agent_reputation,
    agent_validation,
    agents,
    bounty,
    core,
    credit_meter,
    credits,
    devices,
    feedback,
    guarded,
    guild,
    invite,
    messages,
    mint_gate,
    names,
    party,
    push,
    redeem,
    registry,
    release,
    reputation,
    rooms,
    schedule,
    session,
    signaling,
    subscriptions,
    tithe,
    tokens,
    treasury,
    validation,
    vault,
    vault_admin,
    voting,
    weighted_voting,
    x402,
)

SHARED = Interface.of(
    """
error NotOwner()
error NotConfigured()
error ZeroAmount()
error ZeroAddress()
error Reentrancy()
error BadSignature()
error AuthExpired()
error AuthNotYetValid()
error AuthAlreadyUsed()
error TokenCallFailed(address token)
error TokenDelta(uint256 expected, uint256 received)
error BucketUnderflow(uint8 bucket)
error CastOverflow()
error LengthMismatch()
error BatchTooLarge(uint256 max)
error AlreadyInitialised()
error FunctionNotFound(bytes4 selector)
"""
)

INTERFACES: dict[str, Interface] = {
    "DiamondCutFacet": core.CUT_INTERFACE,
    "DiamondLoupeFacet": core.LOUPE_INTERFACE,
    "OwnershipFacet": core.OWNERSHIP_INTERFACE,
    "GuardedDiamond": guarded.GUARDED_INTERFACE,
    "GuardedDiamondCutFacet": guarded.GuardedCut.INTERFACE,
    "TreasuryFacet": treasury.INTERFACE,
    "RegistryFacet": registry.INTERFACE,
    "ERC721Facet": names.NAMES_INTERFACE,
    "MainIdentityFacet": names.MAIN_IDENTITY_INTERFACE,
    "OwnedTokensFacet": names.OWNED_TOKENS_INTERFACE,
    "TbaFacet": accounts.TBA_INTERFACE,
    "TokenBoundAccount": accounts.TOKEN_BOUND_ACCOUNT_INTERFACE,
    "CreditsFacet": credits.INTERFACE,
    "X402Facet": x402.INTERFACE,
    "BountyFacet": bounty.INTERFACE,
    "ScheduleFacet": schedule.INTERFACE,
    "ReputationFacet": reputation.INTERFACE,
    "GuildFacet": guild.INTERFACE,
    "VotingFacet": voting.INTERFACE,
    "WeightedVotingFacet": weighted_voting.INTERFACE,
    "TitheFacet": tithe.INTERFACE,
    "SessionFacet": session.INTERFACE,
    "DeviceRegistryFacet": devices.INTERFACE,
    "SubscribeFacet": subscriptions.INTERFACE,
    "PushFacet": push.INTERFACE,
    "FeedbackFacet": feedback.INTERFACE,
    "MessageFacet": messages.INTERFACE,
    "SessionRoomFacet": rooms.INTERFACE,
    "SignalingFacet": signaling.INTERFACE,
    "ReleaseFacet": release.INTERFACE,
    "InviteFacet": invite.INTERFACE,
    "RedeemFacet": redeem.INTERFACE,
    "CreditMeterFacet": credit_meter.INTERFACE,
    "MintGateFacet": mint_gate.INTERFACE,
    "VaultFacet": vault.INTERFACE,
    "VaultAdminFacet": vault_admin.INTERFACE,
    "PartyFacet": party.INTERFACE,
    "ValidationFacet": validation.INTERFACE,
    "AgentIdentityFacet": agents.INTERFACE,
    "AgentReputationFacet": agent_reputation.INTERFACE,
    "AgentValidationFacet": agent_validation.INTERFACE,
    "FwUSD": tokens.DOLLAR_INTERFACE,
    "FwCredits": tokens.CREDITS_INTERFACE,
}


@cache
def error_table() -> ErrorTable:
    """All of them by selector."""
    errors = [error for interface in INTERFACES.values() for error in interface.errors]
    return ErrorTable((*SHARED.errors, *errors))
