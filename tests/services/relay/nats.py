"""A NATS server of our own, from a wheel, that can be killed and started again."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest


class NatsServer:
    """Listens on one port for as long as it runs."""

    def __init__(self) -> None:
        with socket.socket() as probe, socket.socket() as other:
            probe.bind(("127.0.0.1", 0))
            other.bind(("127.0.0.1", 0))
            self.port, self._monitor = probe.getsockname()[1], other.getsockname()[1]
        self.url = f"nats://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        binary = Path(sys.executable).with_name("nats-server")
        self._process = subprocess.Popen(
            [str(binary), "-a", "127.0.0.1", "-p", str(self.port), "-m", str(self._monitor)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert time.monotonic() < deadline and self._process.poll() is None
                time.sleep(0.02)
            else:
                return

    def connections(self) -> int:
        """How many clients the server takes to be there."""
        told = httpx.get(f"http://127.0.0.1:{self._monitor}/connz", timeout=5).json()
        return int(told["num_connections"])

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(20)


@pytest.fixture
def nats_server() -> Iterator[NatsServer]:
    server = NatsServer()
    server.start()
    yield server
    server.kill()
