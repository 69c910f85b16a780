"""Every facet's ABI is its interface's, and the documentation is on the interface."""

from __future__ import annotations

import re

import pytest

from tests.contracts.build import ROOT, build, chosen_builder, closure, read_sources
from tests.contracts.calls import signature_of
from tests.contracts.economy import CORE, FACETS

INTERFACE_OF = {
    "DiamondCutFacet": "IDiamondCut",
    "DiamondLoupeFacet": "IDiamondLoupe",
    "OwnershipFacet": "IOwnership",
    **{name: f"I{name}" for name in FACETS},
    "GuardedDiamondCutFacet": "IGuardedDiamondCut",
    "GuardedLoupeFacet": "IDiamondLoupe",
    "FwUSD": "IFwUSD",
    "FwCredits": "IFwCredits",
    "SigDeployer": "ISigDeployer",
    "ERC6551Registry": "IERC6551Registry",
    "TokenBoundAccount": "ITokenBoundAccount",
}


def interface_abi(interface: str) -> list[dict]:
    from tests.oracle.solc import compile_sources

    path = f"contracts/interfaces/{interface}.sol"
    compiled = compile_sources(closure(path, read_sources()), outputs=["abi"])
    return compiled[f"{path}:{interface}"]["abi"]


def entries(abi: list[dict]) -> set[tuple[str, str]]:
    return {
        (e["type"], signature_of(e)) for e in abi if e["type"] in ("function", "error", "event")
    }


@pytest.mark.parametrize("name", sorted(INTERFACE_OF))
def test_contract_and_interface_have_one_abi(name: str) -> None:
    assert entries(build()[name].abi) == entries(interface_abi(INTERFACE_OF[name]))


def test_every_facet_has_an_interface() -> None:
    assert set(CORE + FACETS) <= set(INTERFACE_OF)


@pytest.mark.parametrize("name", sorted(INTERFACE_OF))
def test_indexed_event_fields_are_the_same(name: str) -> None:
    def indexed(abi: list[dict]) -> dict[str, list[bool]]:
        events = (entry for entry in abi if entry["type"] == "event")
        return {signature_of(e): [item["indexed"] for item in e["inputs"]] for e in events}

    assert indexed(build()[name].abi) == indexed(interface_abi(INTERFACE_OF[name]))


def test_an_interface_is_defined_in_one_file() -> None:
    seen: dict[str, str] = {}
    for path, text in read_sources().items():
        for name in re.findall(r"^(?:interface|contract|library)\s+(\w+)", text, re.MULTILINE):
            assert name not in seen, f"{name} in {path} and {seen[name]}"
            seen[name] = path


def test_every_file_is_small_and_every_interface_titled() -> None:
    for path, text in read_sources().items():
        assert text.count("\n") <= 600, path
        assert max(map(len, text.splitlines())) <= 120, path
        if "/interfaces/" in path:
            assert "/// @title" in text, path


def test_assembly_stays_in_the_primitive_libraries() -> None:
    allowed = {
        "contracts/Diamond.sol",
        "contracts/guarded/GuardedDiamond.sol",
        "contracts/SigDeployer.sol",
        "contracts/libraries/LibAccountProxy.sol",
        "contracts/libraries/LibJournal.sol",
        "contracts/libraries/LibLock.sol",
        "contracts/libraries/LibNs.sol",
        "contracts/libraries/LibRevert.sol",
        "contracts/libraries/LibSequencer.sol",
        "contracts/libraries/LibSig.sol",
        "contracts/libraries/LibTokenCall.sol",
    }
    for path, text in read_sources().items():
        if "assembly" in text and "/mocks/" not in path:
            assert path in allowed, path
            assert text.count("assembly (") == text.count('assembly ("memory-safe")'), path


def test_no_facet_declares_state() -> None:
    for name in CORE + FACETS:
        text = (ROOT / build()[name].path).read_text()
        body = re.sub(r"(?s)\{.*?\n    \}", "", text)
        for line in body.splitlines():
            declared = re.match(r"    (mapping|u?int\d*|address|bytes\d*|bool|string)\b.*;", line)
            assert not declared or "constant" in line, (name, line)


def test_code_sizes() -> None:
    # Deployable with room to spare; the reference compiler's figures bound ours from above.
    limit = 18_000 if chosen_builder() == "solc" else 24_576
    for name in CORE + FACETS + ("FwUSD", "FwCredits", "TokenBoundAccount", "Diamond"):
        assert len(build()[name].runtime) <= limit, (name, len(build()[name].runtime))
