"""`halo doctor`, `link`, `status`, `pay`, `vault`, `receipts`: what they say, over real HTTP."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Callable

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from harness.halo.config import HaloConfig
from harness.halo.doctor import Local, examine
from harness.halo.home import Home
from harness.halo.journals import consumer_folder
from harness.halo.wallet import create
from harness.store.files import ProcessLock
from tests.services.conftest import ThreadedServer

from .conftest import QUICK, Indexer, Place, Said

Halo = Callable[..., Said]
Config = Callable[[], HaloConfig]
KEYS = {
    "generatedAt", "install", "configDir", "wallet", "provider", "providers", "serve", "consume", "endpoints",
    "network", "hint",
}  # fmt: skip


# -- doctor --------------------------------------------------------------------------------------


def test_doctor_on_an_empty_home(halo: Halo, home: Home) -> None:
    said = halo("doctor", "--json")
    assert said.code == 0 and set(said.json) == KEYS
    facts = said.json
    assert facts["configDir"]["exists"] is False and facts["configDir"]["orphanedKeystore"] is False
    assert {e["slug"] for e in facts["endpoints"]} == {"openclaw", "ollama", "lmstudio"}
    assert not facts["network"]["relayReachable"] and not home.root.exists()
    text = halo("doctor")
    assert text.code == 0 and text.out.rstrip().splitlines()[-1].startswith("→ ")


def test_doctor_finds_local_models_and_their_counts(home: Home) -> None:
    app = Starlette(
        routes=[
            Route("/api/tags", lambda _: JSONResponse({"models": [{"name": "a"}, {"name": "b"}]})),
            Route("/v1/models", lambda _: JSONResponse({"data": [{"id": "x"}]})),
            Route("/odd", lambda _: PlainTextResponse("<html>")),
            Route("/broken", lambda _: JSONResponse({}, 500)),
        ]
    )
    with ThreadedServer(app) as url:
        found = examine(
            home,
            locals_=[
                Local("ollama", "Ollama", url, url + "/api/tags", "models"),
                Local("lmstudio", "LM Studio", url, url + "/v1/models", "data"),
                Local("a", "A", url, url + "/odd", "data"),
                Local("b", "B", url, url + "/broken", "data"),
                Local("c", "C", "http://127.0.0.1:9", "http://127.0.0.1:9/v1/models", "data"),
            ],
        )
    seen = [(e["reachable"], e["modelCount"]) for e in found["endpoints"]]
    assert seen == [(True, 2), (True, 1), (False, 0), (False, 0), (False, 0)]
    assert "--provider ollama" in found["hint"]


def test_doctor_tells_an_orphan_and_open_files(halo: Halo, home: Home) -> None:
    kept = create(home.keystore, "")
    facts = halo("doctor", "--json").json
    assert facts["configDir"]["orphanedKeystore"] and facts["wallet"]["address"] == kept.address
    assert "keeps the wallet" in facts["hint"]
    halo("setup", *QUICK)
    home.keystore.chmod(0o644)
    said = halo("doctor", "--json")
    assert said.code == 0 and "chmod 600" in said.json["hint"]
    home.config.write_text("{")
    assert halo("doctor").code == 0


# -- link and status -----------------------------------------------------------------------------


def test_link_prints_a_code_that_the_indexer_has(
    halo: Halo, indexer: Indexer, config: Config
) -> None:
    halo("setup", *QUICK)
    said = halo("link")
    code = said.out.rstrip().splitlines()[-1]
    assert said.code == 0 and re.fullmatch(r"\d{3}-\d{3}-\d{3}", code) and code in indexer.codes
    found = halo("link", "--json").json
    assert found["code"] in indexer.codes and found["address"] == config().operator.address
    indexer.refuse = 429
    said = halo("link")
    assert said.code == 1 and "not now" in said.err


def test_status_with_the_indexer_up_and_down(
    halo: Halo, indexer: Indexer, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    halo("setup", *QUICK, "--models", "m1", "--label", "me")
    said = halo("status")
    assert said.code == 0
    for part in (
        config().operator.address,
        "me",
        "mock",
        "m1",
        "120.5 points",
        "1.234567 USD earned",
        "2.0 h",
    ):
        assert part in said.out
    assert halo("status", "--json").json["league"]["servePoints"] == 120.5
    monkeypatch.setenv("HALO_INDEXER_URL", "http://127.0.0.1:9")
    said = halo("status", "--json")
    assert said.code == 0 and said.json["league"] is None and said.json["leagueProblem"]
    assert "not known" in halo("status").out


# -- pay -----------------------------------------------------------------------------------------


def test_pay_quotes_signs_retries_pinned_and_shows_the_settlement(
    consumer: str, halo: Halo, place: Place
) -> None:
    seen = len(place.market.seen)
    before = place.world.dollar.balance_of(consumer)
    said = halo("pay", "--model", "mock-echo", "--prompt", "Say hello", "--json")
    assert said.code == 0, said.err
    found = said.json
    assert found["paid"] and found["rail"] == "exact" and found["answer"]
    assert place.world.dollar.balance_of(consumer) == before - int(found["chargedBase"])
    quote, paid = (headers for _, headers in place.market.seen[seen:])
    assert "x-halo-probe" in quote and "payment-signature" not in quote
    assert (
        "payment-signature" in paid and paid["x-halo-operator"] == found["operator"].lower()
    ) or paid["x-halo-operator"] == found["operator"]
    assert "Say hello" not in json.dumps([body for body, _ in place.market.seen[seen:]])
    tried = halo("pay", "--model", "mock-echo", "--dry-run", "--json").json
    assert tried["dryRun"] and tried["address"] == consumer and tried["maxBase"] == 1_000_000
    text = halo("pay", "--model", "mock-echo")
    assert text.code == 0 and "paid       :" in text.out
    assert "nothing" not in text.out


def test_pay_beside_a_sidecar_that_another_program_holds(
    consumer: str, halo: Halo, home: Home, config: Callable[[], HaloConfig]
) -> None:
    """As a devnet does. The exact rail has a journal of its own; the vault's is told who holds it."""
    with ProcessLock(consumer_folder(home.state("consume"), config())):
        said = halo("pay", "--model", "mock-echo")
        assert said.code == 0 and "paid       :" in said.out
        refused = halo("pay", "--model", "mock-echo", "--vault", "--json")
    assert refused.code == refused.json["error"]["exitCode"] == 75
    assert f"in use by process {os.getpid()}" in refused.err


def test_pay_from_the_vault(consumer: str, halo: Halo) -> None:
    assert halo("vault", "deposit", "3").code == 0
    said = halo("pay", "--vault", "--model", "mock-echo", "--json")
    assert said.code == 0, said.err + said.out
    assert said.json["rail"] == "vault" and int(said.json["chargedBase"]) > 0
    verified = halo("receipts", "verify", "--json")
    assert verified.code == 0 and verified.json == {"requests": 1, "receipts": 1, "problems": []}


def test_an_empty_wallet_is_told_where_to_send_money(
    place: Place, halo: Halo, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RELAY", "FACILITATOR"):
        monkeypatch.delenv(f"HALO_{name}_URL")
    halo("setup", *QUICK, "--chain", str(place.file))
    said = halo("pay", "--model", "mock-echo")
    assert (
        said.code == 1
        and config().operator.address in said.err
        and "insufficient_funds" in said.err
    )
    said = halo("pay", "--model", "nobody-has-this")
    assert said.code == 1 and "no_operator" in said.err
    assert "would ask" in halo("pay", "--dry-run").out


# -- vault ---------------------------------------------------------------------------------------


def test_the_vault_from_deposit_to_withdrawal(
    consumer: str, halo: Halo, place: Place, request: pytest.FixtureRequest
) -> None:
    said = halo("vault", "status")
    assert said.code == 0 and "10 USD" in said.out and "none yet" in said.out
    assert "would deposit 4 USD" in halo("vault", "deposit", "4", "--dry-run").out
    assert place.world.vault.balance(consumer) == 0
    said = halo("vault", "deposit", "4")
    assert said.code == 0 and place.world.vault.balance(consumer) == 4_000_000
    assert halo("vault", "deposit", "40").code == 1 and halo("vault", "deposit", "0").code == 2
    said = halo("vault", "withdraw")
    assert "--request" in said.out
    assert halo("vault", "withdraw", "--execute", "1").code == 1  # not asked for
    assert halo("vault", "withdraw", "--request", "--execute", "1").code == 2
    said = halo("vault", "withdraw", "--request")
    assert said.code == 0 and "--execute 4" in said.out
    said = halo("vault", "withdraw", "--execute", "4")
    assert said.code == 1 and "timelock" in said.err
    due = halo("vault", "status", "--json").json["withdrawal"]["executableAt"]
    chain = place.world.chain
    mark = chain.snapshot()
    request.addfinalizer(lambda: chain.revert(mark))  # the others live today
    chain.advance(due - chain.block().timestamp + 1)
    assert halo("vault", "withdraw", "--execute", "4.5").code == 1
    said = halo("vault", "withdraw", "--execute", "1.5")
    assert said.code == 0 and place.world.vault.balance(consumer) == 2_500_000


def test_m11_another_vault_gets_nothing_and_force_changes_nothing(
    consumer: str, halo: Halo, place: Place
) -> None:
    before = place.world.dollar.balance_of(consumer)
    halo("setup", "--vault-address", place.world.dollar.address)  # a contract, but no vault
    for words in (
        ("deposit", "1"),
        ("deposit", "1", "--force"),
        ("withdraw", "--request", "--force"),
    ):
        assert halo("vault", *words).code == 1
    halo("setup", "--vault-address", "0x" + "22" * 20)
    said = halo("vault", "deposit", "1", "--force")
    assert said.code == 1 and "nothing was sent" in said.err
    halo("setup", "--vault-address", place.world.diamond, "--facilitator-url", "http://127.0.0.1:9")
    said = halo("vault", "deposit", "1", "--force")  # cannot be verified: that counts as wrong
    assert said.code == 1 and "facilitator" in said.err
    assert halo("vault", "status").code == 1
    assert place.world.dollar.balance_of(consumer) == before


# -- receipts ------------------------------------------------------------------------------------


def test_a_changed_journal_is_noticed(consumer: str, halo: Halo, home: Home) -> None:
    assert halo("pay", "--model", "mock-echo").code == 0
    assert halo("receipts", "verify").code == 0
    (path,) = home.state("consume").rglob("consume.db")
    with sqlite3.connect(path) as changed:
        changed.execute("UPDATE consumer_audit SET reason = 'nothing happened' WHERE id = 1")
    said = halo("receipts", "verify")
    assert said.code == 1 and "do not follow" in said.err


def test_exports(consumer: str, halo: Halo, home: Home) -> None:
    halo("pay", "--model", "mock-echo")
    target = home.root / "out.json"
    assert halo("receipts", "export", "--format", "json", "-o", str(target)).code == 0
    (row,) = json.loads(target.read_text())
    assert (
        row["state"] == "settled"
        and row["transaction"].startswith("0x")
        and int(row["chargedBase"]) > 0
    )
    assert target.stat().st_mode & 0o077 == 0
    assert halo("receipts", "list", "--since", "1h").out.count("mock-echo") == 1
    assert "nothing was paid" in halo("receipts", "list", "--since", "0s").out
    assert halo("receipts", "list", "--since", "soon").code == 2
    nowhere = halo("receipts", "export", "-o", str(home.root / "none" / "out.csv"))
    assert nowhere.code == 1 and "out.csv': No such file or directory" in nowhere.err
