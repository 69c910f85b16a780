"""Vyper beside Solidity in one project: ape-vyper has `.vy`, ours keeps `.sol`, and nothing is downloaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ape
import pytest

SOURCES = Path(__file__).resolve().parents[1] / "contracts" / "counterparts"


def test_the_vyper_counterparts_compile_and_meet_the_diamond(
    accounts: Any, diamond: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import vvm

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a compiler would have been downloaded")

    for name in ("install_vyper", "get_installable_vyper_versions"):
        monkeypatch.setattr(vvm, name, refuse)
        monkeypatch.setattr(vvm.install, name, refuse)
    owners = {end: type(c).__name__ for end, c in ape.compilers.registered_compilers.items()}
    assert (owners[".sol"], owners[".vy"]) == ("FacetCompiler", "VyperCompiler")
    with ape.Project.create_temporary_project() as project:
        for source in SOURCES.glob("*.vy"):
            project.contracts_folder.mkdir(exist_ok=True)
            (project.contracts_folder / source.name).write_text(source.read_text())
        project.load_contracts()
        dollar = accounts[0].deploy(project.VyperDollar, accounts[0])
        wallet = accounts[0].deploy(project.VyperWallet, accounts[1])
    diamond.setPayToken(dollar.address, True, sender=accounts[0])
    assert diamond.isPayToken(dollar.address)
    dollar.mint(wallet.address, 5, sender=accounts[0])
    sent = dollar.transfer.encode_input(accounts[2], 2)
    wallet.execute(dollar.address, 0, sent, sender=accounts[1])
    assert (dollar.balanceOf(wallet.address), dollar.balanceOf(accounts[2])) == (3, 2)
    with ape.reverts("owner"):
        wallet.execute(dollar.address, 0, sent, sender=accounts[2])
