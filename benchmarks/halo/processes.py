"""Servers in processes of their own, for as long as a block lasts."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 30.0


@dataclass(frozen=True)
class Shop:
    """A server that listens on `port`."""

    port: int
    pid: int

    def processor(self) -> float:
        """Seconds of processor time it has used: what other work on the machine does not change."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def shop(*arguments: str) -> Iterator[Shop]:
    """A server of `benchmarks.halo.shops`, given once it listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    kind, *rest = arguments
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.halo.shops", kind, str(port), *rest]
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{kind} did not start")
            time.sleep(0.05)
        yield Shop(port, process.pid)
    finally:
        process.terminate()
        process.wait()
