"""The folder of a devnet: journals, two Halo homes, and the file that describes it to `halo --chain devnet`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from harness.errors import ConfigError
from harness.store.files import ProcessLock, private_directory, write_atomically

_MARK = ".facetworks-devnet"


class Folder:
    """A folder that is a devnet's and nothing else's: only such a one is ever emptied."""

    def __init__(self, root: Path) -> None:
        if root.exists() and any(root.iterdir()) and not (root / _MARK).exists():
            raise ConfigError(f"{root} holds other things; name an empty folder with --state")
        self.root = private_directory(root)
        (root / _MARK).touch(mode=0o600)
        self._lock = ProcessLock(root)

    @property
    def description(self) -> Path:
        """`~/.facetworks/devnet.json` for `~/.facetworks/devnet`."""
        return self.root.with_suffix(".json")

    def open(self, keep: bool) -> None:
        """Take the lock; unless `keep`, forget an earlier devnet. Raises StateLocked."""
        self._lock.acquire()
        if not keep:
            self.empty()

    def empty(self) -> None:
        for entry in self.root.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)

    def close(self) -> None:
        self._lock.release()
        self.description.unlink(missing_ok=True)

    def describe(self, document: dict[str, Any]) -> None:
        write_atomically(self.description, json.dumps(document, indent=2) + "\n")

    def service(self, name: str) -> Path:
        """Where a service keeps its state."""
        return private_directory(self.root / name)

    def home(self, role: str) -> Path:
        """A Halo home, as ~/.halo is one."""
        return private_directory(self.root / f"halo-{role}")
