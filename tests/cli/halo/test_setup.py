"""`halo setup` by flags: what is stored, what is kept, what is refused; never a prompt, never a secret."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from decimal import Decimal

import pytest

from harness import faults
from harness.halo.config import HaloConfig
from harness.halo.home import Home
from harness.halo.secret_box import EncryptedSecret, unseal
from harness.halo.wallet import Keystore, create
from harness.inference.presets import PRESETS
from tests.services.conftest import ThreadedServer

from .conftest import PROVIDER_KEY, QUICK, Indexer, Said, process

Halo = Callable[..., Said]
Config = Callable[[], HaloConfig]
PASSPHRASE = "Correct-horse-9"


def mode(path: os.PathLike[str]) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


@pytest.mark.parametrize("slug", PRESETS)
def test_each_provider_is_set_up_without_a_question(
    slug: str, halo: Halo, home: Home, config: Config, indexer: Indexer
) -> None:
    key = ["--api-key", PROVIDER_KEY] if PRESETS[slug].keyed else []
    url = ["--base-url", "http://127.0.0.1:9/v1"] if slug == "custom" else []
    words = (
        "--provider",
        slug,
        *key,
        *url,
        "--models",
        "m-1",
        "--margin",
        "20",
        "--fallback-cents",
        "1",
    )
    said = halo("setup", *words, "--no-wallet-passphrase", "--with-pairing")
    assert said.code == 0, said.err
    assert said.out.rstrip().splitlines()[-1] in indexer.codes
    assert mode(home.root) == 0o700 and mode(home.config) == mode(home.keystore) == 0o600
    stored = config()
    assert stored.providers[0].slug == slug and stored.providers[0].models == ["m-1"]
    assert stored.providers[0].api_key == (PROVIDER_KEY if key else None)
    assert stored.operator.no_passphrase and stored.pricing is not None
    assert stored.pricing.fallback_per_request_usdc == 10_000
    assert ("publishes no prices" in said.err) == (not PRESETS[slug].priced)
    assert Keystore.read(home.keystore).unlock("").address == stored.operator.address
    assert PROVIDER_KEY not in said.out + said.err


def test_without_a_choice_prices_are_those_that_can_be_computed(halo: Halo, config: Config) -> None:
    expected = {
        "ollama": ("flat", "0.0005"),
        "openai": ("flat", "0.001"),
        "openrouter": ("margin", "30"),
        "near": ("margin", "20"),
    }
    for slug, (kind, amount) in expected.items():
        said = halo(
            "setup",
            "--provider",
            slug,
            "--api-key",
            PROVIDER_KEY,
            "--models",
            "m",
            "--no-wallet-passphrase",
        )
        assert said.code == 0 and "publishes no prices" not in said.err
        pricing = config().pricing
        assert pricing is not None and pricing.mode == kind
        assert (
            pricing.margin_percent if kind == "margin" else pricing.flat_usdc_per_1k_tokens
        ) == Decimal(amount)


def test_values_are_stored_as_given(halo: Halo, config: Config) -> None:
    words = (
        "--models",
        "id1, id2,id3,id1",
        "--flat",
        "0.0005",
        "--label",
        "my-operator",
        "--data-retention",
        "none",
    )
    assert halo("setup", *QUICK, *words, "--fallback-cents", "0.25").code == 0
    stored = config()
    assert stored.providers[0].models == ["id1", "id2", "id3"]
    assert stored.operator.label == "my-operator" and stored.operator.data_retention == "none"
    assert stored.pricing is not None and stored.pricing.fallback_per_request_usdc == 2_500
    assert stored.pricing.flat_usdc_per_1k_tokens == Decimal("0.0005")
    assert halo("setup", "--margin", "25").code == 0
    pricing = config().pricing
    assert pricing is not None and pricing.mode == "margin" and pricing.margin_percent == 25
    assert pricing.fallback_per_request_usdc == 2_500


def test_the_wallet_is_kept_and_so_is_what_was_not_mentioned(
    halo: Halo, home: Home, config: Config
) -> None:
    assert halo("setup", *QUICK, "--models", "a", "--label", "first").code == 0
    wallet, address = home.keystore.read_bytes(), config().operator.address
    said = halo("setup", "--label", "second")
    assert said.code == 0 and address in said.out and "kept" in said.out
    assert home.keystore.read_bytes() == wallet
    assert config().operator.label == "second" and config().providers[0].models == ["a"]


def test_unknown_members_of_the_file_survive(halo: Halo, home: Home) -> None:
    halo("setup", *QUICK, "--models", "a")
    document = json.loads(home.config.read_text())
    document["future"] = {"deep": [1]}
    document["operator"]["colour"] = "blue"
    document["providers"][0]["weight"] = 3
    home.config.write_text(json.dumps(document))
    assert halo("setup", "--label", "x").code == 0
    written = json.loads(home.config.read_text())
    assert written["future"] == {"deep": [1]} and written["operator"]["colour"] == "blue"
    assert written["providers"][0]["weight"] == 3


def test_adding_a_provider_keeps_the_others_and_their_prices(
    halo: Halo, home: Home, config: Config
) -> None:
    assert (
        halo("setup", "--add-provider", "--provider", "near", "--api-key", PROVIDER_KEY).code == 1
    )
    assert halo("setup", "--add-provider").code == 2
    halo("setup", *QUICK, "--models", "a", "--flat", "0.002")
    wallet = home.keystore.read_bytes()
    said = halo(
        "setup",
        "--add-provider",
        "--provider",
        "near",
        "--api-key",
        PROVIDER_KEY,
        "--models",
        "n1,n2",
        "--margin",
        "20",
    )
    assert said.code == 0 and home.keystore.read_bytes() == wallet
    first, second = config().providers
    assert (first.slug, second.slug, second.models) == ("mock", "near", ["n1", "n2"])
    assert config().pricing is not None and config().pricing.mode == "flat"  # type: ignore[union-attr]
    assert second.pricing is not None and second.pricing.mode == "margin"
    assert "replaces mock, near" in halo("setup", "--provider", "ollama", "--models", "l").err


@pytest.mark.parametrize(
    "key",
    ["sk-or-…1955", "sk-...abcdefghijklmnopqrst", "sk-***abcdefghijklmnopqrst", "sk-••abcdefghijklmnopqrst",
     "sk-short", "…", "sk-abcdefghij klmnopqrstuvw"],
)  # fmt: skip
def test_k2_masked_and_truncated_keys_are_refused(key: str, halo: Halo, home: Home) -> None:
    said = halo(
        "setup",
        "--provider",
        "openrouter",
        "--api-key",
        key,
        "--models",
        "m",
        "--no-wallet-passphrase",
    )
    assert said.code == 1 and "full, exact key" in said.err
    assert not home.config.exists() and not home.keystore.exists()


@pytest.mark.parametrize(
    "given", [PROVIDER_KEY, f"  {PROVIDER_KEY}\n", f"Bearer {PROVIDER_KEY}", f'"{PROVIDER_KEY}"']
)
def test_a_good_key_is_stored_to_the_byte(given: str, halo: Halo, config: Config) -> None:
    assert (
        halo(
            "setup",
            "--provider",
            "groq",
            "--api-key",
            given,
            "--models",
            "m",
            "--no-wallet-passphrase",
        ).code
        == 0
    )
    assert config().providers[0].api_key == PROVIDER_KEY


def test_a_key_can_come_from_the_environment_or_standard_input(
    halo: Halo, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("setup", "--provider", "groq", "--models", "m", "--no-wallet-passphrase", "--api-key")
    monkeypatch.setenv("MY_KEY", PROVIDER_KEY)
    said = halo(*words, "env:MY_KEY")
    assert (
        said.code == 0 and "note:" not in said.err and config().providers[0].api_key == PROVIDER_KEY
    )
    assert halo(*words, "-", stdin=PROVIDER_KEY[::-1] + "\n").code == 0
    assert config().providers[0].api_key == PROVIDER_KEY[::-1]
    assert halo(*words, "env:NOT_SET").code == 2
    assert "command line can be read" in halo(*words, PROVIDER_KEY).err


def test_keys_are_encrypted_with_the_wallets_passphrase(
    halo: Halo, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("setup", "--provider", "groq", "--models", "m", "--api-key", PROVIDER_KEY)
    assert halo(*words).code == 1  # nobody can choose a passphrase
    monkeypatch.setenv("HALO_PASSPHRASE", "weak")
    assert "too short" in halo(*words).err
    monkeypatch.setenv("HALO_PASSPHRASE", PASSPHRASE)
    assert halo(*words).code == 0
    key = config().providers[0].api_key
    assert isinstance(key, EncryptedSecret) and unseal(key, PASSPHRASE) == PROVIDER_KEY
    assert not config().operator.no_passphrase
    monkeypatch.setenv("HALO_PASSPHRASE", "Another-horse-9")
    assert halo(*words).code == 78  # else the key would be sealed under a word that opens nothing
    monkeypatch.delenv("HALO_PASSPHRASE")
    assert halo("setup", "--label", "needs no passphrase").code == 0
    assert (
        halo(*words, "--no-encrypt-api-key").code == 0
        and config().providers[0].api_key == PROVIDER_KEY
    )


def test_unattended_mode_cannot_encrypt_and_says_so(halo: Halo, config: Config) -> None:
    said = halo(
        "setup",
        "--provider",
        "groq",
        "--models",
        "m",
        "--api-key",
        PROVIDER_KEY,
        "--no-wallet-passphrase",
        "--encrypt-api-key",
    )
    assert said.code == 0 and "--encrypt-api-key is ignored" in said.err
    assert said.out.count("unattended mode") == 1  # the trade-off, once
    assert config().providers[0].api_key == PROVIDER_KEY


def test_without_a_terminal_the_missing_flags_are_named(halo: Halo, home: Home) -> None:
    said = halo("setup")
    assert said.code == 1 and "--provider" in said.err and "--no-wallet-passphrase" in said.err
    said = halo("setup", "--provider", "openai", "--models", "m", "--no-wallet-passphrase")
    assert said.code == 1 and "--api-key" in said.err
    assert halo("setup", "--provider", "custom", "--no-wallet-passphrase").code == 2
    assert not home.keystore.exists()


@pytest.mark.parametrize(
    "words",
    [("--margin", "3", "--flat", "2"), ("--confirm", "0x" + "11" * 20), ("--consume-port", "9000"),
     ("--no-consume", "--consume-model", "m"), ("--add-provider", "--rotate-wallet", "--provider", "mock"),
     ("--consume", "--consume-model", "x", "--consume-allow", "a,b"), ("--consume-port", "70000"),
     ("--label", "x" * 65), ("--label", "two\nlines"),
     ("--fallback-cents", "0.00001"), ("--relay-url", "relay.example"), ("--vault-address", "0x12")],
    ids=" ".join,
)  # fmt: skip
def test_contradictions_are_wrong_usage_and_change_nothing(
    words: tuple[str, ...], halo: Halo, home: Home
) -> None:
    assert halo("setup", *QUICK, *words).code == 2
    assert not home.config.exists() and not home.keystore.exists()


def test_the_consumer_profile(halo: Halo, config: Config) -> None:
    said = halo(
        "setup", "--provider", "openai", "--models", "gpt-4o-mini", "--no-wallet-passphrase", "--consume",
        "--consume-model", "gpt-4o-mini", "--consume-allow", "gpt-4o-mini,meta-llama/llama-3.1-8b-instruct",
        "--consume-max-usdc", "0.05", "--consume-port", "8799",
    )  # fmt: skip
    assert said.code == 0 and config().operator.address in said.out
    assert "fine to consume" in said.err  # a pure consumer needs no key
    profile = config().consume
    assert profile is not None and profile.default_model == "gpt-4o-mini" and profile.port == 8799
    assert profile.allowed_models == ["gpt-4o-mini", "meta-llama/llama-3.1-8b-instruct"]
    assert profile.max_usdc == Decimal("0.05")
    halo("setup", "--consume-allow", "any")
    profile = config().consume
    assert profile is not None and profile.allowed_models is None and profile.port == 8799
    halo("setup", "--label", "x")
    assert config().consume is not None
    halo("setup", "--no-consume")
    assert config().consume is None


def test_models_are_listed_by_the_provider_when_none_is_named(halo: Halo, config: Config) -> None:
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    listed = {"data": [{"id": f"local-{n}"} for n in range(60)]}
    app = Starlette(routes=[Route("/v1/models", lambda _: JSONResponse(listed))])
    with ThreadedServer(app) as url:
        words = (
            "setup",
            "--provider",
            "custom",
            "--base-url",
            url + "/v1",
            "--no-wallet-passphrase",
        )
        assert halo(*words).code == 0
        assert config().providers[0].models == [f"local-{n}" for n in range(50)]
        said = halo(
            "setup",
            "--provider",
            "groq",
            "--base-url",
            url + "/v1",
            "--api-key",
            PROVIDER_KEY,
            "--no-wallet-passphrase",
        )  # a paid account's sixty models are not put on sale unseen
        assert (
            said.code == 0 and "none was chosen" in said.err and config().providers[0].models == []
        )
    assert (
        "could be listed"
        in halo("setup", "--provider", "ollama", "--base-url", "http://127.0.0.1:9/v1").err
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/v1",
        "ftp://x",
        "http://169.254.169.254/v1",
        "https://u:p@host/v1",
        "nonsense",
    ],
)
def test_base_urls_that_no_provider_has_are_refused(url: str, halo: Halo, home: Home) -> None:
    said = halo("setup", "--provider", "custom", "--base-url", url, "--no-wallet-passphrase")
    assert said.code == 1 and not home.keystore.exists()


# -- the wallet ---------------------------------------------------------------------------------


def test_rotation_needs_the_address_and_keeps_the_old_keystore(
    halo: Halo, home: Home, config: Config
) -> None:
    assert halo("setup", "--rotate-wallet", *QUICK).code == 1  # there is none
    halo("setup", *QUICK, "--models", "a")
    old, before = config().operator.address, home.keystore.read_bytes()
    for confirm in ([], ["--confirm", "0x" + "11" * 20], ["--confirm", "yes"]):
        said = halo("setup", "--rotate-wallet", "--no-wallet-passphrase", *confirm)
        assert said.code == 1 and old in said.err and home.keystore.read_bytes() == before
    said = halo("setup", "--rotate-wallet", "--no-wallet-passphrase", "--confirm", old.lower())
    assert said.code == 0
    assert config().operator.address != old and config().providers[0].models == ["a"]
    (kept,) = home.root.glob(f"keystore.{old}.*.json")
    assert kept.read_bytes() == before and mode(kept) == 0o600


def test_rotation_reencrypts_stored_keys(
    halo: Halo, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALO_PASSPHRASE", PASSPHRASE)
    halo("setup", "--provider", "groq", "--models", "m", "--api-key", PROVIDER_KEY)
    old = config()
    assert halo("setup", "--rotate-wallet", "--confirm", old.operator.address).code == 0
    key = config().providers[0].api_key
    assert isinstance(key, EncryptedSecret) and key != old.providers[0].api_key
    assert unseal(key, PASSPHRASE) == PROVIDER_KEY
    monkeypatch.delenv("HALO_PASSPHRASE")
    monkeypatch.setenv("HALO_PASSPHRASE", PASSPHRASE)
    said = halo(
        "setup", "--rotate-wallet", "--confirm", config().operator.address, "--no-wallet-passphrase"
    )
    assert said.code == 0 and config().providers[0].api_key == PROVIDER_KEY


@pytest.mark.parametrize("how", ["environment", "stdin"])
def test_a_key_is_imported_but_never_from_the_command_line(
    how: str, halo: Halo, home: Home, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("setup", *QUICK, "--wallet-mode", "import")
    said = halo(*words)
    assert said.code == 1 and "HALO_IMPORT_KEY" in said.err
    assert halo(*words, stdin="0x1234").code == 1 and not home.keystore.exists()
    if how == "environment":
        monkeypatch.setenv("HALO_IMPORT_KEY", "0x" + "11" * 32)
        said = halo(*words)
    else:
        said = halo(*words, stdin="11" * 32 + "\n")
    assert (
        said.code == 0 and config().operator.address == "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"
    )
    assert "11" * 32 not in said.out + said.err


def test_a_backup_is_written_only_when_asked_for(halo: Halo, home: Home, config: Config) -> None:
    assert halo("setup", *QUICK, "--key-backup", "file").code == 0
    (backup,) = home.root.glob("backup-*.key")
    assert mode(backup) == 0o600
    from harness.chain.keys import LocalSigner

    assert (
        LocalSigner(bytes.fromhex(backup.read_text().strip()[2:])).address
        == config().operator.address
    )


def test_an_orphaned_keystore_is_adopted(halo: Halo, home: Home, config: Config) -> None:
    kept = create(home.keystore, "")
    said = halo("setup", *QUICK)
    assert said.code == 0 and "did not finish" in said.out
    assert config().operator.address == kept.address and config().operator.no_passphrase


@pytest.mark.parametrize("point", ["setup.wallet", "setup.saved"])
def test_a_killed_setup_loses_no_wallet(point: str, halo: Halo, home: Home, config: Config) -> None:
    said = process("setup", *QUICK, FACETWORKS_CRASH_AT=point)
    assert said.code == faults.EXIT_STATUS
    wallet = Keystore.read(home.keystore).address
    assert halo("setup", *QUICK).code == 0 and config().operator.address == wallet


def test_a_killed_rotation_is_finished_by_the_next_setup(
    halo: Halo, home: Home, config: Config
) -> None:
    halo("setup", *QUICK)
    old = config().operator.address
    words = ("setup", "--rotate-wallet", "--no-wallet-passphrase", "--confirm", old)
    assert process(*words, FACETWORKS_CRASH_AT="setup.wallet").code == faults.EXIT_STATUS
    new = Keystore.read(home.keystore).address
    assert new != old and config().operator.address == old
    said = halo("setup", "--label", "x")
    assert said.code == 0 and "rotation did not finish" in said.out
    assert config().operator.address == new and list(home.root.glob(f"keystore.{old}.*.json"))


def test_k1_open_and_linked_keystores_are_refused(
    halo: Halo, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    halo("setup", *QUICK)
    for wide in (0o644, 0o660, 0o640):
        home.keystore.chmod(wide)
        said = halo("setup", "--label", "x")
        assert said.code == 78 and f"chmod 600 {home.keystore}" in said.err
    monkeypatch.setenv("FACETWORKS_ALLOW_OPEN_KEYS", "1")
    assert halo("setup", "--label", "x").code == 0
    monkeypatch.delenv("FACETWORKS_ALLOW_OPEN_KEYS")
    home.keystore.chmod(0o600)
    elsewhere = home.root / "real.json"
    home.keystore.rename(elsewhere)
    home.keystore.symlink_to(elsewhere)
    assert "symbolic link" in halo("setup", "--label", "x").err
    home.root.chmod(0o770)
    assert halo("setup", "--label", "x").code == 78


def test_a_dry_run_says_it_and_changes_nothing(halo: Halo, home: Home, config: Config) -> None:
    said = halo("setup", *QUICK, "--dry-run")
    assert said.code == 0 and "would make a wallet" in said.out and not home.root.exists()
    halo("setup", *QUICK)
    before = (home.config.read_bytes(), home.keystore.read_bytes())
    said = halo("setup", "--rotate-wallet", "--label", "x", "--dry-run")
    assert "would replace the wallet" in said.out
    assert (home.config.read_bytes(), home.keystore.read_bytes()) == before


def test_two_setups_at_once_are_one(halo: Halo, home: Home) -> None:
    from harness.store.files import ProcessLock

    halo("setup", *QUICK)
    with ProcessLock(home.root):
        said = process("setup", "--label", "x")
    assert said.code == 75 and str(os.getpid()) in said.err


def test_a_failed_pairing_leaves_a_complete_setup(
    halo: Halo, config: Config, indexer: Indexer
) -> None:
    indexer.refuse = 503
    said = halo("setup", *QUICK, "--with-pairing")
    assert said.code == 1 and "only pairing failed" in said.err and "halo link" in said.err
    assert config().operator.address


def test_a_broken_configuration_is_named_and_left_alone(halo: Halo, home: Home) -> None:
    halo("setup", *QUICK)
    for text, told in (
        ("{", "not JSON"), ('{"version": 2}', "newer halo"), ('{"version": 1}', "operator"),
        (home.config.read_text().replace('"margin"', '"dreams"'), "pricing"),
    ):  # fmt: skip
        home.config.write_text(text)
        said = halo("setup", "--label", "x")
        assert said.code == 78 and told in said.err and home.config.read_text() == text
