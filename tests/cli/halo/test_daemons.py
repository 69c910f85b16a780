"""`halo consume` and `halo serve`: what they are told, one of each, detached, interrupted, killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from harness.halo.config import HaloConfig
from harness.halo.daemons import holder
from harness.halo.detach import free_port
from harness.halo.home import Home
from tests.harness.contracts import ROOT
from tests.services.conftest import ThreadedServer

from .conftest import PROVIDER_KEY, QUICK, Place, Said, end, healthy, process, running, wait_until

Halo = Callable[..., Said]
Config = Callable[[], HaloConfig]


@pytest.fixture
def port() -> int:
    return free_port("127.0.0.1")


def settings(halo: Halo, *words: str) -> dict[str, dict[str, str]]:
    said = halo(*words, "--print-config", "--json")
    assert said.code == 0, said.err
    found: dict[str, dict[str, str]] = said.json
    return found


# -- what they are told -------------------------------------------------------------------------

FLAGS: list[tuple[list[str], str, str]] = [
    (["--port", "9001"], "port", "9001"),
    (["--host", "::1"], "host", "::1"),
    (["--max-usdc", "0.25"], "max_usdc_base", "250000"),
    (["--budget-usdc", "5"], "budget_base", "5000000"),
    (["--budget-warn-pct", "0.5"], "budget_warn", "0.5"),
    (["--vault", "--vault-address", "0x" + "22" * 20], "rail", "vault"),
    (["--vault-deposit", "5"], "vault_deposit_base", "5000000"),
    (["--vault-reserve-multiple", "7"], "reserve_multiple", "7"),
    (["--session-key", "browser"], "session_key", "browser"),
    (["--confidential"], "confidential", "True"),
    (["--tee-base-url", "https://tee.example/v1"], "tee_base_url", "https://tee.example/v1"),
    (["--no-e2e"], "e2e", "False"),
    (["--allow-self"], "allow_self", "True"),
    (["--relay-url", "http://r.example"], "relay", "http://r.example"),
    (["--facilitator-url", "http://f.example"], "facilitator", "http://f.example"),
    (["--indexer-url", "http://i.example"], "indexer", "http://i.example"),
    (["--vault-address", "0x" + "22" * 20], "diamond", "0x" + "22" * 20),
    (["--log-level", "debug"], "log_level", "debug"),
]


@pytest.mark.parametrize(("words", "name", "value"), FLAGS, ids=[f[1] + f[0][0] for f in FLAGS])
def test_each_flag_of_consume_reaches_its_setting(
    words: list[str], name: str, value: str, halo: Halo
) -> None:
    halo("setup", *QUICK)
    found = settings(halo, "consume", *words)[name]
    assert found == {"value": value, "origin": "flag"}
    assert settings(halo, "consume")[name]["origin"] != "flag"


def test_flag_over_environment_over_policy_over_configuration_over_default(
    halo: Halo, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    halo("setup", *QUICK, "--relay-url", "http://stored.example")
    monkeypatch.delenv("HALO_RELAY_URL")
    assert settings(halo, "consume")["relay"] == {
        "value": "http://stored.example",
        "origin": "config.json",
    }
    assert settings(halo, "consume")["max_usdc_base"] == {"value": "100000", "origin": "default"}
    monkeypatch.setenv("HALO_RELAY_URL", "http://env.example")
    assert settings(halo, "consume")["relay"]["origin"] == "HALO_RELAY_URL"
    assert settings(halo, "consume", "--relay-url", "http://f")["relay"]["origin"] == "flag"
    for name, variable in (("relay", "HALO_RELAY_URL"), ("rpc", "BASE_RPC_URL")):
        monkeypatch.setenv(variable, "")
        assert settings(halo, "consume")[name]["origin"] == "config.json"
    halo("setup", "--consume", "--consume-max-usdc", "0.2")
    assert settings(halo, "consume")["max_usdc_base"] == {
        "value": "200000",
        "origin": "config.json",
    }
    policy = home.root / "policy.toml"
    policy.write_text('max_usdc = 0.05\nbudget_usdc = "3"\n')
    found = settings(halo, "consume", "--policy", str(policy))
    assert found["max_usdc_base"] == {"value": "50000", "origin": "policy file"}
    assert found["budget_base"]["value"] == "3000000"
    assert found["budget_token"]["value"].startswith("set, ")  # made, because there is a policy
    assert (
        settings(halo, "consume", "--policy", str(policy), "--max-usdc", "1")["max_usdc_base"][
            "origin"
        ]
        == "flag"
    )
    policy.write_text("max_usdc = -1")
    assert halo("consume", "--policy", str(policy), "--print-config").code == 78


def test_the_operator_is_told_what_setup_stored_and_the_environment_says(
    halo: Halo, monkeypatch: pytest.MonkeyPatch
) -> None:
    halo(
        "setup",
        *QUICK,
        "--models",
        "a",
        "--flat",
        "0.002",
        "--label",
        "me",
        "--data-retention",
        "24h",
    )
    for variable, value in (
        ("HALO_MAX_RECONNECT_ATTEMPTS", "0"), ("HALO_EVENT_OUTBOX_MAX_ENTRIES", "7"),
        ("HALO_MIN_SETTLEMENT_BASE", "5000"), ("HALO_DEBUG_UPSTREAM_ERRORS", "1"),
    ):  # fmt: skip
        monkeypatch.setenv(variable, value)
    found = {name: entry["value"] for name, entry in settings(halo, "serve").items()}
    assert (
        found["pricing_mode"] == "flat"
        and found["flat_usd_per_1k"] == "0.002"
        and found["label"] == "me"
    )
    assert found["data_retention"] == "24h" and found["max_reconnect_attempts"] == "0"
    assert found["outbox_max_entries"] == "7" and found["min_settlement_base"] == "5000"
    assert found["debug_upstream_errors"] == "True" and found["fallback_base"] == "10000"
    monkeypatch.setenv("HALO_EVENT_OUTBOX_MAX_ENTRIES", "0")
    assert halo("serve", "--print-config").code == 78
    monkeypatch.setenv("HALO_EVENT_OUTBOX_MAX_ENTRIES", "many")
    assert "HALO_EVENT_OUTBOX_MAX_ENTRIES" in halo("serve", "--print-config").err


def test_version_1_of_x402_is_off_until_flag_or_environment_say_so(
    halo: Halo, monkeypatch: pytest.MonkeyPatch
) -> None:
    halo("setup", *QUICK, "--chain", "base-sepolia")
    assert settings(halo, "serve")["x402_v1"] == {"value": "False", "origin": "default"}
    told = settings(halo, "serve", "--x402-v1")["x402_v1"]
    assert told == {"value": "True", "origin": "flag"}
    for text, value in (("1", "True"), ("0", "False")):
        monkeypatch.setenv("HALO_X402_V1", text)
        told = settings(halo, "serve")["x402_v1"]
        assert told == {"value": value, "origin": "HALO_X402_V1"}
    assert settings(halo, "serve", "--x402-v1")["x402_v1"]["origin"] == "flag"
    monkeypatch.setenv("HALO_X402_V1", "true")  # never guessed: 1 or 0
    said = halo("serve", "--print-config")
    assert said.code == 78 and "HALO_X402_V1 must be 1 or 0" in said.err


def test_secrets_are_shown_by_their_length_only(
    halo: Halo, monkeypatch: pytest.MonkeyPatch
) -> None:
    halo("setup", *QUICK)
    monkeypatch.setenv("BASE_RPC_URL", "https://node.example/my-secret-node-key")
    said = halo("consume", "--api-key", "my-secret-bearer", "--print-config")
    assert said.code == 0 and "set, 16 characters" in said.out
    assert "my-secret" not in said.out + said.err


# -- what must not start ------------------------------------------------------------------------


def test_nothing_starts_before_setup(halo: Halo) -> None:
    for words in (("serve",), ("consume",), ("pay",), ("link",), ("status",), ("vault", "status")):
        said = halo(*words)
        assert said.code == 78 and "keystore not found" in said.err and "halo setup" in said.err


def test_h5_a_public_address_needs_a_secret(halo: Halo) -> None:
    halo("setup", *QUICK)
    for host in ("0.0.0.0", "::", "192.0.2.1"):
        said = halo("consume", "--host", host)
        assert said.code == 78 and "--api-key" in said.err
    assert (
        settings(halo, "consume", "--host", "0.0.0.0", "--api-key", "secret")["host"]["value"]
        == "0.0.0.0"
    )


def test_confidential_is_never_unverified(halo: Halo) -> None:
    halo("setup", *QUICK)
    assert halo("consume", "--confidential", "--no-attestation-verify").code == 2
    said = halo("consume", "--no-attestation-verify", "--force", "--print-config")
    assert said.code == 0 and said.err.count("no effect") == 2


def test_an_operator_needs_models_keys_and_its_passphrase(
    halo: Halo, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    halo("setup", "--provider", "openai", "--no-wallet-passphrase", "--consume")
    said = halo("serve")
    assert said.code == 78 and "no models are named" in said.err
    halo("setup", "--provider", "openai", "--models", "m", "--consume")
    said = halo("serve")
    assert said.code == 78 and "--api-key" in said.err and "unattended mode" in said.err
    monkeypatch.setenv("HALO_PASSPHRASE", "Correct-horse-9")
    halo("setup", "--rotate-wallet", "--confirm", config().operator.address)
    monkeypatch.setenv("HALO_PASSPHRASE", "Wrong-horse-nr-9")
    said = halo("serve")
    assert said.code == 78 and "wrong passphrase" in said.err
    monkeypatch.delenv("HALO_PASSPHRASE")
    said = halo("serve")
    assert said.code == 1 and "HALO_PASSPHRASE" in said.err and "--no-wallet-passphrase" in said.err


def test_another_wallets_keystore_is_not_used_in_its_place(
    halo: Halo, home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from harness.halo.wallet import create

    halo("setup", *QUICK)
    other = create(tmp_path / "other" / "k.json", "")
    monkeypatch.setenv("HALO_KEYSTORE_PATH", str(other.path))
    said = halo("link")
    assert said.code == 78 and other.address in said.err


def test_exceeded_reconnects_end_with_1(halo: Halo, home: Home) -> None:
    halo("setup", *QUICK, "--models", "mock-echo")
    said = process("serve", HALO_MAX_RECONNECT_ATTEMPTS="1", BASE_RPC_URL="http://127.0.0.1:9")
    assert said.code == 1, said.err


# -- consuming on a market ----------------------------------------------------------------------


def chat(port: int, text: str = "hello") -> httpx.Response:
    body = {"model": "mock-echo", "messages": [{"role": "user", "content": text}], "max_tokens": 20}
    return httpx.post(
        f"http://127.0.0.1:{port}/v1/chat/completions", json=body, timeout=60, trust_env=False
    )


def test_a_sidecar_serves_says_what_it_does_and_ends_with_ctrl_c(
    consumer: str, home: Home, port: int, halo: Halo, place: Place
) -> None:
    before = place.world.dollar.balance_of(consumer)
    with running("consume", "--port", str(port), ready=lambda: healthy(port)) as child:
        assert holder(home, "consume") == child.pid
        answer = chat(port)
        assert answer.status_code == 200 and answer.headers["x-halo-paid"] == "true"
        said = process("consume", "--port", str(port))
        assert said.code == 75 and str(child.pid) in said.err
        assert "consume runs already" in said.err
        doctor = halo("doctor", "--json").json["consume"]
        assert doctor["running"] and doctor["pid"] == child.pid
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=40)
    assert child.returncode in (0, 130)
    assert (
        f"endpoint : http://127.0.0.1:{port}/v1" in out
        and consumer in out
        and "rail     : exact" in out
    )
    assert "unattended mode" in err
    assert place.world.dollar.balance_of(consumer) == before - int(
        answer.headers["x-halo-charged-base"]
    )
    rows = halo("receipts", "list", "--json").json
    assert len(rows) == 1 and rows[0]["state"] == "settled" and rows[0]["model"] == "mock-echo"
    csv = halo("receipts", "export", "--format", "csv").out.splitlines()
    assert len(csv) == 2 and csv[0].startswith("id,at,rail")
    said = halo("receipts", "verify")
    assert said.code == 0 and "1 payments" in said.out
    assert "hello" not in home.log("consume").read_text()  # prompts stay out of logs
    assert holder(home, "consume") is None


def test_a_taken_port_is_told_with_a_free_one(consumer: str, halo: Halo) -> None:
    app = Starlette(routes=[Route("/health", lambda _: JSONResponse({"status": "ok"}))])
    with ThreadedServer(app) as url:
        taken = url.rpartition(":")[2]
        for words in (("consume", "--port", taken), ("consume", "--detach", "--port", taken)):
            said = halo(*words)
            assert said.code == 1 and "--port " in said.err and f"--port {taken}\n" not in said.err
    elsewhere = halo("consume", "--host", "192.0.2.1", "--api-key", "env:HOME")
    assert elsewhere.code == 1 and "--host 127.0.0.1" in elsewhere.err
    assert "free the port" not in elsewhere.err


def test_detach_starts_once_survives_its_starter_and_loses_nothing_when_killed(
    consumer: str, halo: Halo, home: Home, port: int, place: Place
) -> None:
    words = ["consume", "--detach", "--port", str(port), "--vault", "--vault-deposit", "5"]
    # The starter leads a process group of its own, which is killed as a gateway's restart does.
    starter = subprocess.run(
        [sys.executable, "-m", "harness.cli.halo", *words],
        capture_output=True, text=True, timeout=60, check=False, cwd=ROOT, start_new_session=True,
    )  # fmt: skip
    assert starter.returncode == 0, starter.stdout + starter.stderr
    pid = holder(home, "consume")
    assert pid is not None
    try:
        assert os.getsid(pid) == pid  # a session of its own
        again = halo(*words)
        assert again.code == 0 and "already serving" in again.out and holder(home, "consume") == pid
        assert chat(port).status_code == 200
        assert place.world.vault.balance(consumer) >= 4_000_000
        end(pid)
        kept = halo("receipts", "list", "--json").json
        assert [row["state"] for row in kept] == ["receipted"]
        assert halo(*words).code == 0  # started anew
        second = holder(home, "consume")
        assert second not in (None, pid)
        assert chat(port).status_code == 200
        assert len(halo("receipts", "list", "--json").json) == 2
        said = halo("vault", "status", "--json")
        assert said.code == 0 and said.json["sessionKey"] == consumer
    finally:
        if (left := holder(home, "consume")) is not None:
            end(left)


def test_a_detached_process_has_its_secrets_out_of_sight(
    consumer: str, halo: Halo, home: Home, port: int
) -> None:
    said = halo("consume", "--detach", "--port", str(port), "--api-key", "very-secret-bearer")
    assert said.code == 0, said.err
    pid = holder(home, "consume")
    assert pid is not None
    try:
        assert b"very-secret-bearer" not in Path(f"/proc/{pid}/cmdline").read_bytes()
        assert chat(port).status_code == 401
    finally:
        end(pid)


def test_detach_needs_a_wallet_that_opens_by_itself(
    halo: Halo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALO_PASSPHRASE", "Correct-horse-9")
    halo("setup", "--provider", "mock")
    monkeypatch.delenv("HALO_PASSPHRASE")
    said = halo("consume", "--detach")
    assert said.code == 1 and "HALO_PASSPHRASE" in said.err


def test_detach_tells_why_it_did_not_start(halo: Halo, port: int) -> None:
    halo("setup", *QUICK)
    said = halo(
        "consume",
        "--detach",
        "--port",
        str(port),
        "--rpc-url",
        "http://127.0.0.1:9",
        "--vault-address",
        "0x" + "22" * 20,
        "--confidential",
        "--keystore",
        "/nonexistent",
    )
    assert said.code == 78 and "keystore not found" in said.err


def test_log_lines_hold_no_key(consumer: str, halo: Halo, home: Home) -> None:
    wallet = json.loads(home.keystore.read_text())
    halo("pay")
    for path in home.root.glob("*.log"):
        assert (
            wallet["crypto"]["ciphertext"] not in path.read_text()
            and PROVIDER_KEY not in path.read_text()
        )
        assert path.stat().st_mode & 0o077 == 0


def test_a_terminated_operator_leaves_its_place(halo: Halo, home: Home, place: Place) -> None:
    halo("setup", *QUICK, "--models", "mock-echo", "--chain", str(place.file))
    with running("serve", ready=lambda: home.log("serve").exists()) as child:
        wait_until(lambda: holder(home, "serve") == child.pid)
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=40)
    assert child.returncode in (0, 1, -signal.SIGTERM) and holder(home, "serve") is None
