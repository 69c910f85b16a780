"""The wallet, what is private, what is stored: the parts under `halo setup`."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest

from harness.errors import ConfigError
from harness.halo.chains import network
from harness.halo.chosen import base_units
from harness.halo.config import HaloConfig, Operator, Pricing, load, save
from harness.halo.home import Home
from harness.halo.private import create_private, read_private
from harness.halo.secret_box import seal, unseal
from harness.halo.wallet import Keystore, create, kept_keystore, parse_key, rotate, weakness

KEY = b"\x11" * 32
QUICK = 1 << 10  # scrypt N


def test_a_keystore_is_made_once_and_opens_with_its_passphrase(tmp_path: Path) -> None:
    path = tmp_path / "home" / "keystore.json"
    made = create(path, "Correct-horse-9", KEY, work=QUICK)
    assert made.unlock("Correct-horse-9").address == made.address
    with pytest.raises(ConfigError, match="wrong passphrase"):
        made.unlock("")
    assert not made.opens_without_passphrase and "ciphertext" not in repr(made)
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="never overwritten"):
        create(path, "")
    assert path.read_bytes() == before


def test_a_keystore_that_names_another_address_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "home" / "keystore.json"
    create(path, "", KEY)
    document = json.loads(path.read_text())
    document["address"] = "22" * 20
    path.write_text(json.dumps(document))
    with pytest.raises(ConfigError, match="restore your backup"):
        Keystore.read(path).unlock("")


def test_ethereums_own_tools_read_it(tmp_path: Path) -> None:
    from eth_account import Account

    made = create(tmp_path / "home" / "k.json", "Correct-horse-9", KEY, work=QUICK)
    assert Account.decrypt(made.document, "Correct-horse-9") == KEY


def test_rotating_keeps_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "home" / "keystore.json"
    old = create(path, "", KEY)
    new, kept = rotate(path, "")
    assert new.address != old.address and Keystore.read(path).address == new.address
    assert Keystore.read(kept).unlock("").address == old.address
    assert kept_keystore(path, old.address) == kept and kept_keystore(path, new.address) is None


@pytest.mark.parametrize("text", ["", "0x", "12" * 31, "00" * 32, "ff" * 32, "zz" * 32, "11" * 33])
def test_what_is_no_private_key(text: str) -> None:
    with pytest.raises(ValueError, match="64 hex digits") as refused:
        parse_key(text)
    assert not text or text not in str(refused.value)


def test_passphrases() -> None:
    assert weakness("Short-9") and weakness("alllowercase12")
    assert weakness("Correct-horse") is None and weakness("a long sentence of words") is None


def test_k1_what_others_can_read_or_link_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    path = folder / "secret"
    create_private(path, "x")
    assert read_private(path) == "x" and path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigError, match="exists already"):
        create_private(path, "y")
    assert read_private(path) == "x" and len(list(folder.iterdir())) == 1
    folder.chmod(0o770)
    with pytest.raises(ConfigError, match="chmod 700"):
        read_private(path)
    folder.chmod(0o700)
    (folder / "link").symlink_to(path)
    with pytest.raises(ConfigError, match="symbolic link"):
        read_private(folder / "link")
    path.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        read_private(path)
    monkeypatch.setenv("FACETWORKS_ALLOW_OPEN_KEYS", "1")
    assert read_private(path) == "x"


def test_sealed_secrets_open_with_their_passphrase_and_unchanged_only() -> None:
    sealed = seal("sk-key", "passphrase")
    assert unseal(sealed, "passphrase") == "sk-key" and "sk-key" not in sealed.model_dump_json()
    with pytest.raises(ConfigError, match="does not open"):
        unseal(sealed, "another")
    flipped = sealed.model_copy(update={"data": f"{int(sealed.data, 16) ^ 1:0{len(sealed.data)}x}"})
    with pytest.raises(ConfigError, match="does not open"):
        unseal(flipped, "passphrase")
    with pytest.raises(ValueError, match="encrypts nothing"):
        seal("x", "")


def test_the_configuration_survives_writing_to_the_digit(tmp_path: Path) -> None:
    path = tmp_path / "home" / "config.json"
    pricing = Pricing(mode="flat", flat_usdc_per_1k_tokens=Decimal("0.000123"))
    made = HaloConfig(
        operator=Operator(address="0x" + "11" * 20, keystore_path="k"), pricing=pricing
    )
    save(path, made)
    found = load(path)
    assert found == made and found.pricing is not None
    assert found.pricing.flat_usdc_per_1k_tokens == Decimal("0.000123")


def test_a_broken_file_does_not_put_its_keys_on_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "home" / "config.json"
    save(path, HaloConfig(operator=Operator(address="0x" + "11" * 20, keystore_path="k")))
    document = json.loads(path.read_text())
    document["providers"] = [{"slug": 5, "apiKey": "sk-very-secret"}]
    path.write_text(json.dumps(document))
    with pytest.raises(ConfigError, match=r"providers\.0\.slug") as refused:
        load(path)
    assert "sk-very-secret" not in str(refused.value)


def test_networks_by_name_and_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACETWORKS_STATE", str(tmp_path))
    assert network("base").chain_id == 8453
    for named, told in (("bese", "one of"), ("devnet", "facetworks devnet up")):
        with pytest.raises(ConfigError, match=told):
            network(named)
    for text, told in (
        (b"{}", "'usdc' is missing"),
        (b"[]", "no JSON object"),
        (b"\xff", "is not UTF-8 text"),
    ):
        (tmp_path / "devnet.json").write_bytes(text)
        with pytest.raises(ConfigError, match=f"does not describe a chain: .*{told}"):
            network("devnet")


def test_amounts_and_places(monkeypatch: pytest.MonkeyPatch) -> None:
    assert base_units(Decimal("0.05")) == 50_000
    with pytest.raises(ConfigError, match="six decimals"):
        base_units(Decimal("0.0000001"))
    home = Home.find({"HALO_HOME": "/srv/halo", "HALO_KEYSTORE_PATH": "~/k.json"})
    assert home.keystore == Path.home() / "k.json" and home.state("serve") == Path(
        "/srv/halo/serve"
    )


def test_k1_a_secret_is_taken_out_of_the_process_title(monkeypatch: pytest.MonkeyPatch) -> None:
    from harness.cli.halo.parameters import hide

    titles = ["halo consume --api-key hunter2"]
    library = ModuleType("setproctitle")
    library.getproctitle = lambda: titles[-1]  # type: ignore[attr-defined]
    library.setproctitle = titles.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "setproctitle", library)
    hide("hunter2")
    assert titles[-1] == "halo consume --api-key ***"
