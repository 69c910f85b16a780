"""anvil: a node of our own on loopback, started and stopped here, with a clock we can move."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.chain.errors import NodeError
from harness.chain.json_rpc import HttpTransport
from harness.chain.node import NodeChain
from harness.errors import ConfigError
from harness.protocol.addresses import Address

HARDFORK = "prague"
START_SECONDS = 20.0
_PROJECT = Path(__file__).resolve().parents[2]


class AnvilChain(NodeChain):
    """NodeChain with the anvil_* and evm_* methods of DevChain."""

    def advance(self, seconds: int) -> None:
        self.set_time(self.block().timestamp + seconds)

    def set_time(self, timestamp: int) -> None:
        newest = self.block().timestamp
        if timestamp <= newest:
            raise ValueError(f"time {timestamp} is not after the newest block's {newest}")
        self.transport.request("evm_setNextBlockTimestamp", [timestamp])
        self.transport.request("evm_mine")

    def mine(self, blocks: int = 1) -> None:
        self.transport.request("anvil_mine", [hex(blocks)])

    def set_automine(self, enabled: bool) -> None:
        self.transport.request("evm_setAutomine", [enabled])

    def snapshot(self) -> object:
        return _Mark(str(self.transport.request("evm_snapshot")))

    def revert(self, mark: object) -> None:
        if not isinstance(mark, _Mark):
            raise TypeError("not a snapshot of an anvil chain")
        if not self.transport.request("evm_revert", [mark.name]):
            raise NodeError(f"anvil has no snapshot {mark.name}")
        # anvil forgets a snapshot when it is used.
        mark.name = str(self.transport.request("evm_snapshot"))

    def set_balance(self, address: Address, wei: int) -> None:
        self.transport.request("anvil_setBalance", [address, hex(wei)])

    def set_code(self, address: Address, code: bytes) -> None:
        self.transport.request("anvil_setCode", [address, "0x" + code.hex()])


class _Mark:
    def __init__(self, name: str) -> None:
        self.name = name


class Anvil:
    """One anvil process; a context manager. `url` is its address, `chain` talks to it."""

    def __init__(
        self,
        *,
        chain_id: int = 31337,
        port: int = 0,
        accounts: int = 10,
        hardfork: str = HARDFORK,
        options: Sequence[str] = (),
    ) -> None:
        self.port = port or _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.chain = AnvilChain(HttpTransport(self.url), chain_id)
        self._command = [
            anvil_binary(), "--silent", "--host", "127.0.0.1", "--port", str(self.port),
            "--chain-id", str(chain_id), "--accounts", str(accounts),
            "--hardfork", hardfork, *options,
        ]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start and wait until it answers."""
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        deadline = time.monotonic() + START_SECONDS
        while True:
            if (code := self._process.poll()) is not None:
                assert self._process.stderr is not None
                words = self._process.stderr.read().decode("utf-8", "replace").strip()
                raise NodeError(f"anvil ended with status {code}: {words[:400]}")
            try:
                self.chain.block()
            except NodeError:
                if time.monotonic() > deadline:
                    self.stop()
                    raise
                time.sleep(0.02)
            else:
                return self

    def stop(self) -> None:
        """End the process; waiting for it, so that its port is free again."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()
        self._process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def anvil_binary() -> str:
    """The anvil of node_modules, or the one on PATH; ConfigError when there is none."""
    local = _PROJECT / "node_modules" / ".bin" / "anvil"
    if os.access(local, os.X_OK):
        return str(local)
    found = shutil.which("anvil")
    if found is None:
        raise ConfigError("anvil is not installed; run npm ci, or put an anvil on PATH")
    return found


def anvil_available() -> bool:
    """Whether `anvil_binary` would find one."""
    try:
        anvil_binary()
    except ConfigError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
