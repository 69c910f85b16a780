"""docs/contracts/ names every function and every error, and nothing that does not exist."""

from __future__ import annotations

import re

import pytest

from tests.contracts.build import ROOT, build
from tests.contracts.core.test_roles import owner_calls
from tests.contracts.economy import Economy

DOCS = ROOT / "docs" / "contracts"
PAGES = {
    "diamond": ("Diamond", "DiamondCutFacet", "DiamondLoupeFacet", "OwnershipFacet"),
    "guarded-diamond": ("GuardedDiamond", "GuardedDiamondCutFacet", "GuardedLoupeFacet"),
    "treasury": ("TreasuryFacet",),
    "registry": ("RegistryFacet",),
    "erc721": ("ERC721Facet",),
    "main-identity": ("MainIdentityFacet", "OwnedTokensFacet"),
    "tba": ("TbaFacet", "ERC6551Registry", "TokenBoundAccount"),
    "credits": ("CreditsFacet", "FwCredits"),
    "fwusd": ("FwUSD",),
    "x402": ("X402Facet",),
    "vault": ("VaultFacet", "VaultAdminFacet"),
    "bounty": ("BountyFacet",),
    "schedule": ("ScheduleFacet",),
    "reputation": ("ReputationFacet",),
    "guild": ("GuildFacet",),
    "voting": ("VotingFacet",),
    "weighted-voting": ("WeightedVotingFacet",),
    "tithe": ("TitheFacet",),
    "session": ("SessionFacet",),
    "agents": ("AgentIdentityFacet",),
    "agent-reputation": ("AgentReputationFacet",),
    "agent-validation": ("AgentValidationFacet",),
    "devices": ("DeviceRegistryFacet",),
    "subscribe": ("SubscribeFacet",),
    "push": ("PushFacet",),
    "feedback": ("FeedbackFacet",),
    "message": ("MessageFacet",),
    "room": ("SessionRoomFacet",),
    "signaling": ("SignalingFacet",),
    "release": ("ReleaseFacet",),
    "invite": ("InviteFacet",),
    "redeem": ("RedeemFacet",),
    "credit-meter": ("CreditMeterFacet",),
    "mint-gate": ("MintGateFacet",),
    "party": ("PartyFacet",),
    "validation": ("ValidationFacet",),
}
# Standards a page names as a whole instead of function by function.
STANDARDS = {
    "name", "symbol", "decimals", "totalSupply", "balanceOf", "allowance", "approve",
    "transfer", "transferFrom",
}  # fmt: skip
EIP3009 = {
    "transferWithAuthorization", "receiveWithAuthorization", "cancelAuthorization",
    "authorizationState",
}  # fmt: skip


def without_diagrams(text: str) -> str:
    return re.sub(r"(?s)```.*?```", "", text)


def words(text: str) -> set[str]:
    """Identifiers in code spans, arguments cut off."""
    spans = re.findall(r"`([^`]+)`", without_diagrams(text))
    return {match for span in spans for match in re.findall(r"[A-Za-z_]\w*", span)}


def names(page: str, kind: str) -> set[str]:
    return {
        entry["name"]
        for contract in PAGES[page]
        for entry in build()[contract].abi
        if entry["type"] == kind
    }


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_function_is_documented(page: str) -> None:
    known = words((DOCS / f"{page}.md").read_text())
    excused = STANDARDS | (EIP3009 if page == "credits" else set())
    excused = excused if page in ("credits", "fwusd") else set()
    assert names(page, "function") - excused - known == set()


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_error_is_documented(page: str) -> None:
    known = words((DOCS / f"{page}.md").read_text()) | words((DOCS / "README.md").read_text())
    assert names(page, "error") - known == set()


@pytest.mark.parametrize("page", sorted(PAGES))
def test_tables_name_only_what_exists(page: str) -> None:
    """First column of every function and error table."""
    text = (DOCS / f"{page}.md").read_text()
    rows = re.findall(r"^\| (`[^|]+) \|", without_diagrams(text), re.MULTILINE)
    shared = words((DOCS / "README.md").read_text())
    for row in rows:
        for span in re.findall(r"`([^`]+)`", row):
            name = re.match(r"\w+", span)
            assert name is not None
            assert name[0] in names(page, "function") | names(page, "error") | shared, span


def test_every_page_is_listed() -> None:
    index = (DOCS / "README.md").read_text()
    assert {path.stem for path in DOCS.glob("*.md")} - {"README"} == set(PAGES)
    for page in PAGES:
        assert f"({page}.md)" in index


def test_the_owner_s_handbook_has_everything_that_is_the_owner_s() -> None:
    page = (ROOT / "docs/operators/owner.md").read_text(encoding="utf-8")
    calls = owner_calls(Economy())
    missing = [name for _, name, _ in calls if f"`{name}`" not in page]
    assert not missing
    known = {f["name"] for a in build().values() for f in a.abi if f["type"] == "function"}
    named = set(re.findall(r"`([a-z]\w*[A-Z]\w*)`", page))
    assert named <= known, named - known
