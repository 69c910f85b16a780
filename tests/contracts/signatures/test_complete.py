"""The list of messages and the list of doors are complete: nothing in the sources is signed that is not among them."""

from __future__ import annotations

import re

from eth_utils.crypto import keccak

from tests.contracts.build import build, read_sources
from tests.contracts.calls import signature_of
from tests.contracts.economy import Economy
from tests.contracts.signatures import diamond_doors, token_doors
from tests.contracts.signatures.door import Signer
from tests.contracts.signatures.messages import MESSAGES
from tests.contracts.signing import Key

DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
# A commitment, not a message: it is the nonce of a ReceiveWithAuthorization.
COMMITMENT = "facetworks.vault.deposit"
KINDS = [*token_doors.KINDS, *diamond_doors.KINDS]

_TYPE = re.compile(r"bytes32\s+(?:\w+\s+)*(\w*TYPE_?HASH\w*)\s*=\s*([^;]+);")
_ENCODED = re.compile(
    r"[A-Z]\w*\((?:(?:address|bytes\d*|string|bool|u?int\d*) \w+,? ?(?:\n\s*///\s*)?)+\)"
)
_NAME = re.compile(r"bytes32\s+(?:\w+\s+)*NAME_HASH\s*=\s*([^;]+);")
# Whoever compares a signature with a signer.
_JUDGES = re.compile(
    r"\b(?:ecrecover|LibSig\.(?:check|checkWrapped|recover\w*|isValidERC1271))\s*\("
)
_SIGNATURES = {"signature", "signatures", "sig", "deviceSig", "v", "vss"}


def ours() -> dict[str, str]:
    """What is deployed, in Solidity; mocks are not."""
    return {path: text for path, text in read_sources().items() if "/mocks/" not in path}


def test_every_type_hash_is_a_message_of_the_list() -> None:
    found = {value.strip() for text in ours().values() for _, value in _TYPE.findall(text)}
    types = {message.type for message in MESSAGES} | {DOMAIN, COMMITMENT}
    assert found == {"0x" + keccak(text=type_).hex() for type_ in types}
    assert len(types) == len(found) == 17


def test_every_type_spelt_out_in_the_sources_is_in_the_list() -> None:
    spelt = set()
    for text in ours().values():
        for comment in re.findall(r'keccak256\("([^"]*)"\)', text):
            flat = re.sub(r"\s*///\s*", " ", comment)
            if _ENCODED.fullmatch(flat):
                spelt.add(flat)
    assert spelt <= {message.type for message in MESSAGES} | {DOMAIN}
    assert len(spelt) >= 13  # those that are "the same with" another name are hashed above


def test_every_domain_is_a_message_of_the_list() -> None:
    found = {value.strip() for text in ours().values() for value in _NAME.findall(text)}
    names = {"0x" + keccak(text=message.name).hex() for message in MESSAGES}
    assert found == names


def test_every_judge_of_signatures_is_known() -> None:
    found = {path.rpartition("/")[2] for path, text in ours().items() if _JUDGES.search(text)}
    assert found == {
        "LibSig.sol",
        "LibERC3009.sol",  # both tokens
        "LibX402.sol",
        "LibVaultCycle.sol",
        "VaultFacet.sol",
        "LibClaim.sol",  # InviteFacet, RedeemFacet
        "MintGateFacet.sol",
        "DeviceRegistryFacet.sol",
        "AgentIdentityFacet.sol",
        "LibRoster.sol",  # SignalingFacet
        "TokenBoundAccount.sol",  # judges the digests of others
    }


def test_every_function_that_takes_a_signature_has_a_door(economy: Economy) -> None:
    taking = set()
    for artifact in build().values():
        if "/mocks/" in artifact.path or artifact.name == "TokenBoundAccount":
            continue
        owner = artifact.name if "/tokens/" in artifact.path else "Diamond"
        for entry in artifact.abi:
            names = {item["name"] for item in entry.get("inputs", ())}
            if entry["type"] == "function" and names & _SIGNATURES:
                taking.add((owner, signature_of(entry)))
    opened = set()
    owners = {
        economy.diamond: "Diamond",
        economy.credits.address: "FwCredits",
        economy.usd.address: "FwUSD",
    }
    key = Key.named("signer")
    for kind in KINDS:
        mark = economy.evm.snapshot()
        door = kind.open(economy, Signer(key.address, key))
        economy.evm.revert(mark)
        if door.at.address in owners:
            entry = door.at.interface.functions[door.function]
            opened.add((owners[door.at.address], signature_of(entry)))
    assert opened == taking
    assert {kind.message for kind in KINDS} == set(MESSAGES)
