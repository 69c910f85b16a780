"""Settings: flag, environment, file, default; unknown names are errors; secrets are not shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import ConfigError
from harness.protocol.addresses import to_address
from harness.services.facilitator.settings import FacilitatorSettings
from harness.services.keeper.settings import KeeperSettings
from harness.settings import load, show

DIAMOND = "0x00000000000000000000000000000000000000aa"


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "x.toml"
    path.write_text(text, "utf-8", "surrogateescape")
    return path


def test_flag_then_environment_then_file_then_default(tmp_path: Path) -> None:
    path = file(
        tmp_path, '[facilitator]\nrpc = "file"\nworkers = 2\nlisten = "file:1"\nmax_bumps = 9\n'
    )
    environ = {"FACETWORKS_FACILITATOR_LISTEN": "env:1", "FACETWORKS_FACILITATOR_WORKERS": "3"}
    settings, origins = load(
        FacilitatorSettings, name="facilitator", flags={"workers": 4, "rpc": None},
        environ=environ, file=path,
    )  # fmt: skip
    assert (settings.workers, settings.listen, settings.rpc, settings.max_bumps) == (
        4, "env:1", "file", 9,
    )  # fmt: skip
    assert settings.confirmations == 1
    assert origins["workers"] == "flag" and origins["listen"] == "FACETWORKS_FACILITATOR_LISTEN"
    assert origins["rpc"] == str(path) and origins["confirmations"] == "default"


def test_older_names_of_the_scheduler_are_read() -> None:
    environ = {
        "FACETWORKS_KEEPER_RPC": "x", "FACETWORKS_KEEPER_DIAMOND": DIAMOND,
        "SCHEDULER_GLOBAL_TICK_CAP_WEI": "5", "SCHEDULER_TICK_SOFT_BUDGET_MS": "1500",
        "SCHEDULER_MAX_JOBS_PER_TICK": "7", "FACETWORKS_KEEPER_MAX_JOBS_PER_TICK": "8",
    }  # fmt: skip
    settings, _ = load(KeeperSettings, name="keeper", environ=environ)
    assert (settings.global_tick_cap_wei, settings.tick_soft_budget_s) == (5, 1.5)
    assert settings.max_jobs_per_tick == 8


@pytest.mark.parametrize("environ", [{}, {"FACETWORKS_KEEPER_TICK_SOFT_BUDGET_S": "20"}])
def test_a_setting_named_in_seconds_is_read_in_seconds(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    """Only the older variable is in milliseconds, as its name says."""
    text = f'[keeper]\nrpc = "x"\ndiamond = "{DIAMOND}"\n'
    path = file(tmp_path, text + ("" if environ else "tick_soft_budget_s = 20\n"))
    settings, _ = load(KeeperSettings, name="keeper", environ=environ, file=path)
    assert settings.tick_soft_budget_s == 20


@pytest.mark.parametrize(
    ("environ", "text", "words"),
    [
        ({}, "", "rpc is not set; give --rpc or FACETWORKS_FACILITATOR_RPC"),
        ({}, '[facilitator]\nrcp = "x"\n', "did you mean 'rpc'"),
        ({}, "[facilitator\n", "is not TOML"),
        ({}, "facilitator = 1\n", "not a table"),
        ({"FACETWORKS_FACILITATOR_WORKERS": "0"}, '[facilitator]\nrpc = "x"', "greater than zero"),
        ({"FACETWORKS_FACILITATOR_WORKERS": "-1"}, '[facilitator]\nrpc = "x"', "WORKERS"),
        ({"FACETWORKS_FACILITATOR_DIAMOND": "0x1"}, '[facilitator]\nrpc = "x"', "not an address"),
        ({}, '[facilitator]\nrpc = "x"\nreceipt_s = "soon"\n', "receipt_s: not a number of sec"),
        ({}, '[facilitator]\nrpc = "x"\nlog_level = "loud"\n', "log_level: say debug, info"),
        ({}, '[fasilitator]\nrpc = "x"\n', r"has no table \[facilitator\], only fasilitator; did"),
        ({}, 'rpc = "x"\n', r"write \[facilitator\] above"),
        ({}, "# caf\udce9\n", "is not UTF-8 text"),
    ],
)
def test_what_is_wrong_is_named(
    tmp_path: Path, environ: dict[str, str], text: str, words: str
) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        load(FacilitatorSettings, name="facilitator", environ=environ, file=file(tmp_path, text))
    assert caught.value.exit_code == 78


@pytest.mark.parametrize(
    ("word", "value"), [("on", True), ("True", True), ("1", True), ("off", False), ("no", False)]
)
def test_a_switch_is_on_or_off(word: str, value: bool) -> None:
    environ = {"FACETWORKS_KEEPER_RPC": "x", "FACETWORKS_KEEPER_DIAMOND": DIAMOND}
    settings, _ = load(
        KeeperSettings, name="keeper", environ={**environ, "FACETWORKS_KEEPER_LEASE_ON_CHAIN": word}
    )
    assert settings.lease_on_chain is value
    with pytest.raises(ConfigError, match="LEASE_ON_CHAIN: say true or false, not 'enable'"):
        load(
            KeeperSettings, name="keeper",
            environ={**environ, "FACETWORKS_KEEPER_LEASE_ON_CHAIN": "enable"},
        )  # fmt: skip


def test_lists_come_from_text_and_from_toml(tmp_path: Path) -> None:
    path = file(tmp_path, f'[facilitator]\nrpc = "x"\nassets = ["{DIAMOND}", "{DIAMOND}"]\n')
    settings, _ = load(FacilitatorSettings, name="facilitator", environ={}, file=path)
    assert settings.assets == (to_address(DIAMOND),) * 2
    environ = {"FACETWORKS_FACILITATOR_RPC": "x", "FACETWORKS_FACILITATOR_ASSETS": f"{DIAMOND} ,"}
    assert len(load(FacilitatorSettings, name="facilitator", environ=environ)[0].assets) == 1


def test_secrets_are_shown_by_length_only() -> None:
    environ = {
        "FACETWORKS_FACILITATOR_RPC": "http://u:pw@x",
        "FACETWORKS_FACILITATOR_KEY": "k" * 64,
    }
    settings, origins = load(FacilitatorSettings, name="facilitator", environ=environ)
    shown = "\n".join(show(settings, origins))
    assert "pw" not in shown and "k" * 64 not in shown
    assert "key = set, 64 characters    (FACETWORKS_FACILITATOR_KEY)" in shown
