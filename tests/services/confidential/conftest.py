"""A simulated enclave on loopback, with its certification service."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn

from harness.confidential.simulated import SimulatedEnclave, build_app

MODEL = "mock-echo"


@dataclass
class Provider:
    """The enclave and where it answers."""

    enclave: SimulatedEnclave
    origin: str

    @property
    def base(self) -> str:
        return f"{self.origin}/v1"

    def policy(self, **changes: Any) -> Any:
        return self.enclave.policy(self.origin, **changes)


@pytest.fixture(scope="session")
def served() -> Iterator[Callable[[SimulatedEnclave], str]]:
    """Serves enclaves until the session ends; gives their origin."""
    servers: list[tuple[uvicorn.Server, threading.Thread]] = []

    def serve(enclave: SimulatedEnclave) -> str:
        server = uvicorn.Server(uvicorn.Config(build_app(enclave), port=0, log_level="error"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        servers.append((server, thread))
        while not server.started:
            time.sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    yield serve
    for server, _ in servers:
        server.should_exit = True
    for _, thread in servers:
        thread.join(5)


@pytest.fixture(scope="session")
def _provider(served: Callable[[SimulatedEnclave], str]) -> Provider:
    enclave = SimulatedEnclave(models=(MODEL, "other"))
    return Provider(enclave, served(enclave))


@pytest.fixture
def provider(_provider: Provider) -> Iterator[Provider]:
    """Honest at the start of each test."""
    enclave = _provider.enclave
    enclave.fault, enclave.attested = None, 0
    enclave.seen.clear()
    yield _provider
    enclave.fault = None
