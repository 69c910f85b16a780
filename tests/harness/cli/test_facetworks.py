"""The `facetworks` command as a process: help that is quick, exit codes, and the Diamond commands."""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from harness.chain.abi import Function
from harness.chain.anvil import Anvil, anvil_available
from harness.chain.journal import MemoryJournal
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.chain.signature import parse
from harness.cli.facetworks.main import command
from harness.diamond.book import AddressBook
from harness.diamond.core import Action, FacetCut
from harness.diamond.diamond import Diamond
from harness.diamond.economy import FACETS, Options, deploy
from harness.protocol.addresses import ZERO_ADDRESS
from tests.harness.contracts import BUILDER, ROOT, everything

HELP_CPU_SECONDS = 0.3


def facetworks(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "harness.cli.facetworks", *words],
        cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "FACETWORKS_BUILDER": BUILDER},
    )  # fmt: skip


def paths(group: click.Group, prefix: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command and group, as words."""
    yield prefix
    for name in group.list_commands(click.Context(group)):
        found = group.get_command(click.Context(group), name)
        if isinstance(found, click.Group):
            yield from paths(found, (*prefix, name))
        else:
            yield (*prefix, name)


COMMANDS = list(paths(command))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_is_there_and_quick(words: tuple[str, ...]) -> None:
    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    best = HELP_CPU_SECONDS
    for _ in range(3):  # the first run may have to compile bytecode
        before = spent()
        done = facetworks(*words, "--help")
        assert done.returncode == 0 and done.stderr == ""
        best = min(best, spent() - before)
        if best < HELP_CPU_SECONDS:
            break
    assert best < HELP_CPU_SECONDS
    assert done.stdout.startswith("Usage: facetworks")
    group = len(words) == 0 or words[-1] in ("devnet", "diamond", "keeper", "policy")
    assert group or "Example: facetworks" in " ".join(done.stdout.split())


def test_all_of_them_are_here() -> None:
    assert {" ".join(words) for words in COMMANDS} == {
        "", "demo", "devnet", "devnet down", "devnet faucet", "devnet reset", "devnet restore", "devnet snapshot",
        "devnet status", "devnet up", "diamond", "diamond abi", "diamond apply", "diamond diff", "diamond loupe",
        "diamond plan", "diamond verify",
        "facilitator", "indexer", "keeper", "keeper once", "keeper run", "policy", "policy check", "relay",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nonsense",), 2, "No such command"),
        (("facilitator", "--nonsense"), 2, "No such option"),
        (("facilitator", "--diamond", "0x12"), 2, "not an address"),
        (("facilitator",), 78, "rpc is not set"),
        (("relay", "--min-cli-version", "newest"), 2, "not a version"),
        (("relay", "--listen", "8787"), 78, "HOST:PORT"),
        (("relay", "--state", "/dev/null/x"), 78, "cannot make /dev/null/x: Not a directory"),
        (("keeper", "once"), 78, "rpc is not set"),
        (("keeper", "run", "--interval", "soon"), 2, "not a duration"),
        (("keeper", "run", "--interval", "0s"), 2, "must be more than zero"),
        (("diamond", "loupe", "--rpc", "http://127.0.0.1:9"), 4, "no answer from"),
        (("diamond", "loupe", "--rpc", "nowhere"), 4, "not a node address"),
        (("demo", "--pace", "-1"), 2, "--pace"),
        (("devnet", "faucet", ZERO_ADDRESS, "--usdc", "9" * 60), 2, "more than there can be"),
    ],
)
def test_mistakes_have_codes_and_one_line(words: tuple[str, ...], code: int, said: str) -> None:
    done = facetworks(*words)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr and done.stdout == ""


def test_an_address_that_cannot_be_listened_on_is_a_line_and_not_a_log(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for listen, said in (
            (f"127.0.0.1:{port}", "take another port"),
            (f"192.0.2.1:{port}", "no address of this machine"),
        ):
            done = facetworks("relay", "--listen", listen, "--state", str(tmp_path / "state"))
            assert done.returncode == 78
            assert done.stderr.startswith(f"error: cannot listen on {listen}: ")
            assert said in done.stderr and done.stderr.count("\n") == 1


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Anvil, Path]]:
    """A project folder with the real contracts, deployed on anvil, and the owner's key."""
    if not anvil_available():
        pytest.skip("anvil is not installed")
    root = tmp_path_factory.mktemp("project")
    (root / "contracts").symlink_to(ROOT / "contracts")
    with Anvil() as anvil:
        owner = LocalSigner.from_phrase("command owner")
        anvil.chain.set_balance(owner.address, 10**21)
        key = root / "owner.key"
        key.touch(0o600)
        key.write_text("0x" + owner._secret.hex())
        outbox = Outbox(anvil.chain, owner, MemoryJournal())
        book = AddressBook.of(anvil.chain, root / "deployments")
        deploy(anvil.chain, outbox, everything(), book, Options(scheduler=owner.address))
        yield anvil, root


def diamond(project: tuple[Anvil, Path], *words: str) -> subprocess.CompletedProcess[str]:
    anvil, root = project
    return facetworks("diamond", words[0], "--rpc", anvil.url, "--root", str(root), *words[1:])


def test_a_fresh_deployment_is_as_built(project: tuple[Anvil, Path]) -> None:
    done = diamond(project, "verify")
    assert done.returncode == 0 and "is as built" in done.stdout, done.stderr
    assert diamond(project, "plan").stdout == "nothing to change\n"
    loupe = diamond(project, "loupe")
    assert "diamondCut((address,uint8,bytes4[])[],address,bytes)" in loupe.stdout
    routes = json.loads(diamond(project, "loupe", "--json").stdout)["routes"]
    assert len(routes) == sum(len(everything()[name].interface.functions) for name in FACETS)


def test_a_lost_facet_is_seen_planned_and_put_back(project: tuple[Anvil, Path]) -> None:
    anvil, root = project
    key = str(root / "owner.key")
    mark = anvil.chain.snapshot()
    book = AddressBook.of(anvil.chain, root / "deployments")
    old = book.address("ReputationFacet")
    anvil.chain.set_code(old, bytes.fromhex("fe"))
    broken = diamond(project, "verify")
    assert broken.returncode == 8 and f"ReputationFacet: other code at {old}" in broken.stdout
    plan = diamond(project, "plan")
    assert plan.returncode == 0 and plan.stdout.startswith("deploy  ReputationFacet\nreplace ")
    blocks = anvil.chain.block().number
    dry = diamond(project, "apply", "--key-file", key, "--dry-run")
    assert dry.stdout == plan.stdout and anvil.chain.block().number == blocks
    refused = diamond(project, "apply", "--key-file", key)  # no answer to the question
    assert refused.returncode == 130 and anvil.chain.block().number == blocks
    applied = diamond(project, "apply", "--key-file", key, "--yes", "--json")
    assert applied.returncode == 0, applied.stderr
    assert json.loads(applied.stdout)["applied"] is True
    assert diamond(project, "verify").returncode == 0
    again = json.loads(diamond(project, "apply", "--key-file", key, "--yes", "--json").stdout)
    assert (again["applied"], again["changes"]) == (False, [])
    anvil.chain.revert(mark)


def test_differences_are_told_facet_by_facet(project: tuple[Anvil, Path]) -> None:
    anvil, root = project
    assert "is what the build makes" in diamond(project, "diff", "--exit-code").stdout
    mark = anvil.chain.snapshot()
    attest = Function(parse("function attest(uint256,uint8,bytes32)")).selector
    routes = json.loads(diamond(project, "loupe", "--json").stdout)["routes"]
    old = routes["0x" + attest.hex()]
    anvil.chain.set_code(old, bytes.fromhex("fe"))
    document = json.loads((ROOT / ".storage-layout.json").read_text())
    fields = document["roots"]["facetworks.bounty"]["fields"]
    fields["bounties[*].reward"] = "0:20 8 uint64"
    layout = root / "deployed.json"
    layout.write_text(json.dumps(document))
    done = diamond(project, "diff", "--layout", str(layout))
    size = len(everything()["ReputationFacet"].runtime)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"changed  ReputationFacet at {old}, 1 -> {size} bytes",
        "storage  UNSAFE retyped facetworks.bounty bounties[*].reward (uint64 -> uint96)",
        "storage  UNSAFE resized facetworks.bounty bounties[*].reward (8 -> 12 bytes)",
    ]
    answer = diamond(project, "diff", "--layout", str(layout), "--json", "--exit-code")
    found = json.loads(answer.stdout)
    assert answer.returncode == 8
    assert [f["name"] for f in found["facets"]] == ["ReputationFacet"]
    assert [s["safe"] for s in found["storage"]] == [False, False]
    layout.write_text("[]")
    assert diamond(project, "diff", "--layout", str(layout)).returncode == 78
    anvil.chain.revert(mark)


def test_functions_that_come_and_go_are_told(project: tuple[Anvil, Path]) -> None:
    anvil, root = project
    mark = anvil.chain.snapshot()
    book = AddressBook.of(anvil.chain, root / "deployments")
    owner = LocalSigner.from_phrase("command owner")
    sender = Outbox(anvil.chain, owner, MemoryJournal())
    cut = Diamond(anvil.chain, book.address("Diamond"), sender).cut
    gone = Function(parse("function attest(uint256,uint8,bytes32)"))
    strange = bytes.fromhex("12345678")
    feedback = book.address("FeedbackFacet")
    cut.diamond_cut(
        [
            FacetCut(ZERO_ADDRESS, Action.REMOVE, (gone.selector,)),
            FacetCut(feedback, Action.ADD, (strange,)),
        ]
    )
    lines = diamond(project, "diff").stdout.splitlines()
    assert f"  + {gone.signature}" in lines and "  - 0x12345678" in lines
    assert any(line.startswith("changed  ReputationFacet at ") for line in lines)
    assert any(line.startswith(f"gone     an undeclared facet at {feedback}") for line in lines)
    anvil.chain.revert(mark)


@pytest.mark.parametrize(
    ("form", "begins"),
    [("json", '[\n {\n  "'), ("ts", "export const Economy = [\n"), ("sol", "// SPDX")],
)
def test_one_abi_in_three_forms(form: str, begins: str, tmp_path: Path) -> None:
    words = ("diamond", "abi", "--format", form, "--name", "Economy")
    done = facetworks(*words)
    assert done.returncode == 0 and done.stdout.startswith(begins), done.stderr
    where = tmp_path / "out"
    assert facetworks(*words, "-o", str(where)).stdout.startswith("wrote ")
    assert where.read_text() == done.stdout
    refused = facetworks(*words, "-o", str(where / "below-a-file"))
    assert refused.returncode == 1 and "Traceback" not in refused.stderr
    assert "below-a-file" in refused.stderr


def test_a_stranger_may_plan_and_not_apply(project: tuple[Anvil, Path]) -> None:
    anvil, root = project
    mark = anvil.chain.snapshot()
    book = AddressBook.of(anvil.chain, root / "deployments")
    anvil.chain.set_code(book.address("CreditsFacet"), bytes.fromhex("fe"))
    stranger = LocalSigner.generate()
    anvil.chain.set_balance(stranger.address, 10**21)
    key = root / "stranger.key"
    key.touch(0o600)
    key.write_text("0x" + stranger._secret.hex())
    done = diamond(project, "apply", "--key-file", str(key), "--yes")
    assert done.returncode == 5 and "NotOwner" in done.stderr
    key.chmod(0o644)
    assert diamond(project, "apply", "--key-file", str(key), "--yes").returncode == 78
    anvil.chain.revert(mark)
