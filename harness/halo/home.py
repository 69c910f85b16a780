"""Where a user's Halo lives: `~/.halo`, or the folder named by HALO_HOME.

config.json     what setup wrote                 keystore.json   the wallet (HALO_KEYSTORE_PATH moves it)
serve/          the operator's journal           consume/        the sidecar's journal
serve.log …     what the daemons print           service.env     passphrase of installed services
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Role = Literal["serve", "consume"]
ROLES: tuple[Role, ...] = ("consume", "serve")


@dataclass(frozen=True)
class Home:
    """The paths. Nothing is made here."""

    root: Path
    keystore_override: Path | None = None

    @classmethod
    def find(cls, environ: Mapping[str, str] | None = None) -> Home:
        env = os.environ if environ is None else environ
        root = Path(env.get("HALO_HOME") or Path.home() / ".halo").expanduser()
        named = env.get("HALO_KEYSTORE_PATH")
        return cls(root, Path(named).expanduser() if named else None)

    @property
    def config(self) -> Path:
        return self.root / "config.json"

    @property
    def keystore(self) -> Path:
        """Where a new wallet goes, and where an orphaned one is looked for."""
        return self.keystore_override or self.root / "keystore.json"

    @property
    def service_env(self) -> Path:
        return self.root / "service.env"

    def state(self, role: Role) -> Path:
        """The folder of a daemon's journal and lock: one process each."""
        return self.root / role

    @property
    def beside(self) -> Path:
        """Where `halo pay` keeps its journal while a sidecar holds its own."""
        return self.root / "pay"

    def log(self, role: Role) -> Path:
        return self.root / f"{role}.log"

    def errors(self, role: Role) -> Path:
        return self.root / f"{role}.err"

    def pid(self, role: Role) -> Path:
        return self.root / f"{role}.pid"
