"""Relays on loopback, as uvicorn runs them in production."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from harness.services.relay.app import build_app, build_office, server_options
from harness.services.relay.office import Office
from harness.services.relay.settings import RelaySettings


@dataclass
class Running:
    """A relay that serves on loopback."""

    url: str
    office: Office

    def client(self, **options: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self.url, timeout=30, verify=False, **options
        )  # no TLS here

    def counted(self, name: str, **labels: str) -> float:
        """A counter's value now."""
        full = f"facetworks_relay_{name}"
        return self.office.metrics.registry.get_sample_value(full, labels) or 0.0


class ThreadedRelay:
    """A relay in a thread of its own."""

    def __init__(self, settings: RelaySettings) -> None:
        self.office = build_office(settings)
        app = build_app(settings, self.office)
        config = uvicorn.Config(app, host="127.0.0.1", port=0, **server_options(settings))
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def start(self) -> Running:
        self._thread.start()
        deadline = time.monotonic() + 20
        while not self._server.started:
            assert self._thread.is_alive() and time.monotonic() < deadline, "relay did not start"
            time.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return Running(f"http://127.0.0.1:{port}", self.office)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)


@pytest.fixture
def start_relay(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """A function that starts a relay with these settings."""
    started: list[ThreadedRelay] = []

    def start(**changes: Any) -> Running:
        values = {"state": tmp_path / f"relay{len(started)}", "node_id": f"n{len(started)}"}
        relay = ThreadedRelay(RelaySettings(**values | changes))
        started.append(relay)
        return relay.start()

    yield start
    for relay in reversed(started):
        relay.stop()


@pytest.fixture(scope="session")
def shared_relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    state = tmp_path_factory.mktemp("relay") / "state"
    relay = ThreadedRelay(
        RelaySettings(
            state=state, node_id="n0", requests_per_minute=100_000, connects_per_minute=100_000
        )
    )
    yield relay.start()
    relay.stop()


@pytest.fixture
def relay(shared_relay: Running) -> Running:
    """A relay with the usual settings and nobody connected; tests share it to save time."""
    deadline = time.monotonic() + 10
    while shared_relay.office.directory.links or shared_relay.office.inflight:
        assert time.monotonic() < deadline, "an earlier test left something behind"
        time.sleep(0.01)
    return shared_relay
