"""Servers in processes of their own, for as long as a block lasts."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

START_SECONDS = 30.0


@contextlib.contextmanager
def shop(*arguments: str) -> Iterator[int]:
    """A server of `benchmarks.halo.shops`; gives its port once it listens."""
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
        yield port
    finally:
        process.terminate()
        process.wait()
