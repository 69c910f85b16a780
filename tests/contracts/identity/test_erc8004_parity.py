"""The surface of ERC-8004, as the standard's text has it: everything is there, with the same types."""

from __future__ import annotations

from typing import Any

import pytest
from eth_utils.crypto import keccak

from harness.chain.abi import Interface
from tests.contracts.calls import signature_of, type_of
from tests.contracts.economy import CORE, FACETS, ZERO, Economy

# Facet, declaration, selector.
FUNCTIONS = (
    ("AgentIdentityFacet", "register() returns (uint256)", "1aa3a008"),
    ("RegistryFacet", "register(string) returns (uint256)", "f2c298be"),
    ("AgentIdentityFacet", "register(string,(string,bytes)[]) returns (uint256)", "8ea42286"),
    ("AgentIdentityFacet", "setAgentURI(uint256,string)", "0af28bd3"),
    ("AgentIdentityFacet", "getMetadata(uint256,string) view returns (bytes)", "cb4799f2"),
    ("AgentIdentityFacet", "setMetadata(uint256,string,bytes)", "466648da"),
    ("AgentIdentityFacet", "setAgentWallet(uint256,address,uint256,bytes)", "2d1ef5ae"),
    ("AgentIdentityFacet", "getAgentWallet(uint256) view returns (address)", "00339509"),
    ("AgentIdentityFacet", "unsetAgentWallet(uint256)", "3fddcf19"),
    ("AgentReputationFacet", "giveFeedback(uint256,int128,uint8,string,string,string,string,bytes32)", "3c036a7e"),
    ("AgentReputationFacet", "revokeFeedback(uint256,uint64)", "4ab3ca99"),
    ("AgentReputationFacet", "appendResponse(uint256,address,uint64,string,bytes32)", "c2349ab2"),
    ("AgentReputationFacet", "readFeedback(uint256,address,uint64) view returns (int128,uint8,string,string,bool)", "232b0810"),
    ("AgentReputationFacet", "readAllFeedback(uint256,address[],string,string,bool) view returns (address[],uint64[],int128[],uint8[],string[],string[],bool[])", "d9d84224"),
    ("AgentReputationFacet", "getSummary(uint256,address[],string,string) view returns (uint64,int128,uint8)", "81bbba58"),
    ("AgentReputationFacet", "getClients(uint256) view returns (address[])", "42dd519c"),
    ("AgentReputationFacet", "getLastIndex(uint256,address) view returns (uint64)", "f2d81759"),
    ("AgentReputationFacet", "getResponseCount(uint256,address,uint64,address[]) view returns (uint64)", "6e04cacd"),
    ("AgentReputationFacet", "getIdentityRegistry() view returns (address)", "bc4d861b"),
    ("AgentReputationFacet", "initialize(address)", "c4d66de8"),
    ("AgentValidationFacet", "validationRequest(address,uint256,string,bytes32)", "aaf400c4"),
    ("AgentValidationFacet", "validationResponse(bytes32,uint8,string,bytes32,string)", "3d659a96"),
    ("AgentValidationFacet", "getValidationStatus(bytes32) view returns (address,uint256,uint8,bytes32,string,uint256)", "ff2febfc"),
    ("AgentValidationFacet", "getSummary(uint256,address[],string) view returns (uint64,uint8)", "1b7cabd6"),
    ("AgentValidationFacet", "getAgentValidations(uint256) view returns (bytes32[])", "8d5d0c2d"),
    ("AgentValidationFacet", "getValidatorRequests(address) view returns (bytes32[])", "4bf3158c"),
    # What the standard takes from ERC-721 and ERC-173.
    ("ERC721Facet", "tokenURI(uint256) view returns (string)", "c87b56dd"),
    ("ERC721Facet", "ownerOf(uint256) view returns (address)", "6352211e"),
    ("OwnershipFacet", "owner() view returns (address)", "8da5cb5b"),
)  # fmt: skip
# Facets that emit it, declaration, the first four bytes of the topic.
IDENTITY = ("AgentIdentityFacet", "RegistryFacet")
EVENTS = (
    (IDENTITY, "Registered(uint256 indexed a,string b,address indexed c)", "ca52e62c"),
    (IDENTITY, "MetadataSet(uint256 indexed a,string indexed b,string c,bytes d)", "2c149ed5"),
    (("AgentIdentityFacet",), "URIUpdated(uint256 indexed a,string b,address indexed c)", "3a2c7fff"),
    (("AgentReputationFacet",), "NewFeedback(uint256 indexed a,address indexed b,uint64 c,int128 d,uint8 e,string indexed f,string g,string h,string i,string j,bytes32 k)", "6a4a6174"),
    (("AgentReputationFacet",), "FeedbackRevoked(uint256 indexed a,address indexed b,uint64 indexed c)", "25156fd3"),
    (("AgentReputationFacet",), "ResponseAppended(uint256 indexed a,address indexed b,uint64 c,address indexed d,string e,bytes32 f)", "b1c6be0b"),
    (("AgentValidationFacet",), "ValidationRequest(address indexed a,uint256 indexed b,string c,bytes32 indexed d)", "530436c3"),
    (("AgentValidationFacet",), "ValidationResponse(address indexed a,uint256 indexed b,bytes32 indexed c,uint8 d,string e,bytes32 f,string g)", "afddf629"),
)  # fmt: skip


def entries(economy: Economy, facet: str, kind: str) -> dict[str, dict[str, Any]]:
    abi = economy.artifacts[facet].abi
    return {signature_of(entry): entry for entry in abi if entry["type"] == kind}


@pytest.mark.parametrize(("facet", "declaration", "selector"), FUNCTIONS)
def test_every_function_is_routed_with_its_types(
    economy: Economy, facet: str, declaration: str, selector: str
) -> None:
    (function,) = Interface.of(f"function {declaration}").functions
    assert function.selector.hex() == selector == keccak(text=function.signature)[:4].hex()
    found = economy.loupe.call("facetAddress", bytes.fromhex(selector))
    assert found != ZERO and found == economy.code[facet]
    entry = entries(economy, facet, "function")[function.signature]
    assert [type_of(o) for o in entry["outputs"]] == [o.type for o in function.declaration.outputs]
    writes = entry["stateMutability"] == "nonpayable"
    assert writes is (" view" not in declaration) or function.name == "initialize"


@pytest.mark.parametrize(("facets", "declaration", "topic"), EVENTS)
def test_every_event_has_its_topic_and_indexed_fields(
    economy: Economy, facets: tuple[str, ...], declaration: str, topic: str
) -> None:
    (event,) = Interface.of(f"event {declaration}").events
    assert event.topic[:4].hex() == topic
    for facet in facets:
        entry = entries(economy, facet, "event")[event.declaration.signature]
        indexed = [item["indexed"] for item in entry["inputs"]]
        assert indexed == [p.indexed for p in event.declaration.inputs]


def test_shared_functions_are_cut_once(economy: Economy) -> None:
    for signature in ("initialize(address)", "owner()", "getIdentityRegistry()"):
        homes = [f for f in CORE + FACETS if signature in entries(economy, f, "function")]
        assert len(homes) == 1, signature
    assert economy.agent_reputation.call("getIdentityRegistry") == economy.diamond
