"""A devnet that runs in another process, found by the file that describes it."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from harness.chain.anvil import AnvilChain
from harness.chain.errors import NodeError
from harness.chain.journal import MemoryJournal
from harness.chain.json_rpc import HttpTransport
from harness.chain.outbox import Outbox
from harness.devnet.options import DevnetOptions
from harness.devnet.world import dev_key
from harness.diamond.tokens import FwCredits, FwUsd
from harness.errors import HarnessError
from harness.protocol.addresses import Address
from harness.store.files import lock_holder

STOP_SECONDS = 45.0


@dataclass(frozen=True)
class Joined:
    """Its description, and its chain over HTTP."""

    root: Path
    document: Mapping[str, Any]
    chain: AnvilChain

    @classmethod
    def find(cls, state: Path | None) -> Joined:
        """HarnessError when no devnet of this folder runs."""
        root = state or DevnetOptions().state
        try:
            document = json.loads(root.with_suffix(".json").read_text("utf-8"))
        except (OSError, ValueError):
            raise HarnessError(
                f"no devnet runs in {root}; start one: facetworks devnet up"
            ) from None
        return cls(root, document, AnvilChain(HttpTransport(document["rpcUrls"][0])))

    def health(self) -> dict[str, Any]:
        """Every part by name, whether it answers well, and where it is."""
        parts = {"chain": {"ok": self._chain_answers(), "url": self.document["rpcUrls"][0]}}
        for name in ("facilitator", "relay", "indexer", "sidecar"):
            url = self.document[f"{name}Url"].removesuffix("/v1")
            parts[name] = {"ok": _answers(f"{url}/health"), "url": url}
        return {**self.document, "parts": parts}

    def give(self, receiver: Address, dollars: int, credits: int, wei: int) -> None:
        """Base units of the dollar, wei of $LH, wei of gas money."""
        owner = Outbox(self.chain, dev_key("owner"), MemoryJournal())
        self.chain.set_balance(receiver, self.chain.balance(receiver) + wei)
        if dollars:
            FwUsd(self.chain, self.document["usdc"]["address"], owner).mint(receiver, dollars)
        if credits:
            FwCredits(self.chain, self.document["creditsAddress"], owner).mint(receiver, credits)

    def stop(self) -> int:
        """Ask the process to end and wait until it has; its number."""
        process = lock_holder(self.root / "lock")
        if process is None:  # killed: its number may be another program's by now
            self.root.with_suffix(".json").unlink(missing_ok=True)
            raise HarnessError(f"the devnet of {self.root} does not run any more; it was killed")
        os.kill(process, signal.SIGINT)
        deadline = time.monotonic() + STOP_SECONDS
        while self.root.with_suffix(".json").exists():
            if time.monotonic() > deadline:
                raise HarnessError(f"process {process} does not stop; look at its terminal")
            time.sleep(0.05)
        return process

    def _chain_answers(self) -> bool:
        try:
            self.chain.block()
        except NodeError:
            return False
        return True


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=3) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
