"""How a wallet is opened: no passphrase in unattended mode, else HALO_PASSPHRASE, else a question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.chain.keys import LocalSigner
from harness.errors import ConfigError, HarnessError
from harness.halo.chosen import environment
from harness.halo.config import HaloConfig, load
from harness.halo.home import Home
from harness.halo.wallet import Keystore

VARIABLE = "HALO_PASSPHRASE"
Prompt = Callable[[], str]


@dataclass(frozen=True)
class Unlocked:
    """A wallet that can sign. `passphrase` also opens stored API keys; it is never shown."""

    signer: LocalSigner
    passphrase: str
    unattended: bool

    def __repr__(self) -> str:
        return f"Unlocked({self.signer.address})"


def keystore_path(config: HaloConfig, home: Home, named: Path | None = None) -> Path:
    """Flag over HALO_KEYSTORE_PATH over config.json."""
    return named or home.keystore_override or Path(config.operator.keystore_path).expanduser()


def find_passphrase(
    unattended: bool, prompt: Prompt | None, environ: Mapping[str, str] | None = None
) -> str:
    """The passphrase; HarnessError with both remedies when there is nobody to ask."""
    if unattended:
        return ""
    found = environment(environ).get(VARIABLE)
    if found is not None:
        return found
    if prompt is None:
        raise HarnessError(
            f"the wallet has a passphrase and there is no terminal to ask on; set {VARIABLE}, "
            "or use an unattended wallet (halo setup --no-wallet-passphrase)"
        )
    return prompt()


def unlock(
    config: HaloConfig,
    home: Home,
    prompt: Prompt | None,
    *,
    keystore: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Unlocked:
    """The wallet of this configuration, or of the keystore that is named.

    ConfigError when the keystore is missing, open to others, locked by another passphrase, or holds
    another account than the configuration says.
    """
    found = Keystore.read(keystore_path(config, home, keystore))
    if keystore is None and found.address != config.operator.address:
        raise ConfigError(
            f"{found.path} holds {found.address}, {home.config} says {config.operator.address}; "
            "run halo setup, or name the right file in HALO_KEYSTORE_PATH"
        )
    unattended = (
        config.operator.no_passphrase if keystore is None else found.opens_without_passphrase
    )
    passphrase = find_passphrase(unattended, prompt, environ)
    return Unlocked(found.unlock(passphrase), passphrase, unattended)


def load_for_use(home: Home) -> HaloConfig:
    """The configuration; when setup never finished, ConfigError in the words that users search for."""
    if not home.config.exists() and not home.config.is_symlink():
        raise ConfigError(f"keystore not found: nothing is set up in {home.root}; run: halo setup")
    return load(home.config)
