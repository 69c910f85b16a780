"""A real facilitator process, killed between any two steps: one payment, one transaction, no loss."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from harness.chain.anvil import Anvil
from harness.chain.keys import LocalSigner
from harness.diamond.tokens import FwUsd
from harness.protocol.authorization import TRANSFER

from .conftest import PRICE, START, WEI, Wire

POINTS = {
    "facilitator.verified": False,
    "facilitator.intent": False,
    "journal.reserving": False,
    "outbox.signed": False,
    "outbox.broadcast": True,
}


@contextmanager
def process(
    anvil: Anvil, tmp_path: Path, key_file: Path, crash_at: str | None = None, *more: str
) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "FACETWORKS_STATE": str(tmp_path / "state")}
    if crash_at:
        environment["FACETWORKS_CRASH_AT"] = crash_at
    with (tmp_path / "log").open("a") as log:
        running = subprocess.Popen(
            [
                sys.executable, "-m", "harness.cli.facetworks", "facilitator", "--rpc", anvil.url,
                "--key-file", str(key_file), "--listen", f"127.0.0.1:{port}", *more,
            ],
            env=environment, stdout=log, stderr=log, text=True,
        )  # fmt: skip
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
    try:
        deadline = time.monotonic() + 30
        while True:
            assert running.poll() is None, (tmp_path / "log").read_text()
            try:
                client.get("/health")
            except httpx.TransportError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            else:
                break
        yield client, running
    finally:
        client.close()
        running.terminate()
        running.wait(40)


@pytest.fixture
def key_file(anvil: Anvil, tmp_path: Path) -> Path:
    key = LocalSigner.generate()
    anvil.chain.set_balance(key.address, WEI)
    path = tmp_path / "gas.key"
    path.touch(0o600)
    path.write_text("0x" + key._secret.hex())
    return path


def address_in(key_file: Path) -> str:
    return LocalSigner(bytes.fromhex(key_file.read_text()[2:])).address


@pytest.mark.parametrize("point", POINTS)
def test_killed_and_restarted_it_pays_exactly_once(
    anvil: Anvil, tmp_path: Path, key_file: Path, wire: Wire, dollar: FwUsd, point: str
) -> None:
    signed = wire.authorise()
    body = wire.body(signed)
    digest = "0x" + signed.authorization.digest(TRANSFER, dollar.domain.separator).hex()
    with process(anvil, tmp_path, key_file, point) as (client, running):
        with pytest.raises(httpx.TransportError):
            client.post("/settle", json=body)
        assert running.wait(10) == 137
    anvil.chain.mine()
    assert (dollar.balance_of(wire.payee) == PRICE) is POINTS[point]
    with process(anvil, tmp_path, key_file) as (client, _):
        if point != "facilitator.verified":  # everything later is finished without being asked
            deadline = time.monotonic() + 20
            while client.get(f"/settlements/{digest}").json().get("state") != "settled":
                assert time.monotonic() < deadline
                time.sleep(0.1)
            assert dollar.balance_of(wire.payee) == PRICE
        answer = client.post("/settle", json=body).json()
        assert answer["success"], answer
    assert dollar.balance_of(wire.payee) == PRICE
    assert dollar.balance_of(wire.payer.address) == START - PRICE
    assert anvil.chain.nonce(address_in(key_file)) == 1


def test_kill_9_while_the_payment_waits_for_a_block(
    anvil: Anvil, tmp_path: Path, key_file: Path, wire: Wire, dollar: FwUsd
) -> None:
    body = wire.body()
    anvil.chain.set_automine(False)
    try:
        with process(anvil, tmp_path, key_file) as (client, running):
            with pytest.raises(httpx.TimeoutException):
                client.post("/settle", json=body, timeout=1.5)
            running.kill()
            running.wait()
        anvil.chain.transport.request("anvil_dropAllTransactions")  # and the node forgot it, too
    finally:
        anvil.chain.set_automine(True)
    assert dollar.balance_of(wire.payee) == 0
    with process(anvil, tmp_path, key_file) as (client, _):
        assert client.post("/settle", json=body).json()["success"]
    assert dollar.balance_of(wire.payee) == PRICE
    assert anvil.chain.nonce(address_in(key_file)) == 1


def test_a_second_process_on_the_same_state_is_refused(
    anvil: Anvil, tmp_path: Path, key_file: Path
) -> None:
    with process(anvil, tmp_path, key_file) as (_, running):
        second = subprocess.run(
            [
                sys.executable, "-m", "harness.cli.facetworks", "facilitator", "--rpc", anvil.url,
                "--key-file", str(key_file), "--listen", "127.0.0.1:0",
            ],
            env={**os.environ, "FACETWORKS_STATE": str(tmp_path / "state")},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert second.returncode == 75
        assert f"in use by process {running.pid}" in second.stderr


def test_sigterm_ends_with_success_and_logs_no_secrets(
    anvil: Anvil, tmp_path: Path, key_file: Path, wire: Wire
) -> None:
    signed = wire.authorise()
    with process(anvil, tmp_path, key_file) as (client, running):
        assert client.post("/settle", json=wire.body(signed)).json()["success"]
        running.terminate()
        assert running.wait(40) == 0
    log = (tmp_path / "log").read_text()
    assert '"event": "settlement settled"' in log
    assert key_file.read_text()[2:] not in log
    assert signed.signature.hex() not in log and signed.signature.hex()[:64] not in log
