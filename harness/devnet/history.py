"""What happened on a devnet, kept on disk: replayed, it gives the same chain again.

One JSON object a line, written and synchronised before a transaction's sender hears of it. A line that
a crash cut short is dropped when the file is read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.chain.embedded import EmbeddedChain
from harness.errors import ConfigError
from harness.store.files import private_file


class History:
    """An append-only file of what changed a chain."""

    def __init__(self, path: Path) -> None:
        self.path = private_file(path)
        self._drop_a_cut_line()
        self._file = path.open("ab")

    def add(self, entry: dict[str, Any]) -> None:
        """Write an entry and wait until it is on disk."""
        self._file.write(json.dumps(entry, separators=(",", ":")).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def size(self) -> int:
        """Bytes written; `truncate` goes back to them."""
        return self._file.tell()

    def truncate(self, size: int) -> None:
        """Forget everything after `size` bytes, as a snapshot that is reverted to asks."""
        self._file.truncate(size)
        self._file.seek(0, os.SEEK_END)

    def entries(self) -> Iterator[dict[str, Any]]:
        for number, line in enumerate(self.path.read_bytes().splitlines(), 1):
            try:
                yield json.loads(line)
            except ValueError:
                raise ConfigError(
                    f"{self.path}:{number} is damaged; start anew with --reset"
                ) from None

    def close(self) -> None:
        self._file.close()

    def _drop_a_cut_line(self) -> None:
        data = self.path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole != len(data):
            os.truncate(self.path, whole)


def replay(chain: EmbeddedChain, history: History) -> int:
    """Bring a chain at its genesis to where the history ends; how many transactions that took.

    What made a block, or waits to be in one, is done again at the same height and time: a transaction that
    came, waiting ones that were mined together, automine turned on or off."""
    count = 0
    for entry in history.entries():
        if "block" in entry:
            _fill(chain, entry["block"] - 1)
            chain.follow_clock(entry["time"])
        if "raw" in entry:
            chain.broadcast(bytes.fromhex(entry["raw"]))
            count += 1
        elif "mined" in entry:
            chain.mine()
        elif "automine" in entry:
            chain.set_automine(entry["automine"])
        elif "height" in entry:
            _fill(chain, entry["height"])
        elif "balance" in entry:
            chain.set_balance(entry["of"], int(entry["balance"]))
        elif "code" in entry:
            chain.set_code(entry["of"], bytes.fromhex(entry["code"]))
        elif "time" in entry:
            chain.set_time(entry["time"])
    return count


def _fill(chain: EmbeddedChain, height: int) -> None:
    """Empty blocks are not kept one by one; their number is."""
    while chain.block().number < height:
        chain.follow_clock(0)
        chain.mine()
