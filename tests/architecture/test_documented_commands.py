"""Every command in a code block marked `sh`, in every page, is run: here, or by the test named here."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, files, name_of

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)
FACET = re.compile(r"^```solidity\n(.*?)^```", re.M | re.S)

# Cheap ones run below as they stand: command -> exit status. `python` is this interpreter.
HERE: dict[str, int] = {
    "python -m compiler examples/art.sol": 0,
    "python -m compiler examples/art.sol -o out": 0,
    "python -m compiler examples/art.sol --emit asm": 0,
    "python -m compiler examples/art.sol --format json": 0,
    "python -m compiler examples/art.sol --cache .cache/compiler": 0,
    "python -m compiler --explain SL0207": 0,
    "python -m compiler --help": 0,
    "python -m compiler counter.sol": 0,
    "python -m compiler counter.sol --emit selectors": 0,
    "python -m compiler counter.sol --emit layout": 0,
    "python -m compiler counter.sol --emit twin": 0,
    ".venv/bin/python -m compiler examples/art.sol --emit ir-opt": 0,
    "python -m compiler solc --version": 0,
    "python -m compiler solc --bin --abi --hashes examples/art.sol": 0,
    "python -m compiler solc --combined-json abi,bin,bin-runtime,srcmap-runtime examples/art.sol": 0,
    "python -m compiler solc --metadata --userdoc --devdoc --storage-layout --gas examples/art.sol": 0,
    "python -m compiler solc --optimize --via-ir --evm-version cancun --overwrite -o build examples/art.sol": 0,
    "python -m compiler solc --help": 0,
    "python -m compiler layout contracts -o layout.json": 0,
    "python -m compiler diff-layout layout.json contracts": 0,
}
# The rest: what starts like this is run by that test, or is what runs this very test.
ELSEWHERE: dict[str, str] = {
    "make demo": "tests/harness/demo/test_demo.py::test_the_whole_story_ends_with_balanced_books",
    "make test": ".ci/run",
    "make check": "tests/__main__.py::main",
    "make altered": "tests/altered/test_altered.py::test_a_run_ends_with_a_summary",
    "make fuzz": "tests/fuzz/test_campaign.py::test_a_short_run_ends_with_a_summary",
    "make interop": "tests/devnet/test_openai_clients.py::test_openai_node",
    "python -m tests.fir bisect": "tests/fir/test_bisect.py::test_random_messages_find_it_too",
    "python -m tests.fir rewrites": "tests/fir/test_rewrites.py::test_the_command_checks_everything",
    "python -m tests.fir facts": "tests/fir/test_facts.py::test_the_log_says_what_was_left_out_and_why",
    "python -m tests.reference": "tests/reference/test_reference.py::test_the_command",
    "make load N=": "tests/load/test_load.py::test_chain_and_journals_are_equal_after_a_load",
    "make load-nodes": "tests/load/test_nodes.py::test_the_others_go_on_and_nothing_is_paid_twice",
    "make fuzz-http": "tests/fuzz_http/test_fuzz_http.py::test_no_endpoint_fails_hangs_or_takes_its_process_along",
    "make compiler-mutants": "tests/mutation/compiler/test_seeds.py::test_a_mistake_is_noticed",
    ".venv/bin/python -m tests compiler": "tests/__main__.py::main",
    ".venv/bin/python -m examples.": "tests/harness/demo/test_examples.py::test_it_runs_as_its_page_says",
    "python -m compiler layout contracts/storage/TipStorage.sol": "tests/architecture/test_seven_steps.py::test_the_page_works_from_top_to_bottom",
    "python -m compiler contracts/facets/market/TipFacet.sol": "tests/architecture/test_seven_steps.py::test_the_page_works_from_top_to_bottom",
    "python -m compiler diff-layout .storage-layout.json contracts": "tests/architecture/test_seven_steps.py::test_the_page_works_from_top_to_bottom",
    "python -m tests.layout": "tests/architecture/test_seven_steps.py::test_the_page_works_from_top_to_bottom",
    "python -m pytest -q tests/contracts/market/test_tip.py": "tests/architecture/test_seven_steps.py::test_the_page_works_from_top_to_bottom",
    "ape compile": "tests/harness/scripts/test_ape.py::test_the_suite_passes_on_a_fork_of_a_live_chain",
    "ape test tests/ape --network ethereum:local:test": "tests/__main__.py::STEPS",
    "ape run deploy": "tests/harness/scripts/test_ape.py::test_deploying_twice_and_a_tick_on_a_network_that_stays",
    "facetworks facilitator --rpc": "tests/services/conftest.py::facilitator",
    "facetworks indexer --rpc": "tests/services/indexer/test_indexer_http.py::test_the_command",
    "facetworks relay --listen": "tests/services/relay/test_nodes.py::start_process",
    "facetworks diamond diff": "tests/harness/cli/test_facetworks.py::test_differences_are_told_facet_by_facet",
    "facetworks diamond abi": "tests/harness/cli/test_facetworks.py::test_one_abi_in_three_forms",
    "facetworks diamond loupe": "tests/harness/cli/test_facetworks.py::test_a_fresh_deployment_is_as_built",
    "facetworks diamond verify": "tests/harness/cli/test_facetworks.py::test_a_fresh_deployment_is_as_built",
    "facetworks diamond plan": "tests/harness/cli/test_facetworks.py::test_a_lost_facet_is_seen_planned_and_put_back",
    "facetworks diamond apply": "tests/harness/cli/test_facetworks.py::test_a_lost_facet_is_seen_planned_and_put_back",
    "cp facetworks-keeper@": "tests/services/test_keeper_processes.py::test_the_shipped_units_are_valid",
    "systemctl enable --now facetworks-keeper@": "tests/services/test_keeper_processes.py::test_the_shipped_units_are_valid",
    "journalctl -u facetworks-keeper@": "tests/services/test_keeper_processes.py::test_the_shipped_units_are_valid",
    "bash install.sh": "tests/cli/halo/test_install.py::test_a_second_run_changes_nothing",
    "halo doctor": "tests/cli/halo/test_facts.py::test_doctor_on_an_empty_home",
    "halo setup --provider ollama": "tests/cli/halo/test_setup.py::test_each_provider_is_set_up_without_a_question",
    "halo setup --provider openai": "tests/cli/halo/test_seed_lines.py::test_lines_run_as_they_stand",
    "halo setup --add-provider": "tests/cli/halo/test_setup.py::test_adding_a_provider_keeps_the_others_and_their_prices",
    "halo serve": "tests/cli/halo/test_daemons.py::test_a_terminated_operator_leaves_its_place",
    "halo consume": "tests/cli/halo/test_daemons.py::test_detach_starts_once_survives_its_starter_and_loses_nothing_when_killed",
    "halo service install": "tests/cli/halo/test_service.py::test_install_status_logs_uninstall",
    "halo service status": "tests/cli/halo/test_service.py::test_install_status_logs_uninstall",
    "halo service logs": "tests/cli/halo/test_service.py::test_install_status_logs_uninstall",
    "halo service uninstall": "tests/cli/halo/test_service.py::test_install_status_logs_uninstall",
    "halo pay": "tests/cli/halo/test_facts.py::test_pay_quotes_signs_retries_pinned_and_shows_the_settlement",
    "halo link": "tests/cli/halo/test_facts.py::test_link_prints_a_code_that_the_indexer_has",
    "halo status": "tests/cli/halo/test_facts.py::test_status_with_the_indexer_up_and_down",
    "halo vault": "tests/cli/halo/test_facts.py::test_the_vault_from_deposit_to_withdrawal",
    "halo receipts": "tests/cli/halo/test_facts.py::test_exports",
}


def commands() -> list[tuple[str, str]]:
    """(page, command) of every line in a block marked `sh`."""
    found = []
    for page in files(".md"):
        for block in BLOCK.findall(page.read_text(encoding="utf-8")):
            for line in block.replace("\\\n", " ").splitlines():
                command = line.split(" #")[0].strip()
                if command and not command.startswith("#"):
                    found.append((name_of(page), command))
    return found


def test_every_documented_command_is_run_somewhere() -> None:
    assert len(commands()) > 20
    for page, command in commands():
        known = command in HERE or any(command.startswith(start) for start in ELSEWHERE)
        assert known, f"{page}: nothing runs `{command}`"


def test_nothing_is_listed_that_no_page_shows() -> None:
    shown = [command for _, command in commands()]
    assert set(HERE) <= set(shown)
    for start in ELSEWHERE:
        assert any(command.startswith(start) for command in shown), start


@pytest.mark.parametrize("where", sorted(set(ELSEWHERE.values())))
def test_the_named_tests_exist(where: str) -> None:
    path, _, name = where.partition("::")
    assert not name or re.search(rf"\b{name}\b", (ROOT / path).read_text()), where


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the reader's first facet beside our own sources."""
    folder = tmp_path_factory.mktemp("desk")
    for name in ("examples", "contracts"):
        (folder / name).symlink_to(ROOT / name)
    page = (ROOT / "docs/authors/first-facet.md").read_text(encoding="utf-8")
    (folder / "counter.sol").write_text(FACET.findall(page)[0])
    return folder


@pytest.mark.parametrize("command", HERE)
def test_cheap_commands_run_as_printed(command: str, desk: Path) -> None:
    words = command.split()
    words[0] = sys.executable  # `python` is this one
    done = subprocess.run(
        words, cwd=desk, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == HERE[command], done.stderr
    assert done.stdout and "Traceback" not in done.stderr
