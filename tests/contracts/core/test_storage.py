"""INV-STORE: namespaces are where their names say, and every facet writes only its own."""

from __future__ import annotations

import re

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from tests.contracts.build import ROOT
from tests.contracts.calls import signature_of
from tests.contracts.economy import CORE, FACETS, Economy
from tests.contracts.tour import Tour
from tests.contracts.tracing import TracingEvm

WRITES: dict[str, set[str]] = {
    "DiamondCutFacet": {"diamond"},
    "DiamondLoupeFacet": set(),
    "OwnershipFacet": {"diamond"},
    "TreasuryFacet": {"ledger", "owed"},
    "RegistryFacet": {"registry", "ownedtokens", "mainidentity", "ledger", "agent"},
    "ERC721Facet": {"registry", "ownedtokens", "mainidentity"},
    "MainIdentityFacet": {"mainidentity", "ledger"},
    "OwnedTokensFacet": set(),
    "TbaFacet": {"tba"},
    "CreditsFacet": {"credits"},
    "X402Facet": {"x402"},
    "BountyFacet": {"bounty", "ledger", "owed"},
    "ScheduleFacet": {"schedule", "ledger", "owed"},
    "ReputationFacet": {"reputation"},
    "GuildFacet": {
        "guild",
        "registry",
        "ownedtokens",
        "mainidentity",
        "ledger",
        "weightedvoting",
    },
    "VotingFacet": {"voting", "guild", "ledger"},
    "WeightedVotingFacet": {"weightedvoting", "voting", "guild", "ledger"},
    "TitheFacet": {"tithe", "guild", "ledger"},
    "SessionFacet": {"session", "ledger"},
    "DeviceRegistryFacet": {"device"},
    "SubscribeFacet": {"subscribe"},
    "PushFacet": {"push"},
    "FeedbackFacet": {"feedback"},
    "MessageFacet": {"message"},
    "SessionRoomFacet": {"room"},
    "SignalingFacet": {"signaling"},
    "ReleaseFacet": {"registry", "ownedtokens", "mainidentity", "release"},
    "InviteFacet": {"invite", "ledger", "owed"},
    "RedeemFacet": {"redeem"},
    "CreditMeterFacet": {"creditmeter", "ledger"},
    "MintGateFacet": {"mintgate", "creditmeter", "ledger"},
    "VaultFacet": {"vault", "ledger"},
    "VaultAdminFacet": {"vault", "ledger"},
    "PartyFacet": {"party", "ledger", "owed"},
    "ValidationFacet": {"validation", "ledger", "owed"},
    "AgentIdentityFacet": {"agent", "registry", "ownedtokens", "mainidentity", "ledger"},
    "AgentReputationFacet": {"agentreputation"},
    "AgentValidationFacet": {"agentvalidation"},
}
GUARD = 0x10D2EE27714E6385C88D83CCAFDAE4B34D1385971B935297A39B02DFC6EE7900
LIBRARY = ROOT / "contracts" / "libraries" / "LibNs.sol"


def erc7201(name: str) -> int:
    inner = int.from_bytes(keccak(text=name), "big") - 1
    return int.from_bytes(keccak(encode(["uint256"], [inner])), "big") & ~0xFF


def declared() -> dict[str, int]:
    """Namespace constants of LibNs by lower-case name."""
    found = re.findall(r"bytes32 private constant (\w+) = (0x[0-9a-f]{64});", LIBRARY.read_text())
    return {name.replace("_", "").lower(): int(value, 16) for name, value in found}


def test_namespace_constants_are_derived_from_their_names() -> None:
    assert declared().keys() >= {name for names in WRITES.values() for name in names}
    for name, slot in declared().items():
        assert slot == erc7201(f"facetworks.{name}"), name
    assert erc7201("facetworks.guard") == GUARD
    assert len(set(declared().values())) == len(declared())


def test_every_storage_struct_names_its_namespace() -> None:
    text = "".join(
        path.read_text() for path in sorted((ROOT / "contracts" / "storage").glob("*.sol"))
    )
    named = re.findall(r"@custom:storage-location erc7201:facetworks\.(\w+)", text)
    assert sorted(named) == sorted(declared())


@pytest.fixture(scope="module")
def traced() -> tuple[Economy, TracingEvm, set[tuple[str, str]]]:
    evm = TracingEvm()
    economy = Economy(evm)
    tour = Tour(economy)
    tour.run()
    return economy, evm, tour.visited


def test_the_tour_calls_every_state_changing_function(
    traced: tuple[Economy, TracingEvm, set[tuple[str, str]]],
) -> None:
    economy, _, visited = traced
    once_only = {
        ("TbaFacet", "setTbaConfig(address,address)"),
        ("X402Facet", "setSigDeployer(address)"),
        (
            "VaultAdminFacet",
            "initVault(address,address,uint64,uint64,uint64,uint64,address,address,uint16,uint64,address)",
        ),
    }  # called by the deployment itself
    for name in CORE + FACETS:
        for entry in economy.artifacts[name].abi:
            if entry["type"] == "function" and entry["stateMutability"] == "nonpayable":
                pair = (name, signature_of(entry))
                assert pair in visited | once_only, pair


def test_every_facet_writes_only_its_own_namespaces_inv_store(
    traced: tuple[Economy, TracingEvm, set[tuple[str, str]]],
) -> None:
    economy, evm, _ = traced
    names = {slot: name for name, slot in declared().items()}
    facet_at = {address: name for name, address in economy.code.items()}
    seen: dict[str, set[str]] = {name: set() for name in WRITES}
    namespaces = evm.namespaces_of({write.slot for write in evm.writes}, names)
    for write in set(evm.writes):
        if write.storage != economy.diamond or write.code not in facet_at:
            continue
        facet = facet_at[write.code]
        if write.transient:
            assert write.slot == GUARD, facet
            continue
        namespace = namespaces[write.slot]
        assert namespace is not None, (facet, hex(write.slot))
        seen[facet].add(namespace)
        assert namespace in WRITES[facet], (facet, namespace)
    # The table is exact: nothing is allowed that does not happen.
    assert seen == WRITES


def test_namespaces_do_not_overlap_in_practice(
    traced: tuple[Economy, TracingEvm, set[tuple[str, str]]],
) -> None:
    economy, evm, _ = traced
    names = {slot: name for name, slot in declared().items()}
    namespaces = evm.namespaces_of({write.slot for write in evm.writes}, names)
    owners: dict[int, str] = {}
    for write in evm.writes:
        if write.code in economy.code.values() and not write.transient:
            namespace = namespaces[write.slot]
            assert namespace is not None, hex(write.slot)
            assert owners.setdefault(write.slot, namespace) == namespace
    assert len(owners) > 100
