"""What setup finds in a home before it changes anything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.errors import ConfigError
from harness.halo.config import HaloConfig, load_if_present
from harness.halo.home import Home
from harness.halo.passphrases import keystore_path
from harness.halo.wallet import Keystore, kept_keystore


@dataclass(frozen=True)
class Found:
    """`interrupted`: a rotation put the configured wallet aside and ended before the configuration was
    written. `config` and `keystore` are None where there is none."""

    home: Home
    path: Path  # the keystore's place
    config: HaloConfig | None
    keystore: Keystore | None
    interrupted: Path | None = None

    @property
    def orphaned(self) -> bool:
        """A wallet without a configuration: an earlier setup ended in between."""
        return self.keystore is not None and self.config is None


def survey(home: Home) -> Found:
    """ConfigError when what is there contradicts itself, and then nothing is decided for the user."""
    config = load_if_present(home.config)
    path = keystore_path(config, home) if config else home.keystore
    there = path.exists() or path.is_symlink()
    keystore = Keystore.read(path) if there else None
    if config is None or keystore is None or keystore.address == config.operator.address:
        return Found(home, path, config, keystore)
    kept = kept_keystore(path, config.operator.address)
    if kept is None:
        raise ConfigError(
            f"{path} holds {keystore.address}, {home.config} says {config.operator.address}; "
            "put the right keystore back, or unset HALO_KEYSTORE_PATH"
        )
    return Found(home, path, config, keystore, kept)
