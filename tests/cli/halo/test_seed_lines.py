"""Every literal command line of the seed, in one table: the test that runs it, or that it needs a market.

`needs_market` rows want relay, operator, indexer and chain together; they run against the devnet.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from harness.halo.home import Home
from tests.harness.contracts import ROOT

from .conftest import PROVIDER_KEY, Indexer, Said

Halo = Callable[..., Said]


@dataclass(frozen=True)
class Row:
    """`where` names the tests that run the line (file::test); `line` runs here with this exit code."""

    number: int
    seed: str
    where: str = ""
    line: str = ""
    code: int = 0
    needs_market: bool = False


HERE = "tests/cli/halo"
SETUP, FACTS, DAEMONS = f"{HERE}/test_setup.py", f"{HERE}/test_facts.py", f"{HERE}/test_daemons.py"
SERVICE, HELP, TERMINAL = (
    f"{HERE}/test_service.py",
    f"{HERE}/test_help.py",
    f"{HERE}/test_setup_terminal.py",
)
INSTALL = f"{HERE}/test_install.py"

ROWS = [
    Row(1, "bash <(curl -fsSL …/install.sh)", f"{INSTALL}::test_a_second_run_changes_nothing"),
    Row(2, "npm install && npm run build && npm link", f"{INSTALL}::test_the_console_script_is_declared"),
    Row(3, "nvm install 20 && nvm use 20", f"{INSTALL}::test_an_old_python_is_refused"),
    Row(4, "halo --help", f"{HELP}::test_help_is_there_and_quick", "halo --help"),
    Row(5, "halo doctor --json", f"{FACTS}::test_doctor_on_an_empty_home", "halo doctor --json"),
    Row(6, "halo doctor", f"{FACTS}::test_doctor_on_an_empty_home", "halo doctor"),
    Row(
        7, "halo setup --provider <slug> [--api-key <key>] --margin <n> --fallback-cents 1 …",
        f"{SETUP}::test_each_provider_is_set_up_without_a_question",
        f"halo setup --provider openrouter --api-key {PROVIDER_KEY} --margin 25 --fallback-cents 1 "
        "--no-wallet-passphrase --with-pairing",
    ),
    Row(
        8, "halo setup --add-provider --provider <slug> --api-key <key> --models <ids>",
        f"{SETUP}::test_adding_a_provider_keeps_the_others_and_their_prices",
        f"halo setup --add-provider --provider near --api-key {PROVIDER_KEY} --models a,b",
    ),
    Row(9, '--api-key "$OPENROUTER_API_KEY"', f"{SETUP}::test_k2_masked_and_truncated_keys_are_refused"),
    Row(10, "halo setup", f"{TERMINAL}::test_the_whole_dialogue"),
    Row(11, "halo setup --rotate-wallet", f"{TERMINAL}::test_a_rotation_must_be_typed", "halo setup --rotate-wallet", 1),
    Row(12, "halo setup --no-wallet-passphrase", f"{SETUP}::test_unattended_mode_cannot_encrypt_and_says_so", "halo setup --no-wallet-passphrase"),
    Row(13, "--models --margin --flat --label", f"{SETUP}::test_values_are_stored_as_given",
        'halo setup --models "id1,id2,id3" --flat 0.0005 --label "my-operator"'),
    Row(14, "<base-url>/v1/models, /api/tags", f"{FACTS}::test_doctor_finds_local_models_and_their_counts"),
    Row(15, "halo serve", needs_market=True),
    Row(16, "/halo start, /halo setup", f"{HERE}/test_seed_lines.py::test_the_slash_commands_of_agents", "halo /halo setup --label x"),
    Row(
        17, "halo setup --provider openai --models gpt-4o-mini … --consume …",
        f"{SETUP}::test_the_consumer_profile",
        "halo setup --provider openai --models gpt-4o-mini --no-wallet-passphrase --consume --consume-model "
        'gpt-4o-mini --consume-allow "gpt-4o-mini,meta-llama/llama-3.1-8b-instruct" --consume-max-usdc 0.05 '
        "--consume-port 8799",
    ),
    Row(18, "halo consume --vault --vault-deposit 5", f"{DAEMONS}::test_detach_starts_once_survives_its_starter_and_loses_nothing_when_killed"),
    Row(19, "halo consume", f"{DAEMONS}::test_a_sidecar_serves_says_what_it_does_and_ends_with_ctrl_c"),
    Row(20, "halo consume --detach --port 8799 --vault --vault-deposit 5", f"{DAEMONS}::test_detach_starts_once_survives_its_starter_and_loses_nothing_when_killed"),
    Row(21, "halo consume --confidential", needs_market=True),
    Row(
        22, "halo service install consume -- --port 8799 …", f"{SERVICE}::test_install_status_logs_uninstall",
        "halo service install consume --dry-run -- --port 8799 --vault --vault-deposit 5 --budget-usdc 5",
    ),
    Row(23, "halo service status consume", f"{SERVICE}::test_install_status_logs_uninstall", "halo service status consume", 1),
    Row(24, "halo service logs consume", f"{SERVICE}::test_install_status_logs_uninstall", "halo service logs consume"),
    Row(25, "halo service uninstall consume", f"{SERVICE}::test_install_status_logs_uninstall", "halo service uninstall consume"),
    Row(26, "halo service install serve", f"{SERVICE}::test_the_target_is_consume_unless_named", "halo service install serve --dry-run"),
    Row(27, "halo service <…> [consume|serve] [-- daemon args…]", f"{SERVICE}::test_a_dry_run_prints_the_unit_and_writes_nothing"),
    Row(28, "OpenAI(base_url=…, api_key=…)", needs_market=True),
    Row(29, "curl …/v1/models | jq … confidential", needs_market=True),
    Row(30, "curl … X-Halo-Confidential: true", needs_market=True),
    Row(31, "GET /health", f"{DAEMONS}::test_a_sidecar_serves_says_what_it_does_and_ends_with_ctrl_c"),
    Row(32, "GET /v1/models", needs_market=True),
    Row(33, "GET /v1/account", needs_market=True),
    Row(34, "GET|POST /v1/budget", needs_market=True),
    Row(35, "stream: true", needs_market=True),
    Row(36, "X-Halo-Routing, X-Halo-Operator, …", needs_market=True),
    Row(37, "POST <relay>/v1/chat/completions, embedded", needs_market=True),
    Row(38, "<relay>/health, <relay>/v1/models", needs_market=True),
    Row(39, "halo pay [--model M] [--prompt P]", f"{FACTS}::test_pay_quotes_signs_retries_pinned_and_shows_the_settlement"),
    Row(40, "halo link", f"{FACTS}::test_link_prints_a_code_that_the_indexer_has", "halo link"),
    Row(41, "halo status", f"{FACTS}::test_status_with_the_indexer_up_and_down", "halo status"),
    Row(42, "halo consume [flags], halo setup [flags]", f"{DAEMONS}::test_each_flag_of_consume_reaches_its_setting"),
    Row(43, "error strings", needs_market=True),
]  # fmt: skip


def test_every_row_has_its_place() -> None:
    assert [row.number for row in ROWS] == list(range(1, 44))
    for row in ROWS:
        assert row.needs_market != bool(row.where), row.number


@pytest.mark.parametrize("where", sorted({row.where for row in ROWS if row.where}))
def test_the_named_tests_exist(where: str) -> None:
    path, _, name = where.partition("::")
    assert re.search(rf"^def {name}\b", (ROOT / path).read_text("utf-8"), re.M), where


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.line], ids=lambda row: f"row-{row.number}"
)
def test_lines_run_as_they_stand(row: Row, halo: Halo, home: Home, indexer: Indexer) -> None:
    """On a home that is set up, which all but the first of them presuppose; none asks anything."""
    first = halo("setup", "--provider", "mock", "--no-wallet-passphrase", "--fallback-cents", "1")
    assert first.code == 0
    program, *words = shlex.split(row.line)
    assert program == "halo"
    said = halo(*words)
    assert said.code == row.code, said.err


def test_the_slash_commands_of_agents(halo: Halo, home: Home) -> None:
    assert halo("/halo", "setup", "--provider", "mock", "--no-wallet-passphrase").code == 0
    assert home.config.exists()
    for words in (("/halo", "start"), ("start",), ("run",), ("serve",)):
        said = halo(*words, "--print-config")
        assert said.code == 0 and "pricing_mode" in said.out


def test_the_words_users_search_for(halo: Halo) -> None:
    assert "keystore not found" in halo("consume").err
    assert "keystore not found" in halo("serve").err
