"""The code on the pages for integrators is run; the settings on the pages for operators exist."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.diamond.tokens import FwUsd
from harness.protocol import reasons
from harness.services.facilitator.settings import FacilitatorSettings
from harness.services.indexer.settings import IndexerSettings
from harness.services.keeper.settings import KeeperSettings
from tests.harness.contracts import BUILDER, ROOT

from .conftest import PRICE, Running, ThreadedServer, Wire

PAGES = ROOT / "docs" / "integrators"
NETWORK = "eip155:31337"


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL)


def run(command: list[str], **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "FACETWORKS_BUILDER": BUILDER, **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_economy_from_python() -> None:
    (code,) = blocks(PAGES / "python.md", "python")
    lines = run([sys.executable, "-c", code]).splitlines()
    assert "'ada'" in lines[0]
    assert lines[1] == "NameTaken {}"
    assert lines[2].startswith("Job(owner='0x") and lines[3].startswith("((1,), ")


def test_agents_and_profiles_from_python() -> None:
    (code,) = blocks(PAGES / "erc8004.md", "python")
    lines = run([sys.executable, "-c", code]).splitlines()
    assert lines[0] == "(1, 87, 0)"
    assert lines[1].startswith("20000000000000000 (\"Read the revert's name")


@pytest.mark.parametrize("language", ["python", "js"])
def test_paying_and_selling_as_the_page_shows(
    language: str, facilitator: Running, wire: Wire, dollar: FwUsd, tmp_path: Path
) -> None:
    if language == "js" and shutil.which("node") is None:
        pytest.skip("node is not installed")
    paying, selling, _ = blocks(PAGES / "x402.md", "python")
    if language == "js":
        (paying,) = blocks(PAGES / "x402.md", "js")
    namespace: dict[str, object] = {}
    exec(compile(selling, "x402.md", "exec"), namespace)
    app = namespace["shop"](facilitator.url, NETWORK, dollar.address, wire.payee)  # type: ignore[operator]
    if language == "js":
        script = ROOT / "node_modules" / f".page-{os.getpid()}.mjs"  # where node finds packages
    else:
        script = tmp_path / "pay.py"
    script.write_text(paying)
    try:
        with ThreadedServer(app) as url:
            said = run(
                ["node" if language == "js" else sys.executable, str(script)],
                EVM_NETWORK=NETWORK,
                ASSET=dollar.address,
                EVM_PRIVATE_KEY="0x" + wire.payer._secret.hex(),
                RESOURCE_URL=f"{url}/weather",
            )
    finally:
        script.unlink()
    assert said.startswith("200 ") and "clear" in said
    assert dollar.balance_of(wire.payee) == PRICE


def test_the_facilitators_page_lists_every_setting() -> None:
    page = (ROOT / "docs" / "operators" / "facilitator.md").read_text()
    table = page[page.index("| setting |") :]
    named = set(
        re.findall(r"`(\w+)`(?=[^|]*\|)", re.sub(r"\|[^|\n]*\|[^|\n]*\|$", "|", table, flags=re.M))
    )
    assert named >= set(FacilitatorSettings.__dataclass_fields__)


def test_the_page_of_the_league_lists_every_setting() -> None:
    page = (ROOT / "docs" / "halo" / "league.md").read_text()
    for name in IndexerSettings.__dataclass_fields__:
        assert f"`{name}`" in page, name


def test_every_setting_of_the_keeper_is_on_the_page() -> None:
    page = (ROOT / "docs" / "operators" / "cron.md").read_text()
    for name in KeeperSettings.__dataclass_fields__:
        assert f"`{name}`" in page, name


def test_every_reason_code_of_ours_is_on_the_page() -> None:
    page = (PAGES / "x402.md").read_text()
    for code in reasons.KNOWN:
        if code.startswith("x402facet_"):
            assert f"`{code}`" in page, code


def test_every_documented_endpoint_is_served(facilitator: Running) -> None:
    page = (ROOT / "docs" / "operators" / "facilitator.md").read_text()
    described = facilitator.client.get("/openapi.json").json()["paths"]
    for path in re.findall(r"`(?:GET|POST) (/[^`]*)`", page):
        assert path in described, path
